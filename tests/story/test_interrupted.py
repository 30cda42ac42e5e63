"""The story is interrupted again and again, and nothing is lost and nothing happens twice.

The moments are drawn from a seed that is printed: `CORDON_SEED=… pytest tests/story/test_interrupted.py` draws the
same ones. They are counted in messages of the ledger, so that they fall all over the story on any machine.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random  # noqa: TID251 - moments are drawn from a seed that is printed
from threading import Event
from typing import Final

import pytest

from demo import ledger
from demo.client import Api, never
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
    """When to interrupt: after so many messages, and so long after the last of them."""

    messages: int
    delay_seconds: float


def drawn(count: int, capsys: pytest.CaptureFixture[str]) -> list[Moment]:
    """So many moments, in order. Their seed is printed whatever becomes of the test."""
    seed = int(os.environ.get("CORDON_SEED", "0")) or int.from_bytes(SystemEntropy().bytes(4), "big")
    chance = Random(seed)
    numbers = sorted(chance.sample(range(1, MESSAGES), count))
    with capsys.disabled():
        sys.stdout.write(f"\nCORDON_SEED={seed}: interrupted after messages {numbers} ")
    return [Moment(messages=number, delay_seconds=chance.uniform(0, DELAY_SECONDS_MAX)) for number in numbers]


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


def test_a_server_that_is_killed_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moments = drawn(5, capsys)
    with Served(tmp_path) as server, played(server) as (wait_for, _, came_of_it):
        for moment in moments:
            wait_for(moment)
            server.kill()
            server.start()
        is_seen = came_of_it()

    assert is_seen, capsys.readouterr().out


def test_actors_that_are_ended_and_started_again_go_on_from_where_they_were(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moments = drawn(3, capsys)
    with Served(tmp_path) as server:
        for moment in moments:
            with played(server) as (wait_for, stop, came_of_it):
                wait_for(moment)
                stop.set()
                came_of_it()
        is_seen = play(server.base, server.secrets(), SPEED, never)

    assert is_seen, capsys.readouterr().out
