"""Deadlines: facts set, replace and clear them; when they come they lead to a command, once, whoever is running."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from infra.clock import ManualClock
from infra.command_handler import Order, ask
from infra.deadlines import Due, due, reach
from infra.journal.database import sqlite_url
from infra.journal.journal import Journal
from infra.service import Ask, ClearDeadline, Service, SetDeadline
from schemas.event import Event
from schemas.journal import Asked, DeadlineReached
from tests.kernel.parish import hall
from tests.kernel.parish.events import KeyMissed
from tests.kernel.parish.hall import LendKey, ReturnKey
from tests.kernel.parish.journals import NOW, cause, entries, events, opened, say, types
from tests.kernel.parish.running import at_work, database_of, until
from tests.kernel.parish.services import KEY_DUE, PARISH, clocks, on_due

HOUR = timedelta(hours=1)


@pytest.fixture
def parish(tmp_path: Path) -> Iterator[Journal]:
    journal = opened(database_of(tmp_path, PARISH))
    yield journal
    journal.database.close()


def lend(journal: Journal, name: str = "nave", *, after: timedelta = HOUR, key: str = "lend") -> None:
    say(journal, LendKey(hall=name, keeper="wrk_bo", due_at=(NOW + after).isoformat()), f"{key}-{name}")


def due_at(journal: Journal, now: datetime) -> list[Due]:
    with journal.database.reading() as connection:
        return due(connection, now)


def tick(journal: Journal, now: datetime, service: Service = PARISH) -> int:
    """What the clock of a running service does. Returns how many deadlines were due."""
    deadlines = due_at(journal, now)
    for deadline in deadlines:
        with journal.transaction(now) as transaction:
            reach(transaction, service, deadline)
    return len(deadlines)


def missed(journal: Journal) -> list[str]:
    return [event.hall for event in events(journal, KeyMissed)]


def test_it_comes_at_its_time_and_not_before(parish: Journal) -> None:
    lend(parish)

    assert [] == due_at(parish, NOW + HOUR - timedelta(microseconds=1))
    assert [("hall-nave", KEY_DUE)] == [(one.stream, one.name) for one in due_at(parish, NOW + HOUR)]


def test_it_leads_to_a_command_once_and_is_then_gone(parish: Journal) -> None:
    lend(parish)

    assert 1 == tick(parish, NOW + HOUR)
    assert 0 == tick(parish, NOW + HOUR)
    assert ["nave"] == missed(parish)
    assert ["journal.deadline-reached.v1", KeyMissed.TYPE, Asked.TYPE] == types(parish)[2:]
    assert [DeadlineReached(stream="hall-nave", name=KEY_DUE, due_at="2026-03-02T10:00:00.000000Z")] == events(
        parish, DeadlineReached
    )


def test_what_follows_is_asked_by_the_clock(parish: Journal) -> None:
    lend(parish)
    tick(parish, NOW + HOUR)
    record = next(parish.envelope_and_event(entry)[0] for entry in entries(parish) if entry.type == KeyMissed.TYPE)
    asked = events(parish, Asked)[-1]

    assert ("clock", asked.command_id) == (record.actor, record.causationid)
    assert ("MissKey", "hall-nave", None) == (asked.command, asked.stream, asked.refused)


def test_its_id_follows_from_what_set_it(parish: Journal, tmp_path: Path) -> None:
    other = opened(sqlite_url(tmp_path / "other.sqlite"))
    for journal in (parish, other):
        lend(journal)
        lend(journal, "aisle")
        tick(journal, NOW + HOUR)
    ids, again = ([asked.command_id for asked in events(journal, Asked)] for journal in (parish, other))
    other.database.close()

    assert ids == again
    assert len(ids) == len(set(ids))


def test_a_later_one_of_the_same_name_replaces_it(parish: Journal) -> None:
    lend(parish)
    lend(parish, after=5 * HOUR, key="again")

    assert 0 == tick(parish, NOW + 4 * HOUR)
    assert 1 == tick(parish, NOW + 5 * HOUR)
    assert ["nave"] == missed(parish)


def test_one_that_was_cleared_never_comes(parish: Journal) -> None:
    lend(parish)
    say(parish, ReturnKey(hall="nave"), "return")

    assert 0 == tick(parish, NOW + 9 * HOUR)


def test_what_it_leads_to_may_set_it_again(parish: Journal) -> None:
    lend(parish)

    assert [1, 0, 1, 0] == [tick(parish, NOW + HOUR), tick(parish, NOW + HOUR), tick(parish, NOW + 2 * HOUR), 0]
    assert 0 == tick(parish, NOW + 9 * HOUR)
    assert ["nave", "nave"] == missed(parish)
    assert ["2026-03-02T11:00:00+00:00", None] == [event.again_at for event in events(parish, KeyMissed)]


def test_the_oldest_come_first(parish: Journal) -> None:
    for name, hours in (("third", 3), ("first", 1), ("second", 2)):
        lend(parish, name, after=hours * HOUR)

    assert ["hall-first", "hall-second"] == [one.stream for one in due_at(parish, NOW + 2 * HOUR)]


def test_two_processes_reach_it_once(parish: Journal, tmp_path: Path) -> None:
    standby = opened(database_of(tmp_path, PARISH))
    lend(parish)
    seen = [due_at(journal, NOW + HOUR) for journal in (parish, standby)]
    for journal, deadlines in zip((parish, standby), seen, strict=True):
        for deadline in deadlines:
            with journal.transaction(NOW + HOUR) as transaction:
                reach(transaction, PARISH, deadline)
    standby.database.close()

    assert [1, 1] == [len(deadlines) for deadlines in seen]
    assert ["nave"] == missed(parish)


def test_one_that_was_replaced_meanwhile_is_not_reached(parish: Journal) -> None:
    lend(parish)
    (old,) = due_at(parish, NOW + HOUR)
    lend(parish, after=5 * HOUR, key="again")
    with parish.transaction(NOW + HOUR) as transaction:
        reach(transaction, PARISH, old)

    assert [] == missed(parish)
    assert 1 == tick(parish, NOW + 5 * HOUR)


def test_one_that_is_replaced_in_the_same_commit_is_not_reached_and_the_new_one_stands(parish: Journal) -> None:
    lend(parish)
    (old,) = due_at(parish, NOW + HOUR)
    longer = LendKey(hall="nave", keeper="wrk_bo", due_at=(NOW + 5 * HOUR).isoformat())
    with parish.transaction(NOW + HOUR) as transaction:
        ask(transaction, Order(decider=hall, id="nave", command=longer, cause=cause("longer")))
        reach(transaction, PARISH, old)

    assert [] == missed(parish)
    assert [0, 1] == [tick(parish, NOW + 4 * HOUR), tick(parish, NOW + 5 * HOUR)]


def test_a_refused_command_is_journalled_and_the_deadline_is_gone(tmp_path: Path) -> None:
    def never_cleared(stream: str, event: Event) -> Sequence[SetDeadline | ClearDeadline]:
        return [change for change in clocks(stream, event) if isinstance(change, SetDeadline)]

    stubborn = opened(database_of(tmp_path, PARISH), replace(PARISH, deadlines=never_cleared))
    lend(stubborn)
    say(stubborn, ReturnKey(hall="nave"), "return")
    ticks = [tick(stubborn, NOW + HOUR), tick(stubborn, NOW + HOUR)]
    asked = events(stubborn, Asked)[-1]
    stubborn.database.close()

    assert [1, 0] == ticks
    assert ("MissKey", "key-not-lent") == (asked.command, asked.refused)


async def test_a_running_service_reaches_them_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.runner.CLOCK_TICK_SECONDS", 0.01)
    clock = ManualClock(NOW)
    async with at_work(tmp_path, PARISH, clock=clock) as (parish,):
        lend(parish.journal)
        clock.advance(HOUR)
        await until(lambda: missed(parish.journal) == ["nave"])
        clock.advance(HOUR)
        await until(lambda: missed(parish.journal) == ["nave", "nave"])


async def test_what_came_while_nothing_ran_is_reached_at_the_start(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH) as (parish,):
        lend(parish.journal)
    for _ in range(2):
        async with at_work(tmp_path, PARISH, clock=ManualClock(NOW + HOUR)) as (parish,):
            await until(lambda runner=parish: missed(runner.journal) == ["nave"])  # type: ignore[misc]


async def test_one_that_cannot_be_acted_on_does_not_hold_up_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = 0

    def stumbling(stream: str, name: str, due_at: datetime) -> Ask:
        nonlocal tried
        if stream == "hall-cellar":
            tried += 1
            raise ZeroDivisionError
        return on_due(stream, name, due_at)

    monkeypatch.setattr("infra.runner.CLOCK_TICK_SECONDS", 0.01)
    clock = ManualClock(NOW)
    async with at_work(tmp_path, replace(PARISH, on_due=stumbling), clock=clock) as (parish,):
        lend(parish.journal, "cellar", after=HOUR)
        lend(parish.journal, "nave", after=2 * HOUR)
        clock.advance(2 * HOUR)
        await until(lambda: missed(parish.journal) == ["nave"] and tried >= 2)

        assert b'cordon_retries_total{service="parish",source="clock"}' in parish.metrics.shown()
    async with at_work(tmp_path, PARISH, clock=clock) as (parish,):
        await until(lambda: missed(parish.journal) == ["nave", "cellar"])
