"""When a service begins to hear more, it learns what it missed: all of it, once, as old news; and then goes on."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from infra.hearing import FORKED, Trouble
from infra.journal.codec import Codec
from infra.journal.journal import Journal, Sent
from infra.metrics import Metrics
from infra.service import EVERYTHING, Ask, Heard, Known, Note, Service
from schemas.journal import HearingGrew, SourceStopped
from tests.kernel.parish import sweeping
from tests.kernel.parish.events import (
    CODEC,
    CODEC_AT_FIRST,
    EVENTS,
    FloorWaxed,
    HallBooked,
    HallFreed,
    HallSwept,
    SweepingPlanned,
)
from tests.kernel.parish.hall import BookAsAtFirst, FreeHall
from tests.kernel.parish.journals import NOW, book, events, opened, say, stopped
from tests.kernel.parish.running import LyingBus, at_work, database_of, has_begun, heard, running, settings, until
from tests.kernel.parish.services import ITSELF, PARISH, SEXTON

FREED_TOO = replace(SEXTON, hears={"parish": (HallBooked, HallFreed)})
FREED_ALONE = replace(SEXTON, hears={"parish": (HallFreed,)})
ALL_OF_IT = replace(SEXTON, hears={"parish": EVERYTHING})
HEARS_PLANS = replace(SEXTON, hears={**SEXTON.hears, "sexton": (SweepingPlanned,)})
DEAF = replace(SEXTON, hears={})


def a_day(parish: Journal) -> None:
    """Two bookings, one of them over: three messages."""
    book(parish, "nave", "aisle")
    say(parish, FreeHall(hall="nave", now=NOW), "free")


def told(journal: Journal) -> list[tuple[str, bool]]:
    return [(event.hall, event.is_told) for event in events(journal, SweepingPlanned)]


def grown(journal: Journal) -> list[tuple[str, tuple[str, ...], int]]:
    return [(event.source, event.kinds, event.to) for event in events(journal, HearingGrew)]


async def has_heard(directory: Path, service: Service, number: int) -> None:
    """Let it hear the parish so far, and stop."""
    async with at_work(directory, PARISH, service) as (_, runner):
        await has_begun(runner)

        assert await heard(runner, number)


async def test_a_new_kind_of_a_source_is_caught_up_with_as_old_news(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH) as (parish,):
        a_day(parish.journal)
    await has_heard(tmp_path, SEXTON, 3)
    async with at_work(tmp_path, PARISH, FREED_TOO) as (_, sexton):
        await has_begun(sexton)

        assert [HallFreed.TYPE] == list(grown(sexton.journal)[-1][1])
        assert 1 == len(events(sexton.journal, HallFreed)) == len(events(sexton.journal, HallSwept))
        assert 2 == len(events(sexton.journal, SweepingPlanned))


async def test_reactions_are_told_that_it_is_old(tmp_path: Path) -> None:
    seen: list[tuple[str, int, bool]] = []

    def watch(heard: Heard, known: Known) -> Sequence[Note | Ask]:  # noqa: ARG001 - it is a reaction
        seen.append((heard.event.TYPE, heard.number, heard.is_old))
        return ()

    async with at_work(tmp_path, PARISH) as (parish,):
        a_day(parish.journal)
    await has_heard(tmp_path, SEXTON, 3)
    async with at_work(tmp_path, PARISH, replace(FREED_TOO, react=watch)) as (parish, sexton):
        await has_begun(sexton)
        say(parish.journal, FreeHall(hall="aisle", now=NOW), "free-aisle")
        book(parish.journal, "tower")
        parish.bus.wake("parish")

        assert await heard(sexton, 5)

    assert [(HallFreed.TYPE, 3, True), (HallFreed.TYPE, 4, False), (HallBooked.TYPE, 5, False)] == seen


async def test_a_source_that_was_never_heard_is_old_up_to_its_present_head(tmp_path: Path) -> None:
    async with at_work(tmp_path, DEAF):
        pass
    async with at_work(tmp_path, PARISH) as (parish,):
        a_day(parish.journal)
    async with at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
        await has_begun(sexton)
        book(parish.journal, "tower")
        parish.bus.wake("parish")

        assert await heard(sexton, 4)
        assert [("nave", False), ("aisle", False), ("tower", True)] == told(sexton.journal)


async def test_what_is_old_stays_old_when_it_was_stopped_before_it_was_heard(tmp_path: Path) -> None:
    def nothing(_batch: Sequence[Sent]) -> list[Sent]:
        return []

    async with at_work(tmp_path, PARISH) as (parish,):
        a_day(parish.journal)
    async with at_work(tmp_path, PARISH, SEXTON, bus=LyingBus(nothing)) as (parish, sexton):
        await has_begun(sexton)
    async with at_work(tmp_path, PARISH, FREED_TOO) as (parish, sexton):
        book(parish.journal, "tower")
        parish.bus.wake("parish")

        assert await heard(sexton, 4)
        assert [("nave", False), ("aisle", False), ("tower", True)] == told(sexton.journal)


async def test_nothing_happens_twice_when_it_is_started_again(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH) as (parish,):
        a_day(parish.journal)
    await has_heard(tmp_path, SEXTON, 3)
    for _ in range(3):
        await has_heard(tmp_path, FREED_TOO, 3)
    async with at_work(tmp_path, FREED_TOO) as (sexton,):
        assert 1 == len(events(sexton.journal, HallSwept))
        assert 2 == len(grown(sexton.journal))


async def test_catching_up_is_whole_or_not_at_all(tmp_path: Path) -> None:
    """A crash in between leaves nothing: here the message after the first old one raises."""

    def stumbling(heard: Heard, known: Known) -> Sequence[Note | Ask]:
        if heard.event == HallFreed(hall="aisle", person="per-aisle", occurred_at=NOW.isoformat()):
            raise ZeroDivisionError
        return SEXTON.react(heard, known)

    async with at_work(tmp_path, PARISH) as (parish,):
        a_day(parish.journal)
        say(parish.journal, FreeHall(hall="aisle", now=NOW), "free-aisle")
    await has_heard(tmp_path, SEXTON, 4)
    metrics, using = Metrics(), settings(tmp_path)
    for _ in range(2):
        async with at_work(tmp_path, PARISH, replace(FREED_TOO, react=stumbling), metrics=metrics, using=using) as (
            _parish,
            sexton,
        ):
            await until(lambda runner=sexton: bool(runner.stopped))  # type: ignore[misc]

            assert not await heard(sexton, 5)
            assert {"parish": Trouble(number=4, code="ZeroDivisionError")} == sexton.stopped
            assert [("parish", 4, "ZeroDivisionError")] == stopped(sexton.journal)
            assert 1 == len(events(sexton.journal, SourceStopped))
            assert [] == events(sexton.journal, HallSwept)

    assert b'cordon_stopped{service="sexton",source="parish"} 1.0' in metrics.shown()
    async with at_work(tmp_path, PARISH, FREED_TOO) as (_parish, sexton):
        await until(lambda: not sexton.stopped)

        assert ["nave", "aisle"] == [event.hall for event in events(sexton.journal, HallSwept)]
        assert [] == stopped(sexton.journal)


async def test_what_cannot_be_kept_of_old_messages_stops_the_source(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH) as (parish,):
        book(parish.journal, "nave", "aisle", broom="the-only-one")
    await has_heard(tmp_path, FREED_ALONE, 2)
    async with at_work(tmp_path, PARISH, FREED_TOO) as (_, sexton):
        await until(lambda: bool(sexton.stopped))

        assert {"parish": Trouble(number=2, code="IntegrityError")} == sexton.stopped
        assert [] == events(sexton.journal, SweepingPlanned)


async def test_old_messages_that_are_not_those_that_were_heard_are_a_fork(tmp_path: Path) -> None:
    def another(batch: Sequence[Sent]) -> list[Sent]:
        return [replace(sent, raw=sent.raw.replace(b"per-nave", b"per-evil")) for sent in batch]

    async with at_work(tmp_path, PARISH) as (parish,):
        a_day(parish.journal)
    await has_heard(tmp_path, SEXTON, 3)
    async with at_work(tmp_path, PARISH, FREED_TOO, bus=LyingBus(another)) as (_, sexton):
        await until(lambda: bool(sexton.stopped))

        assert {"parish": Trouble(number=3, code=FORKED)} == sexton.stopped
        assert [] == events(sexton.journal, HallFreed)


async def test_two_processes_that_begin_at_once_catch_up_once(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH) as (parish,):
        a_day(parish.journal)
    await has_heard(tmp_path, SEXTON, 3)
    async with at_work(tmp_path, PARISH) as (parish,):
        bus = LyingBus(list)
        bus.join(parish.journal)
        both = [opened(database_of(tmp_path, SEXTON), FREED_TOO) for _ in range(2)]
        async with running(both[0], bus) as first, running(both[1], bus) as second:
            await asyncio.gather(has_begun(first), has_begun(second))
            say(parish.journal, FreeHall(hall="aisle", now=NOW), "free-aisle")
            bus.wake("parish")
            await asyncio.gather(heard(first, 4), heard(second, 4))

            assert ["nave", "aisle"] == [event.hall for event in events(both[0], HallSwept)]
            assert 2 == len(grown(both[0]))


async def test_from_some_kinds_to_everything(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH) as (parish,):
        a_day(parish.journal)
    await has_heard(tmp_path, SEXTON, 3)
    for _ in range(2):
        await has_heard(tmp_path, ALL_OF_IT, 3)
    async with at_work(tmp_path, PARISH, ALL_OF_IT) as (parish, sexton):
        assert 1 == len(events(sexton.journal, HallSwept))
        assert 2 == len(events(sexton.journal, SweepingPlanned))


async def test_from_everything_to_some_kinds(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH) as (parish,):
        a_day(parish.journal)
    await has_heard(tmp_path, ALL_OF_IT, 3)
    async with at_work(tmp_path, PARISH, FREED_TOO) as (parish, sexton):
        book(parish.journal, "tower")
        parish.bus.wake("parish")

        assert await heard(sexton, 4)
        assert 1 == len(events(sexton.journal, HallSwept))
        assert ["nave", "aisle", "tower"] == [event.hall for event in events(sexton.journal, SweepingPlanned)]


async def test_a_fact_in_a_shape_that_was_given_up_is_acted_on_all_the_same(tmp_path: Path) -> None:
    parish = opened(database_of(tmp_path, PARISH), PARISH, CODEC_AT_FIRST)
    say(parish, BookAsAtFirst(hall="nave", person="per-a"), "k")
    parish.database.close()
    async with at_work(tmp_path, PARISH, SEXTON) as (_, sexton):
        assert await heard(sexton, 1)
        assert [("nave", False)] == told(sexton.journal)


async def test_a_new_shape_of_a_fact_that_was_heard_is_nothing_to_catch_up_with(tmp_path: Path) -> None:
    first = replace(SEXTON, hears={"parish": (HallBooked,)})
    only_today = Codec(events=EVENTS, upcasts={})
    async with at_work(tmp_path, PARISH, first, codec=only_today) as (parish, sexton):
        await has_begun(sexton)
        book(parish.journal, "nave")
        parish.bus.wake("parish")

        assert await heard(sexton, 1)

    async with at_work(tmp_path, PARISH, first, codec=CODEC) as (parish, sexton):
        book(parish.journal, "aisle")
        parish.bus.wake("parish")

        assert await heard(sexton, 2)
        assert [("nave", True), ("aisle", True)] == told(sexton.journal)


async def test_a_service_that_begins_to_hear_itself_catches_up_with_itself(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH) as (parish,):
        a_day(parish.journal)
    await has_heard(tmp_path, SEXTON, 3)
    hears_itself = replace(SEXTON, hears={**SEXTON.hears, "sexton": ITSELF})
    for _ in range(2):
        async with at_work(tmp_path, PARISH, hears_itself) as (_, sexton):
            await until(lambda runner=sexton: 2 == len(events(runner.journal, FloorWaxed)))  # type: ignore[misc]

            assert 2 == len(events(sexton.journal, HallSwept))


async def test_a_service_may_come_to_hear_of_itself_what_never_happened(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, HEARS_PLANS) as (parish, sexton):
        book(parish.journal, "nave")
        parish.bus.wake("parish")
        await until(lambda: 1 == len(events(sexton.journal, HallSwept)))
    metrics = Metrics()
    other = replace(SEXTON, hears={**SEXTON.hears, "sexton": (FloorWaxed,)})
    async with at_work(tmp_path, PARISH, other, metrics=metrics) as (_, sexton):
        await has_begun(sexton, "sexton")

    assert b"cordon_retries_total{" not in metrics.shown()


@pytest.mark.parametrize("kinds", [(HallSwept,), (HallSwept, FloorWaxed)], ids=["one", "two"])
async def test_a_service_may_come_to_hear_something_else_of_itself(
    tmp_path: Path, kinds: tuple[type[HallSwept | FloorWaxed], ...]
) -> None:
    def react(heard: Heard, known: Known) -> Sequence[Note | Ask]:
        return () if isinstance(heard.event, FloorWaxed) else SEXTON.react(heard, known)

    async with at_work(tmp_path, PARISH, HEARS_PLANS) as (parish, sexton):
        book(parish.journal, "nave")
        parish.bus.wake("parish")
        await until(lambda: 1 == len(events(sexton.journal, HallSwept)))
    other = replace(SEXTON, hears={**SEXTON.hears, "sexton": kinds}, react=react)
    async with at_work(tmp_path, PARISH, other) as (_, sexton):
        await until(lambda: 1 == len(events(sexton.journal, FloorWaxed)))

        assert ({}, 1) == (sexton.stopped, sexton.journal.state(sweeping, "nave").swept)
