"""The beat of a live stream tells nothing of what others do: not when somebody on her side keeps or sees something.

Whoever listens is woken by every commit of the service, whoever it is for.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final, Self

from infra.web.live import RECONNECT, STILL_HERE, Told, frames

BEAT_SECONDS: Final = 0.04


class Busy:
    """A service in which somebody else is always doing something."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def wait(self, timeout_seconds: float) -> bool:
        await asyncio.sleep(min(BEAT_SECONDS / 8, timeout_seconds))
        return timeout_seconds > BEAT_SECONDS / 8


async def nothing_for_us(_after: int) -> Sequence[Told]:
    return []


def stream() -> AsyncIterator[bytes]:
    return frames(Busy(), nothing_for_us, 0, asyncio.Event(), heartbeat_seconds=BEAT_SECONDS, open_seconds_max=5.0)


async def test_the_beat_goes_on_while_others_are_busy() -> None:
    listening = stream()
    async with asyncio.timeout(2.0):
        heard = [await anext(listening) for _ in range(3)]

    assert [RECONNECT, STILL_HERE, STILL_HERE] == heard
