"""The same story where each service is a process of its own, over a real Kafka: killed, continued, and brought home."""

import asyncio
import atexit
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import pytest

from demo import ledger
from demo.client import Api, never
from demo.clients import AUDITOR
from demo.run import play
from infra.bus.kafka.client import Kafka, messages_topic
from infra.bus.kafka.scan import scan
from infra.deploy.broker import Broker
from infra.deploy.postgres import databases, postgres
from infra.journal.codec import Codec
from infra.journal.copies import kafka_equals_messages
from infra.journal.history import History
from infra.journal.read_only import ReadOnlyDatabase
from infra.likeness import alike, journals_at
from infra.verify import verify
from services.cli.verify import WITNESSES
from tests.broker import need_broker
from tests.house.tree import REPOSITORY
from tests.story.interrupting import SPEED, drawn, played
from tests.story.served import Served, without_kafka

APART: Final = ("--bus", "kafka")
SCALED: Final = ("--postgres", "--exit-after-stories", "--speed", "50", "--port", "0")
SITE: Final = "northmere"
SECONDS_MAX: Final = 300
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


def test_the_scaled_form_comes_to_the_same_history_as_the_embedded_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Served(tmp_path / "together") as server:
        is_seen = play(server.base, server.secrets(), SPEED, never)

    assert is_seen, capsys.readouterr().out

    # Not below the tests' own directory, which is closed to the user that PostgreSQL runs as; gone when Python ends,
    # after the server that is started below.
    directory = Path(tempfile.mkdtemp(prefix="cordon-scaled-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    scaled = directory / "apart"
    ran = subprocess.run(
        [sys.executable, "-m", "services", "demo", *APART, *SCALED, "--data", str(scaled)],
        cwd=REPOSITORY,
        env=without_kafka(),
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
    )

    assert 0 == ran.returncode, ran.stdout + ran.stderr

    url = databases(postgres(directory / "apart-postgres"), ())
    differences = alike(journals_at(str(tmp_path / "together")), journals_at(url, SERVICES), witnesses=WITNESSES)

    assert [] == [str(difference) for difference in differences]
    assert [] == asyncio.run(odd_on_topics(scaled / "kafka", url))


async def odd_on_topics(directory: Path, url: str) -> list[str]:
    """Where a topic, on the broker as it was left, is not what its journal said."""
    found = []
    with Broker(directory) as broker:
        for name in SERVICES:
            copies = [copy async for copy in scan(Kafka(broker.servers), messages_topic(SITE, name))]
            with ReadOnlyDatabase(url.format(service=name)).reading() as connection:
                violations = list(kafka_equals_messages(History(name, connection, Codec()), copies))
            found += [f"{name}: {violation.what}" for violation in violations]
    return found
