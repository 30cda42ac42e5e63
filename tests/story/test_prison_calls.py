"""The story of the calls from prison, played as `make demo` plays it: by processes that only use the public API."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from demo import ledger
from demo.client import Api, never
from demo.clients import AUDITOR
from demo.ledger import Line
from demo.run import play
from tests.story.served import Served

SPEED: Final = 50.0


def messages(server: Served) -> Sequence[Line]:
    """The ledger, as an auditor reads it."""
    with Api(server.base, AUDITOR, server.secrets()[AUDITOR]) as auditor:
        return list(ledger.read(auditor))


def test_every_outcome_is_seen_and_a_second_start_goes_on_from_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Served(tmp_path) as server:
        is_seen = play(server.base, server.secrets(), SPEED, never)
        first = messages(server)
    told = capsys.readouterr().out

    assert is_seen, told
    assert len(first) == sum("  [because: " in line for line in told.splitlines()), "one line for each message"
    assert {"\n"} == {character for character in told if not character.isprintable()}, "a pipe gets plain text"

    with Served(tmp_path) as server:
        is_seen_again = play(server.base, server.secrets(), SPEED, never)
        second = messages(server)
    told_again = capsys.readouterr().out

    assert is_seen_again, told_again
    assert [line.id for line in first] == [line.id for line in second], "said again, it happened again"
    assert "  [because: " not in told_again


def test_whoever_plays_can_be_told_to_stop(tmp_path: Path) -> None:
    with Served(tmp_path) as server:
        assert not play(server.base, server.secrets(), 1.0, lambda: True)
