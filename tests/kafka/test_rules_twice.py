"""Two at once, of relays or of a service's processes, and one that is late: everything is said and acted on once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Event, current_thread
from typing import Final

import pytest

from infra.bus.kafka.client import Kafka
from infra.service import Ask, Heard, Known, Note, Service
from tests.kafka.hands import held, said, topic_of
from tests.kafka.telling import beside, counted, findings, has_planned, tell, topics_equal, well
from tests.kafka.village import Village, until, village
from tests.kernel.parish.journals import NOW, book
from tests.kernel.parish.services import PARISH, SEXTON, react

HALLS: Final = [f"hall-{number}" for number in range(30)]
HELD_SECONDS_MAX: Final = 20


@pytest.fixture
async def town(tmp_path: Path, keys: Path, kafka: Kafka, site: str) -> AsyncIterator[Village]:
    async with village(tmp_path, keys, kafka.servers, site, "parish", "sexton") as found:
        yield found


class HeldClock:
    """A clock that keeps a process's writer waiting before its transaction begins, while it is told to."""

    def __init__(self) -> None:
        self.is_waited_for: Final = Event()
        self.goes_on: Final = Event()
        self.goes_on.set()

    def hold(self) -> None:
        self.is_waited_for.clear()
        self.goes_on.clear()

    def now(self) -> datetime:
        if current_thread().name.startswith("writer-") and not self.goes_on.is_set():
            self.is_waited_for.set()
            assert self.goes_on.wait(HELD_SECONDS_MAX)
        return NOW


async def test_rule_18_two_relays_of_one_journal_are_harmless(town: Village) -> None:
    async with town.living(PARISH) as parish, town.living(SEXTON) as sexton, beside(town, PARISH) as other:
        await well(parish, sexton)
        for hall in HALLS:
            book(other.journal, hall)
            parish.bus.wake("parish")
            other.bus.wake("parish")
            await asyncio.sleep(0)  # both relays may take their turn
        await has_planned(sexton, *HALLS)
        await topics_equal(town, "parish", "sexton")
        copies = await held(town.kafka, topic_of(other.journal))

        assert len(copies) > len(said(other.journal))
        assert () == findings(town)


async def test_rule_7_of_two_processes_that_hear_over_kafka_exactly_one_acts(town: Village) -> None:
    """From the first moment on: they begin together, on a journal that has heard nothing."""
    async with town.living(PARISH) as parish:
        tell(parish, *HALLS[:5])
        async with town.living(SEXTON) as sexton, beside(town, SEXTON) as other:
            for hall in HALLS[5:]:
                tell(parish, hall)
                await asyncio.sleep(0)  # so that both are at work meanwhile
            await has_planned(sexton, *HALLS)

            acted = partial(counted, name="cordon_messages_heard_total", service="sexton", source="parish")
            await until(lambda: acted(sexton.metrics) + acted(other.metrics), lambda found: found >= len(HALLS))

            assert len(HALLS) == acted(sexton.metrics) + acted(other.metrics)
            assert () == findings(town)


async def test_rule_7_an_old_copy_that_is_written_late_changes_nothing(town: Village) -> None:
    """One process has what its topic brought, and is held before its transaction; the other hears on meanwhile."""
    clock = HeldClock()
    async with town.living(PARISH) as parish, town.living(SEXTON) as sexton:
        async with beside(town, SEXTON, clock=clock) as late:
            tell(parish, "nave")
            await has_planned(sexton, "nave")
            await until(lambda: late.bus.known("parish"), lambda number: number == 1)
            clock.hold()
            try:
                tell(parish, "aisle")
                await asyncio.to_thread(clock.is_waited_for.wait, HELD_SECONDS_MAX)
                tell(parish, "tower", "porch")
                await has_planned(sexton, "nave", "aisle", "tower", "porch")
            finally:
                clock.goes_on.set()
            tell(parish, "font")
            await has_planned(sexton, "nave", "aisle", "tower", "porch", "font")
            await until(lambda: late.listeners["parish"].lag.messages, lambda lag: not lag)
        await topics_equal(town, "parish", "sexton")

        assert () == findings(town)


async def test_rule_7_a_listener_that_is_gone_and_commits_late_has_acted_once(town: Village) -> None:
    """Whichever of two processes comes first is held in the middle of its transaction, and its listener ends; then it
    commits. The other one was waiting for the lock with the same messages in its hands.
    """
    first: SimpleQueue[str] = SimpleQueue()
    goes_on = Event()

    def held_up(name: str) -> Service:
        def holding(heard: Heard, known: Known) -> Sequence[Note | Ask]:
            first.put(name)
            assert goes_on.wait(HELD_SECONDS_MAX)
            return react(heard, known)

        return replace(SEXTON, react=holding)

    async with (
        town.living(PARISH) as parish,
        town.living(held_up("host")) as sexton,
        beside(town, held_up("other")) as other,
    ):
        try:
            await until(lambda: (sexton.bus.known("parish"), other.bus.known("parish")), lambda found: found == (0, 0))
            tell(parish, "nave", "aisle")
            name = await asyncio.to_thread(first.get, timeout=HELD_SECONDS_MAX)
            await until(lambda: (sexton.bus.known("parish"), other.bus.known("parish")), lambda found: found == (2, 2))
            await {"host": sexton.runners["sexton"], "other": other}[name].stop_listening()
        finally:
            goes_on.set()
        tell(parish, "tower")
        await has_planned(sexton, "nave", "aisle", "tower")

        assert () == findings(town)
