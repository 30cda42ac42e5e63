"""The same input gives the same history: together on SQLite and the local bus, and apart over Kafka with PostgreSQL.

Thousands of reports and commands are drawn from a seed that is printed: `CORDON_SEED=… pytest tests/kafka/test_same…`.
"""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Final

import pytest

from infra.bus.kafka.client import messages_topic
from infra.bus.kafka.scan import scan
from infra.bus.kafka.topics import create
from infra.clock import ManualClock
from infra.journal.codec import Codec
from infra.journal.copies import kafka_equals_messages
from infra.journal.history import History
from infra.journal.read_only import ReadOnlyDatabase
from infra.likeness import alike, journals_at
from infra.sealing.keys import init_keys
from infra.web.issuer import Client
from schemas.agencies import agencies
from services.cli.verify import WITNESSES
from tests.broker import one_broker
from tests.installation import CLIENTS, MONDAY, SERVICES, SITE, installed
from tests.kafka.village import SECRET, Village
from tests.postgres import postgres_url
from tests.workload.client import embedded, over_http, place_of_each
from tests.workload.workload import Played, Workload, drawn_seed

NAMES: Final = tuple(service.name for service in SERVICES)
PEOPLE: Final = 40
REPORTS: Final = 300
"""About two thousand requests, of which some thousand tell or ask for something."""


class Everybody(Village):
    """All of Cordon's services, and everybody who may ask them."""

    def __init__(self, directory: Path, keys: Path, servers: str) -> None:
        services = {
            name: Client(id=name, roles=("service",), agency="northmere-change", secret=SECRET) for name in NAMES
        }
        super().__init__(directory, keys, servers, SITE, ManualClock(MONDAY), {**CLIENTS, **services})


async def apart(workload: Workload, there: Everybody, databases: Mapping[str, str]) -> Played:
    """What came of it where each service has a host of its own. Looks at the topics before they are gone."""
    there.know(*NAMES)
    await create(there.kafka, SITE, NAMES, tuple(agencies()), 1)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(there.issuing())
        for service in SERVICES:
            await stack.enter_async_context(
                there.living(service, codec=Codec(), database=databases[service.name], hear_seconds_max=10.0)
            )
        addresses = {name: there.peer_url(name) for name in NAMES}
        client = await stack.enter_async_context(over_http(place_of_each(addresses), there.token_url))
        return await workload.play(client)


async def odd_on_topics(there: Everybody, databases: Mapping[str, str]) -> list[str]:
    """Where a topic is not what its journal said."""
    found = []
    for name in NAMES:
        copies = [copy async for copy in scan(there.kafka, messages_topic(SITE, name))]
        with ReadOnlyDatabase(databases[name]).reading() as connection:
            violations = kafka_equals_messages(History(name, connection, Codec()), copies)
            found += [f"{name}: {violation.what}" for violation in violations]
    return found


async def test_the_same_input_comes_to_the_same_history_together_and_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workload = Workload(seed=drawn_seed(), people=PEOPLE, reports=REPORTS)
    with capsys.disabled():
        sys.stdout.write(f"\n{workload} ")
    async with installed(tmp_path / "together") as there:
        ours = await workload.play(embedded(there))
    with ExitStack() as stack:
        databases = {name: stack.enter_context(postgres_url()) for name in NAMES}
        broker = await asyncio.to_thread(stack.enter_context, one_broker())
        keys = tmp_path / "keys"
        init_keys(keys)
        village = Everybody(tmp_path / "apart", keys, broker.servers)
        theirs = await apart(workload, village, databases)
        differences = alike(
            journals_at(str(tmp_path / "together" / "site")),
            {name: ReadOnlyDatabase(url) for name, url in databases.items()},
            witnesses=WITNESSES,
            in_turn=True,
        )
        odd = await odd_on_topics(village, databases)

    assert ours.given == theirs.given
    assert [] == [str(difference) for difference in differences]
    assert [] == odd
