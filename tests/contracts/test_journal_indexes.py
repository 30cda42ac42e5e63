"""Every table but the journal can be thrown away: made again from it, it is as it was, on every store."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select, text

from infra.command_handler import Order, ask
from infra.deadlines import due, reach
from infra.hearing import Hearer
from infra.journal.index import ProjectionError
from infra.journal.journal import Journal, Sent, messages
from infra.service import Change, Recorded
from tests.contracts.stores import OnPostgres, OnSqlite, Opens
from tests.kernel.parish import hall
from tests.kernel.parish.events import CODEC, CODEC_AT_FIRST, HallBooked
from tests.kernel.parish.hall import BookAsAtFirst, BookHall, FreeHall, LendKey, ReturnKey
from tests.kernel.parish.journals import NOW, book, cause, every_index, opened, say, stopped
from tests.kernel.parish.services import BOOKINGS, BROOMS, ITSELF, PARISH, SEXTON, bookings

ONE_HOUR = timedelta(hours=1)


def lend(journal: Journal, name: str, key: str, hours: int = 1) -> None:
    say(journal, LendKey(hall=name, keeper="wrk_bo", due_at=(NOW + hours * ONE_HOUR).isoformat()), key)


def a_week(journal: Journal) -> None:
    """Something of everything that the indexes of the parish keep, and clocks of all kinds."""
    book(journal, "nave", "aisle", "tower")
    say(journal, FreeHall(hall="aisle", now=NOW), "free")
    say(journal, BookHall(hall="aisle", person="per-b", hours=3), "book-again")
    say(journal, BookHall(hall="nave", person="per-b"), "refused")
    for name in ("nave", "aisle", "tower"):
        lend(journal, name, f"lend-{name}")
    lend(journal, "nave", "lend-nave-longer", 5)
    say(journal, ReturnKey(hall="aisle"), "return")
    reach_all(journal, hours=2)


def reach_all(journal: Journal, hours: int) -> int:
    now = NOW + hours * ONE_HOUR
    with journal.database.reading() as connection:
        deadlines = due(connection, now)
    for deadline in deadlines:
        with journal.transaction(now) as transaction:
            reach(transaction, PARISH, deadline)
    return len(deadlines)


def tail(journal: Journal) -> list[Sent]:
    with journal.database.reading() as connection:
        return messages(connection, 0, bytes(32), 500)


def hear(sexton: Journal, batch: list[Sent]) -> None:
    hearer = Hearer(sexton.service, "parish", sexton.codec, {})
    with sexton.transaction(NOW) as transaction:
        hearer.hear(transaction, batch)


class IndexContract:
    """Rebuilt equals live; rebuilt at open where a version changed; and only what is named."""

    def test_rebuilt_indexes_equal_live_ones(self, journal: Journal) -> None:
        a_week(journal)
        live = every_index(journal)
        count = journal.rebuild()

        assert live == every_index(journal)
        assert journal.head().sequence == count
        assert {"hall-nave", "hall-tower"} == {row[0] for row in live["deadlines"]}
        assert all(live[name] for name in ("asked", "deadlines", "bookings"))

    def test_those_of_a_listener_do_too(self, opens: Opens, tmp_path_factory: pytest.TempPathFactory) -> None:
        parish = opened_elsewhere(tmp_path_factory)
        book(parish, "nave", "crypt", "cellar", "aisle")
        sexton = opens(replace(SEXTON, hears={**SEXTON.hears, "sexton": ITSELF}))
        hear(sexton, tail(parish))
        with sexton.transaction(NOW) as transaction:
            Hearer(sexton.service, "parish", sexton.codec, {}).begin(transaction, frozenset({"k"}), 2)
        parish.database.close()
        live = every_index(sexton)
        sexton.rebuild()

        assert live == every_index(sexton)
        assert [("parish", 3, "ZeroDivisionError")] == stopped(sexton)
        assert all(live[name] for name in ("heard", "stopped", "asked", "hearing", "brooms"))
        assert ["parish", "sexton"] == [row[0] for row in live["heard"]]

    def test_what_was_damaged_is_made_whole(self, journal: Journal) -> None:
        a_week(journal)
        live = every_index(journal)
        with journal.database.writing() as connection:
            connection.execute(text("DELETE FROM asked"))
            connection.execute(text("UPDATE bookings SET hours = 99"))
            connection.execute(text("UPDATE deadlines SET due_at = 'never'"))

        assert live != every_index(journal)

        journal.rebuild()

        assert live == every_index(journal)

    def test_only_the_indexes_named_are_rebuilt(self, journal: Journal) -> None:
        a_week(journal)
        with journal.database.writing() as connection:
            connection.execute(text("DELETE FROM asked"))
            connection.execute(text("DELETE FROM bookings"))
        journal.rebuild(("bookings",))

        assert [] == every_index(journal)["asked"]
        assert 3 == len(every_index(journal)["bookings"])

    def test_an_unknown_index_is_named(self, journal: Journal) -> None:
        with pytest.raises(LookupError, match=r"no index is called chapel; there are: heard, .*bookings"):
            journal.rebuild(("bookings", "chapel"))

        assert ("heard", "stopped", "asked", "hearing", "deadlines", "bookings") == journal.index_names

    def test_an_index_whose_version_changed_is_rebuilt_at_open(self, opens: Opens) -> None:
        book(opens(), "nave", "aisle")
        newer = opens(replace(PARISH, read_models=(replace(BOOKINGS, version=2, project=twice_as_long),)))

        assert [("aisle", 2), ("nave", 2)] == [(row[0], row[2]) for row in every_index(newer)["bookings"]]

    def test_an_index_of_the_same_version_is_left_alone_at_open(self, opens: Opens) -> None:
        book(opens(), "nave")
        same = opens(replace(PARISH, read_models=(replace(BOOKINGS, project=twice_as_long),)))

        assert [1] == [row[2] for row in every_index(same)["bookings"]]

    def test_an_index_that_is_new_is_filled_at_open(self, opens: Opens) -> None:
        journal = opens(replace(PARISH, read_models=()))
        book(journal, "nave")

        assert ["nave"] == [row[0] for row in every_index(opens())["bookings"]]

    def test_shapes_given_up_are_projected_as_those_of_today(self, opens: Opens) -> None:
        say(opens(codec=CODEC_AT_FIRST), BookAsAtFirst(hall="nave", person="per-a"), "k1")
        today = opens(codec=CODEC)
        today.rebuild()

        assert [("nave", "per-a", 1)] == [row[:3] for row in every_index(today)["bookings"]]

    def test_times_in_an_index_are_those_of_the_record(self, journal: Journal) -> None:
        book(journal, "nave", at=NOW - ONE_HOUR)
        journal.rebuild()

        assert ["2026-03-02T08:00:00.000000Z"] == [row[3] for row in every_index(journal)["bookings"]]

    def test_a_deadline_is_kept_in_utc(self, journal: Journal) -> None:
        say(journal, LendKey(hall="nave", keeper="wrk_bo", due_at="2026-07-01T12:00:00+01:00"), "lend")

        assert ["2026-07-01T11:00:00.000000Z"] == [row[2] for row in every_index(journal)["deadlines"]]

    def test_a_deadline_replaced_or_cleared_is_one_or_none(self, journal: Journal) -> None:
        lend(journal, "nave", "lend", 1)
        lend(journal, "nave", "lend-longer", 5)
        lend(journal, "aisle", "lend-aisle", 1)
        say(journal, ReturnKey(hall="aisle"), "return")

        assert [("hall-nave", "key-due", "2026-03-02T14:00:00.000000Z")] == [
            row[:3] for row in every_index(journal)["deadlines"]
        ]

    def test_a_read_model_that_raises_names_itself_and_nothing_is_kept(self, opens: Opens) -> None:
        journal = opens(replace(PARISH, read_models=(replace(BROOMS, reads=(HallBooked,)),)))
        with pytest.raises(ProjectionError, match="brooms"):
            book(journal, "nave")

        assert 0 == journal.head().sequence

    def test_changes_of_one_table_are_carried_out_in_their_order(self, journal: Journal) -> None:
        with journal.transaction(NOW) as transaction:
            for place, person in enumerate(("per-a", "per-b", "per-c")):
                if place:
                    free = FreeHall(hall="nave", now=NOW)
                    ask(transaction, Order(decider=hall, id="nave", command=free, cause=cause(f"free-{place}")))
                command = BookHall(hall="nave", person=person)
                ask(transaction, Order(decider=hall, id="nave", command=command, cause=cause(f"book-{place}")))

        with journal.database.reading() as connection:
            assert [("nave", "per-c")] == who_has_what(connection)


def who_has_what(connection: Connection) -> list[tuple[str, str]]:
    return [tuple(row) for row in connection.execute(select(bookings.c.hall, bookings.c.person))]


def twice_as_long(recorded: Recorded) -> Iterable[Change]:
    event = recorded.event
    if isinstance(event, HallBooked):
        row = {"hall": event.hall, "person": event.person, "hours": 2 * event.hours, "booked_at": ""}
        yield insert(bookings), row


def opened_elsewhere(places: pytest.TempPathFactory) -> Journal:
    return opened(f"sqlite:///{places.mktemp('elsewhere') / 'parish.sqlite'}")


class TestIndexesOnSqlite(OnSqlite, IndexContract):
    """In a file."""


class TestIndexesOnPostgres(OnPostgres, IndexContract):
    """On a server."""
