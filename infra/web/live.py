"""Live streams as server-sent events: whoever was cut off says where it was, and goes on from there without a gap.

A stream reads the read models again after every commit, so that nothing is told that was not committed, and what is
told has an order that is the same after a restart.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from infra.web.desk import Desk, Watch
from infra.web.problems import Refused

HEARTBEAT_SECONDS: Final = 15.0
"""Proxies close what is silent for longer; 15 s is what the HTML standard suggests for server-sent events."""

OPEN_SECONDS_MAX: Final = 600.0
"""Then the client comes again, with a token that still holds: a stream does not outlive what its reader may see."""

RECONNECT: Final = b"retry: 1000\n\n"
STILL_HERE: Final = b": still here\n\n"
ORDER_MAX: Final = 2**53
"""The largest whole number that every reader of JSON keeps exactly."""

_ORDER: Final = re.compile("[0-9]{1,16}")

STREAMS: Final[dict[str, Any]] = {
    "response_class": Response,
    "responses": {200: {"description": "A live stream.", "content": {"text/event-stream": {}}}},
}
"""What OpenAPI says of a live stream, for `@router.get(..., **STREAMS)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing told on a stream: its place in the order, what kind of thing it is, and its JSON on one line."""

    order: int
    kind: str
    json: bytes


Tell = Callable[[int], Awaitable[Sequence[Told]]]
"""What there is after this place in the order, in order, a page at a time; `[]` when there is nothing yet."""


def resumed_after(request: Request) -> int:
    """Where the client was: its `Last-Event-ID`, or the `after` of the address for a first time; else 0.

    Raises Refused for what is no place of ours.
    """
    said = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
    if not _ORDER.fullmatch(said) or int(said) > ORDER_MAX:
        raise Refused(422, "request-wrong")
    return int(said)


def live(request: Request, desk: Desk, tell: Tell) -> StreamingResponse:
    """A stream that goes on until the client leaves, the time for one connection is over, or the server stops.

    `app.state.closing`, an asyncio.Event, ends every stream at once: a server waits for its open answers.
    """
    closing: asyncio.Event = request.app.state.closing
    return StreamingResponse(
        frames(desk.watch(), tell, resumed_after(request), closing),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def frames(
    watch: Watch,
    tell: Tell,
    after: int,
    closing: asyncio.Event,
    *,
    heartbeat_seconds: float = HEARTBEAT_SECONDS,
    open_seconds_max: float = OPEN_SECONDS_MAX,
) -> AsyncIterator[bytes]:
    """The bytes of a stream. The watch is entered before the first look, so that no commit falls in between."""
    end = perf_counter() + open_seconds_max
    yield RECONNECT
    told_at = perf_counter()
    async with watch:
        while not closing.is_set() and (left := end - perf_counter()) > 0:
            told = await tell(after)
            for one in told:
                yield framed(one)
                after = one.order
            if told:
                told_at = perf_counter()
                continue
            # Counted from what was told last: a commit of which nothing is told here must not show in the beat.
            silence = max(0.0, told_at + heartbeat_seconds - perf_counter())
            if not await _committed(watch, closing, min(silence, left)):
                yield STILL_HERE
                told_at = perf_counter()


async def _committed(watch: Watch, closing: asyncio.Event, seconds: float) -> bool:
    """Wait for a commit; False when the time is over or the server stops."""
    commit = asyncio.ensure_future(watch.wait(seconds))
    stop = asyncio.ensure_future(closing.wait())
    try:
        await asyncio.wait((commit, stop), return_when=asyncio.FIRST_COMPLETED)
        return commit.done() and commit.result()
    finally:
        for waiting in (commit, stop):
            waiting.cancel()
        await asyncio.gather(commit, stop, return_exceptions=True)


def framed(told: Told) -> bytes:
    """One event as the HTML standard writes it. JSON has no line break of its own."""
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (told.order, told.kind.encode(), told.json)
