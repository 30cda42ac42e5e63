"""The same story where each service is a process of its own, over a real Kafka: killed, continued, and brought home."""

from pathlib import Path
from typing import Final

import pytest

from demo import ledger
from demo.client import Api, never
from demo.clients import AUDITOR
from demo.run import play
from infra.verify import verify
from services.cli.verify import WITNESSES
from tests.broker import need_broker
from tests.story.interrupting import SPEED, drawn, played
from tests.story.served import Served

APART: Final = ("--bus", "kafka")
SERVICES: Final = ("audit", "casework", "disruption", "intake", "notifications", "victim_liaison")


@pytest.fixture(autouse=True)
def _with_kafka() -> None:
    need_broker()


def told(server: Served) -> list[str]:
    """The ids of every message, as an auditor reads them: all of the ledger, in its order."""
    with Api(server.base, AUDITOR, server.secrets()[AUDITOR]) as auditor:
        return [line.id for line in ledger.read(auditor)]


def test_the_story_goes_on_over_either_bus_from_where_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Served(tmp_path, *APART) as server:
        is_seen = play(server.base, server.secrets(), SPEED, never)
        first = told(server)

    assert is_seen, capsys.readouterr().out

    with Served(tmp_path) as server:
        is_seen = play(server.base, server.secrets(), SPEED, never)
        together = told(server)

    assert is_seen, capsys.readouterr().out

    with Served(tmp_path, *APART) as server:
        is_seen = play(server.base, server.secrets(), SPEED, never)
        again = told(server)

    assert is_seen, capsys.readouterr().out
    assert (first, first) == (together, again), "said again, it happened again"
    assert () == verify(tmp_path, witnesses=WITNESSES).findings


def test_services_that_are_killed_lose_nothing_and_do_nothing_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moments = drawn(5, capsys)
    with Served(tmp_path, *APART) as server, played(server) as (wait_for, _, came_of_it):
        for moment in moments:
            wait_for(moment)
            server.kill_service(SERVICES[int(moment.choice * len(SERVICES))])
        is_seen = came_of_it()

    assert is_seen, capsys.readouterr().out
    assert () == verify(tmp_path, witnesses=WITNESSES).findings
