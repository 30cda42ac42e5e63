"""The story is interrupted again and again, and nothing is lost and nothing happens twice.

The moments are drawn from a seed that is printed: `CORDON_SEED=… pytest tests/story/test_interrupted.py` draws the
same ones. They are counted in messages of the ledger, so that they fall all over the story on any machine.
"""

from pathlib import Path

import pytest

from demo.client import never
from demo.run import play
from tests.story.interrupting import SPEED, drawn, played
from tests.story.served import Served


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
