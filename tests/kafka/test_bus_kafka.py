"""The Kafka bus keeps the contract of a bus: each journal is a process of its own that is heard over the cluster."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from threading import Thread
from typing import Any, Final, TypeVar

import pytest

from infra.bus.kafka.bus import KafkaBus
from infra.bus.kafka.topics import create
from infra.journal.database import sqlite_url
from infra.journal.journal import Journal
from infra.metrics import Metrics
from infra.runner import Runner
from infra.service import Service
from infra.web.app import Edge, application
from infra.web.message_routes import message_routes
from infra.web.server import listening
from infra.web.tokens import Tokens
from tests.broker import kafka_servers, unused_site
from tests.contracts.bus_contract import BusContract
from tests.kafka.village import ADDRESS, ISSUER, Village, serving
from tests.kernel.parish.events import FloorWaxed, HallBooked
from tests.kernel.parish.journals import opened

Found = TypeVar("Found")

SECONDS_MAX: Final = 60
VERGER: Final = Service(name="verger", hears={"parish": (HallBooked,), "sexton": (FloorWaxed,), "vicar": (FloorWaxed,)})
"""Hears everybody whom the contract speaks of."""


class Loop:
    """An event loop in a thread of its own: the bus is carried there while a test calls it from here."""

    def __init__(self) -> None:
        self.loop: Final = asyncio.new_event_loop()
        self.stack: Final = AsyncExitStack()
        self._thread: Final = Thread(target=self.loop.run_forever)
        self._thread.start()

    def do(self, work: Any) -> Any:
        """What a coroutine comes to."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(SECONDS_MAX)

    def end(self) -> None:
        self.do(self.stack.aclose())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


class TestKafkaBus(BusContract):
    """What a topic brings and what the source answers are one tail."""

    @pytest.fixture
    def site(self) -> str:
        return unused_site()

    @pytest.fixture
    def beside(self) -> Iterator[Loop]:
        found = Loop()
        yield found
        found.end()

    @pytest.fixture
    def town(self, tmp_path: Path, site: str, beside: Loop, clock: Any) -> Village:
        found = Village(tmp_path, tmp_path, kafka_servers(), site, clock)
        found.know("parish", "sexton", "vicar", "verger")
        beside.do(create(found.kafka, site, ("parish", "sexton", "vicar", "verger"), (), 1))
        beside.do(beside.stack.enter_async_context(found.issuing()))
        return found

    @pytest.fixture
    def bus(self, town: Village, tmp_path: Path, beside: Loop) -> Iterator[KafkaBus]:
        journal = opened(sqlite_url(tmp_path / "verger.sqlite"), VERGER, site=town.site)
        yield beside.do(_carried(beside, town, journal))
        journal.database.close()

    @pytest.fixture
    def joined(self, town: Village, beside: Loop) -> Callable[[Journal], None]:
        return lambda journal: beside.do(_served(beside, town, journal))

    @pytest.fixture
    def settled(self, bus: KafkaBus) -> Callable[[], None]:
        return lambda: bool(bus.head("parish"))  # type: ignore[return-value,unused-ignore]  # asked for what it does


async def _carried(beside: Loop, town: Village, journal: Journal) -> KafkaBus:
    bus = KafkaBus(town.site, town.kafka, town.peers(journal.service.name), Metrics())
    bus.join(journal)
    await bus.start()
    beside.stack.push_async_callback(bus.stop)
    return bus


async def _served(beside: Loop, town: Village, journal: Journal) -> None:
    """As a process of its own would: its relay publishes, and it answers the others. It acts on nothing by itself."""
    name = journal.service.name
    bus = await _carried(beside, town, journal)
    runner = Runner(journal, bus, town.clock, town.settings(name), Metrics())
    edge = Edge(
        tokens=Tokens(ISSUER, town.site, town.clock, town.issuer.keys),
        clock=town.clock,
        fingerprint_key=b"",
        metrics=Metrics(),
        refusals={},
        health=dict,
        body_bytes_max=1_000,
    )
    app = application(edge, [message_routes({name: runner}, bus)])
    bound = listening(ADDRESS, int(town.peer_url(name).rpartition(":")[2]))
    await beside.stack.enter_async_context(serving(app, bound))
    beside.stack.push_async_callback(runner.stop)
