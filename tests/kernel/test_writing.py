"""What a caller sees of the writer: a result once it is committed, a failure as it was; going away changes nothing."""

import asyncio
from concurrent.futures import CancelledError
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from infra.hearing import Hearer
from infra.journal.database import sqlite_url
from infra.journal.journal import messages
from tests.kernel.parish.events import CODEC, SweepingPlanned
from tests.kernel.parish.jobs import Gate, booking, raising
from tests.kernel.parish.journals import book, entries, events, opened, without
from tests.kernel.parish.running import at_work
from tests.kernel.parish.services import PARISH, SEXTON


async def test_a_caller_that_goes_away_changes_nothing(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH) as (parish,):
        gate = Gate()
        holding = asyncio.create_task(parish.write(gate))
        await asyncio.to_thread(gate.began.wait)
        leaving = asyncio.create_task(parish.write(booking("a")))
        await asyncio.sleep(0)
        leaving.cancel()
        gate.go_on.set()
        with pytest.raises((asyncio.CancelledError, CancelledError)):
            await leaving
        await holding
        await parish.write(booking("b"))

        assert ["hall-a", "hall-b"] == [one.stream for one in entries(parish.journal) if one.number]


async def test_a_cancelled_listener_whose_thread_commits_late_has_not_acted_twice(tmp_path: Path) -> None:
    """It hears, is cancelled before its turn comes, and hears again: both turns come."""
    parish = opened(sqlite_url(tmp_path / "parish.sqlite"))
    book(parish, "nave", "aisle")
    with parish.database.reading() as connection:
        batch = messages(connection, 0, bytes(32), 500)
    parish.database.close()
    async with at_work(tmp_path, SEXTON) as (sexton,):
        hearer, gate = Hearer(SEXTON, "parish", CODEC, {}), Gate()
        holding = asyncio.create_task(sexton.write(gate))
        await asyncio.to_thread(gate.began.wait)
        late = asyncio.create_task(sexton.write(lambda transaction: hearer.hear(transaction, batch)))
        await asyncio.sleep(0)
        late.cancel()
        again = asyncio.create_task(sexton.write(lambda transaction: hearer.hear(transaction, batch)))
        await asyncio.sleep(0)
        gate.go_on.set()
        await holding

        assert 0 == (await again).heard
        assert ["nave", "aisle"] == [event.hall for event in events(sexton.journal, SweepingPlanned)]


async def test_a_failure_reaches_whoever_asked(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH) as (parish,):
        with without(parish.journal, "head"), pytest.raises(OperationalError):
            await parish.write(booking("a"))
        with pytest.raises(ZeroDivisionError):
            await parish.write(raising)
        await parish.write(booking("a"))

        assert 1 == parish.journal.head().number


async def test_a_service_that_stops_finishes_what_was_begun(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH) as (parish,):
        gate = Gate()
        jobs = [asyncio.create_task(parish.write(job)) for job in (gate, booking("a"), booking("b"))]
        await asyncio.to_thread(gate.began.wait)
        gate.go_on.set()
    await asyncio.gather(*jobs)
    again = opened(sqlite_url(tmp_path / "parish.sqlite"))
    number = again.head().number
    again.database.close()

    assert 2 == number
