"""Hear, then decide: true only when everything that could still change the decision was heard (rule 12)."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from infra.bus.local import LocalBus
from infra.bus.standing import Standing
from infra.journal.journal import Sent
from infra.runner import Runner
from infra.service import Service
from tests.kernel.parish.events import FloorWaxed, SweepingPlanned
from tests.kernel.parish.journals import book, events, without
from tests.kernel.parish.running import FalteringBus, LyingBus, SleepyBus, at_work, away, heard, settings
from tests.kernel.parish.services import ITSELF, PARISH, SEXTON

HEARS_ITSELF = replace(SEXTON, hears={**SEXTON.hears, "sexton": ITSELF})
VICAR = Service(name="vicar", deciders=SEXTON.deciders, hears={"sexton": (SweepingPlanned, FloorWaxed)})
"""Hears what the sexton says of the parish: asks him to hear the parish first."""


async def hear(runner: Runner, source: str = "parish") -> bool:
    return await runner.hear_to_head(source)


async def test_it_is_true_once_everything_said_was_heard_though_nobody_was_woken(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, SEXTON, bus=SleepyBus()) as (parish, sexton):
        book(parish.journal, "nave", "aisle")

        assert await hear(sexton)
        assert 2 == len(events(sexton.journal, SweepingPlanned))


async def test_it_is_true_where_nothing_was_ever_said(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, SEXTON) as (_, sexton):
        assert await hear(sexton)


async def test_it_waits_until_the_source_has_itself_acted_on_what_was_there_for_it(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, HEARS_ITSELF, VICAR) as (parish, sexton, vicar):
        book(parish.journal, "nave", "aisle")
        parish.bus.wake("parish")

        assert await hear(vicar, "sexton")

        waxed = events(sexton.journal, FloorWaxed)
        place = await vicar.listeners["sexton"].place()

        assert (2, sexton.journal.head().number) == (len(waxed), place.number)


async def test_it_is_false_when_the_source_does_not_settle_in_time(tmp_path: Path) -> None:
    """What the parish said does not reach the sexton for a while."""
    using, bus = settings(tmp_path, hear_seconds_max=0.1), LyingBus(lambda _batch: [])
    async with at_work(tmp_path, PARISH, SEXTON, VICAR, bus=bus, using=using) as (parish, sexton, vicar):
        book(parish.journal, "nave")

        assert not await hear(vicar, "sexton")

        bus.change = list

        assert await heard(sexton, 1)
        assert await hear(vicar, "sexton")


async def test_it_is_false_when_hearing_takes_too_long(tmp_path: Path) -> None:
    def nothing(_batch: Sequence[Sent]) -> list[Sent]:
        return []

    using = settings(tmp_path, hear_seconds_max=0.1)
    async with at_work(tmp_path, PARISH, SEXTON, bus=LyingBus(nothing), using=using) as (parish, sexton):
        book(parish.journal, "nave")

        assert not await hear(sexton)


async def test_it_is_false_when_the_source_cannot_be_reached(tmp_path: Path) -> None:
    async with at_work(tmp_path, SEXTON) as (sexton,):
        assert not await hear(sexton)


async def test_it_is_false_when_the_database_of_the_source_fails(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
        with without(parish.journal, "head"):
            assert not await hear(sexton)


async def test_it_is_false_when_the_source_is_stopped_here(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
        book(parish.journal, "nave", "cellar", "tower")

        assert not await hear(sexton)
        assert not await hear(sexton)


async def test_it_is_false_when_the_source_has_itself_stopped_hearing(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, SEXTON, VICAR) as (parish, sexton, vicar):
        book(parish.journal, "cellar")

        assert not await hear(sexton)
        assert not await hear(vicar, "sexton")


@pytest.mark.parametrize(
    "failures", [away(1), [OperationalError(None, None, Exception("away"))]], ids=["unreachable", "failing"]
)
async def test_it_goes_on_after_a_failure_within_the_time(tmp_path: Path, failures: list[Exception]) -> None:
    async with at_work(tmp_path, PARISH, SEXTON, bus=FalteringBus(*failures)) as (parish, sexton):
        book(parish.journal, "nave")

        assert await hear(sexton)


async def test_many_may_wait_at_once(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
        book(parish.journal, "nave", "aisle")
        answers = await asyncio.gather(*(hear(sexton) for _ in range(20)))

        assert [True] * 20 == answers
        assert 2 == len(events(sexton.journal, SweepingPlanned))


async def test_it_comes_true_though_somebody_always_says_more(tmp_path: Path) -> None:
    """What was there when it was asked is what counts: waiting for a quiet moment would be waiting for ever."""
    using = settings(tmp_path, hear_seconds_max=5.0)

    class Busy(LocalBus):
        """Whoever looks at the parish finds that it has just said something more."""

        looks = 0

        def standing(self, source: str) -> Standing:
            if source == "parish" and runners:
                self.looks += 1
                book(runners[0].journal, f"hall-{self.looks}")
                self.wake("parish")
            return super().standing(source)

    runners: list[Runner] = []
    async with at_work(tmp_path, PARISH, HEARS_ITSELF, VICAR, bus=Busy(), using=using) as (parish, sexton, vicar):
        book(parish.journal, "nave")
        runners.append(parish)

        assert await hear(vicar, "sexton")

        assert "nave" in [event.hall for event in events(sexton.journal, FloorWaxed)]
