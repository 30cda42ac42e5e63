"""When to interrupt a story: at moments drawn from a seed that is printed, `CORDON_SEED=…` draws the same ones.

They are counted in messages of the ledger, so that they fall all over the story on any machine.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random  # noqa: TID251 - moments are drawn from a seed that is printed
from threading import Event
from typing import Final

import pytest

from demo import ledger
from demo.client import Api
from demo.clients import AUDITOR
from demo.run import play
from infra.entropy import SystemEntropy
from tests.story.served import Served

SPEED: Final = 50.0
MESSAGES: Final = 45
"""The story says a few more: the last moment falls before its end."""
DELAY_SECONDS_MAX: Final = 0.2
"""After the message that was waited for: into whatever is then going on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When to interrupt: after so many messages, and so long after the last of them. `choice` is for whoever has to
    choose among things to interrupt.
    """

    messages: int
    delay_seconds: float
    choice: float


def drawn(count: int, capsys: pytest.CaptureFixture[str]) -> list[Moment]:
    """So many moments, in order. Their seed is printed whatever becomes of the test."""
    seed = int(os.environ.get("CORDON_SEED", "0")) or int.from_bytes(SystemEntropy().bytes(4), "big")
    chance = Random(seed)
    numbers = sorted(chance.sample(range(1, MESSAGES), count))
    with capsys.disabled():
        sys.stdout.write(f"\nCORDON_SEED={seed}: interrupted after messages {numbers} ")
    return [
        Moment(messages=number, delay_seconds=chance.uniform(0, DELAY_SECONDS_MAX), choice=chance.random())
        for number in numbers
    ]


@contextmanager
def played(server: Served) -> Iterator[tuple[Callable[[Moment], None], Event, Callable[[], bool]]]:
    """The story while it is played: how to wait for a moment of it, how to stop it, and what came of it."""
    stop = Event()
    secrets = server.secrets()
    with ThreadPoolExecutor(1) as player, Api(server.base, AUDITOR, secrets[AUDITOR]) as auditor:
        playing = player.submit(play, server.base, secrets, SPEED, stop.is_set)

        def wait_for(moment: Moment) -> None:
            while sum(1 for _ in ledger.read(auditor)) < moment.messages:
                assert not playing.done(), f"over before message {moment.messages}"
                time.sleep(0.02)
            time.sleep(moment.delay_seconds)

        try:
            yield wait_for, stop, playing.result
        finally:
            stop.set()
