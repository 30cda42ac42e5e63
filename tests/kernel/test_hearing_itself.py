"""A service reacts to its own events through its journal, in the same way; and then there is quiet."""

from dataclasses import replace
from pathlib import Path

import pytest

from infra.hearing import Trouble
from infra.journal.journal import Journal
from schemas.journal import Heard
from tests.kernel.parish.events import FloorWaxed, HallSwept, SweepingPlanned
from tests.kernel.parish.hall import LendKey
from tests.kernel.parish.journals import NOW, book, cause, entries, events, say
from tests.kernel.parish.running import at_work, heard, settings, until
from tests.kernel.parish.services import ITSELF, PARISH, SEXTON, react
from tests.kernel.parish.sweeping import CATEGORY

HEARS_ITSELF = replace(SEXTON, hears={**SEXTON.hears, "sexton": ITSELF})


def done(journal: Journal) -> tuple[int, int, int]:
    return tuple(len(events(journal, kind)) for kind in (SweepingPlanned, HallSwept, FloorWaxed))  # type: ignore[return-value]


async def test_one_fact_leads_to_the_next_to_the_end_of_the_chain(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, HEARS_ITSELF) as (parish, sexton):
        book(parish.journal, "nave", "aisle")
        parish.bus.wake("parish")
        await until(lambda: done(sexton.journal) == (2, 2, 2))

        assert await heard(sexton, 2)


async def test_its_own_private_facts_are_heard_too(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, HEARS_ITSELF) as (parish, sexton):
        book(parish.journal, "nave")
        parish.bus.wake("parish")
        await until(lambda: done(sexton.journal) == (1, 1, 1))
        swept = [entry for entry in entries(sexton.journal) if entry.type == HallSwept.TYPE]

        assert [None] == [entry.number for entry in swept]


async def test_hearing_itself_does_not_wake_itself_for_ever(tmp_path: Path) -> None:
    """What hearing writes of itself is no reason to hear: the journal ends, though it is compared all the time."""
    async with at_work(tmp_path, PARISH, HEARS_ITSELF, using=settings(tmp_path)) as (parish, sexton):
        book(parish.journal, "nave")
        parish.bus.wake("parish")
        await until(lambda: done(sexton.journal) == (1, 1, 1))
        await until(lambda: parish.bus.head("sexton").is_settled)
        settled = sexton.journal.head()
        book(parish.journal, "aisle")
        parish.bus.wake("parish")
        await until(lambda: done(sexton.journal) == (2, 2, 2))
        await until(lambda: parish.bus.head("sexton").is_settled)
        again = sexton.journal.head()

        assert again.sequence - settled.sequence == settled.sequence - begun(sexton.journal)


def begun(journal: Journal) -> int:
    """How many records there were before anything was heard: one for each source that it began to hear."""
    return next(entry.sequence for entry in entries(journal) if entry.type.startswith("test.")) - 1


async def test_it_ends_with_what_it_acts_on(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, HEARS_ITSELF) as (parish, sexton):
        book(parish.journal, "nave")
        parish.bus.wake("parish")
        await until(lambda: done(sexton.journal) == (1, 1, 1))
        await until(lambda: parish.bus.head("sexton").is_settled)
        places = [event.to for event in events(sexton.journal, Heard) if event.source == "sexton"]
        acted_on = [entry.sequence for entry in entries(sexton.journal) if entry.type in {e.TYPE for e in ITSELF}]

        assert places[-1] == acted_on[-1]


async def test_it_passes_over_many_records_that_lead_to_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.listener.BATCH_MAX", 3)
    async with at_work(tmp_path, HEARS_ITSELF) as (sexton,):
        with sexton.journal.transaction(NOW) as transaction:
            for place in range(10):
                transaction.record("opened", FloorWaxed(hall="nave"), cause(f"c{place}"))
        await sexton.write(lambda tx: tx.append(HEARS_ITSELF.deciders[0], "x", [HallSwept(hall="x")], cause("c")))
        await until(lambda: len(events(sexton.journal, FloorWaxed)) == 11)


async def test_a_chain_goes_on_after_a_stop_in_between(tmp_path: Path) -> None:
    deaf_to_itself = replace(HEARS_ITSELF, hears={**SEXTON.hears, "sexton": (SweepingPlanned,)})
    async with at_work(tmp_path, PARISH, deaf_to_itself) as (parish, sexton):
        book(parish.journal, "nave")
        parish.bus.wake("parish")
        await until(lambda: done(sexton.journal) == (1, 1, 0))
    async with at_work(tmp_path, PARISH, HEARS_ITSELF) as (_, sexton):
        await until(lambda: done(sexton.journal) == (1, 1, 1))


async def test_what_it_cannot_act_on_of_itself_stops_itself_alone(tmp_path: Path) -> None:
    def stumbling(heard, known):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - a reaction with a bug
        if isinstance(heard.event, HallSwept):
            raise ZeroDivisionError
        return react(heard, known)

    async with at_work(tmp_path, PARISH, replace(HEARS_ITSELF, react=stumbling)) as (parish, sexton):
        book(parish.journal, "nave")
        parish.bus.wake("parish")
        await until(lambda: "sexton" in sexton.stopped)
        book(parish.journal, "aisle")
        parish.bus.wake("parish")

        assert await heard(sexton, 2)
        assert ["sexton"] == list(sexton.stopped)
        assert "ZeroDivisionError" == sexton.stopped["sexton"].code
        assert isinstance(sexton.stopped["sexton"], Trouble)
        assert (2, 1, 0) == done(sexton.journal)


async def test_a_refused_command_of_its_own_leaves_a_trace_and_goes_on(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, HEARS_ITSELF) as (parish, sexton):
        book(parish.journal, "crypt", "nave")
        say(parish.journal, LendKey(hall="nave", keeper="wrk_bo", due_at="2026-03-09T12:00:00+00:00"), "lend")
        parish.bus.wake("parish")
        await until(lambda: done(sexton.journal) == (1, 1, 1))

        assert {} == sexton.stopped


async def test_causes_and_correlations_run_through_the_chain(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, HEARS_ITSELF) as (parish, sexton):
        book(parish.journal, "nave")
        parish.bus.wake("parish")
        await until(lambda: done(sexton.journal) == (1, 1, 1))
        booked = parish.journal.envelope_and_event(entries(parish.journal)[0])[0]
        kinds = (SweepingPlanned.TYPE, HallSwept.TYPE, FloorWaxed.TYPE)
        chain = [
            sexton.journal.envelope_and_event(entry)[0] for entry in entries(sexton.journal) if entry.type in kinds
        ]

        assert [booked.id, chain[0].id, chain[1].id] == [record.causationid for record in chain]
        assert {booked.correlationid} == {record.correlationid for record in chain}
        assert f"{CATEGORY}-nave" == chain[2].subject
