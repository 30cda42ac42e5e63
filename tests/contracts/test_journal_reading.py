"""What it means to read a journal, on every store: one state of it, in today's shapes, in little memory."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, bindparam, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from infra.decider import fold
from infra.journal import head, tables
from infra.journal.codec import UnknownTypeError
from infra.journal.database import finder
from infra.journal.journal import Journal
from infra.journal.place import Place, StaleListenerError
from infra.journal.states import events_of
from tests.contracts.stores import OnPostgres, OnSqlite, Opens
from tests.kernel.parish import hall, sweeping
from tests.kernel.parish.events import CODEC, CODEC_AT_FIRST, HallBooked, HallBookedAtFirst, HallSwept, KeyLent
from tests.kernel.parish.hall import BookAsAtFirst, BookHall
from tests.kernel.parish.journals import NOW, book, cause, entries, events, say, without
from tests.kernel.parish.services import SEXTON

_MOVE = update(tables.heard).where(tables.heard.c.source == bindparam("of_source")).values(number=7)


@contextmanager
def traced() -> Iterator[list[int]]:
    """The peak of the memory used meanwhile, in bytes."""
    peak = [0]
    tracemalloc.start()
    try:
        yield peak
        peak[0] = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def peak_of_folding(journal: Journal, stream: str) -> int:
    with journal.database.reading() as connection:
        id = connection.execute(select(tables.streams.c.id).where(tables.streams.c.name == stream)).scalar_one()
        with traced() as peak:
            fold(sweeping, events_of(connection, journal.codec, id))
    return peak[0]


class ReadingContract:
    """Reading sees one state, old shapes come as today's, and a long stream costs no more memory than a short one."""

    def test_reading_sees_one_state_of_the_journal(self, opens: Opens) -> None:
        journal, other = opens(), opens()
        with journal.database.reading() as connection:
            before = head.read(connection)
            book(other, "nave")

            assert before == head.read(connection)

        assert 1 == journal.head().number

    def test_nobody_writes_while_a_transaction_has_only_read(self, opens: Opens) -> None:
        journal, other = opens(), opens()
        with journal.database.writing() as connection:
            head.locked(connection)
            with pytest.raises(Exception, match="lock"):
                lock_without_patience(other)

    def test_a_savepoint_that_is_released_commits_nothing(self, journal: Journal) -> None:
        with pytest.raises(ZeroDivisionError):
            fail_after_a_savepoint(journal)

        with journal.database.reading() as connection:
            assert [] == connection.execute(select(tables.asked)).all()

    def test_a_stream_is_folded_alike_from_cache_and_from_disk(self, opens: Opens) -> None:
        journal = opens()
        book(journal, "nave")
        with journal.transaction(NOW) as transaction:
            cached = transaction.state(hall, "nave")

        assert cached == journal.state(hall, "nave") == opens().state(hall, "nave")
        assert hall.INITIAL == journal.state(hall, "nowhere")

    def test_shapes_given_up_are_read_as_those_of_today(self, opens: Opens) -> None:
        say(opens(codec=CODEC_AT_FIRST), BookAsAtFirst(hall="nave", person="per-a"), "k1")
        today = opens(codec=CODEC)

        assert [HallBooked(hall="nave", person="per-a", hours=1)] == events(today, HallBooked)
        assert HallBookedAtFirst.TYPE == entries(today)[0].type
        assert "hall-taken" == code_of(today, BookHall(hall="nave", person="per-b"))

    def test_what_is_not_in_the_vocabulary_is_refused_and_not_passed_over(self, opens: Opens) -> None:
        say(opens(codec=CODEC_AT_FIRST), BookAsAtFirst(hall="nave", person="per-a"), "k1")
        journal = opens()
        (entry, _asked) = entries(journal)
        stranger = journal.codec.envelope(entry.raw.replace(b"hall-booked.v1", b"hall-booked.v9"))

        with pytest.raises(UnknownTypeError):
            journal.codec.event(stranger)

    def test_the_wire_names_of_a_fact_are_those_of_all_its_shapes(self) -> None:
        assert {"test.hall-booked.v1", "test.hall-booked.v2"} == CODEC.wire_names([HallBooked])
        assert {"test.key-lent.v1"} == CODEC.wire_names([KeyLent])

    def test_a_long_stream_takes_no_more_memory_than_a_short_one(self, opens: Opens) -> None:
        journal, swept = opens(SEXTON), HallSwept(hall="nave")
        for batch in range(10):
            with journal.transaction(NOW) as transaction:
                transaction.append(sweeping, "long", [swept] * 2_000, cause(f"long-{batch}"))
                if batch == 0:
                    transaction.append(sweeping, "short", [swept] * 2_000, cause("short"))
        peak_of_folding(journal, "sweeping-short")

        assert peak_of_folding(journal, "sweeping-long") < 1.5 * peak_of_folding(journal, "sweeping-short")

    def test_a_page_of_the_journal_goes_on_after_the_one_before(self, journal: Journal) -> None:
        book(journal, "nave", "aisle", "tower")
        whole = journal.read(0, 100)

        assert whole == journal.read(0, 2) + journal.read(2, 2) + journal.read(4, 2)
        assert [] == journal.read(6, 2)

    def test_a_failure_is_told_alike_wherever_the_driver_is_used_directly(self, journal: Journal) -> None:
        """Else a lost connection would look like a mistake of pure code, and stop a source for good (rule 13)."""
        with without(journal, "streams"), journal.database.reading() as connection:
            find = finder(connection, "SELECT id FROM streams WHERE name = ")
            with pytest.raises(DBAPIError):
                find("hall-nave")
        with journal.database.writing() as connection, pytest.raises(IntegrityError):
            journal.database.insert(connection, tables.streams, [(1, None, 1)])

        assert 0 == journal.head().sequence

    def test_a_place_that_somebody_else_has_moved_is_not_moved_again(self, opens: Opens) -> None:
        journal = opens(SEXTON)

        with pytest.raises(StaleListenerError):
            hear_while_somebody_meddles(journal)

        assert [] == entries(journal)


def code_of(journal: Journal, command: BookHall) -> str | None:
    refusal = say(journal, command, "k2").refusal
    return None if refusal is None else refusal.code


def lock_without_patience(journal: Journal) -> None:
    with journal.database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '50ms'"))
        head.locked(connection)


def fail_after_a_savepoint(journal: Journal) -> None:
    with journal.database.writing() as connection:
        with connection.begin_nested():
            connection.execute(tables.asked.insert(), {"command_id": "k", "sequence": 1})
        raise ZeroDivisionError


def hear_while_somebody_meddles(journal: Journal) -> None:
    def meddle(connection: Connection) -> bool:
        return connection.execute(_MOVE, {"of_source": "parish"}).rowcount == 1

    with journal.transaction(NOW) as transaction:
        assert Place() == transaction.place("parish")

        transaction.move_place("parish", Place(1, b"\x01" * 32), 1)
        transaction.remember_heard("parish", 0, cause("hearing"))

        assert transaction.holds(meddle)


class TestReadingOnSqlite(OnSqlite, ReadingContract):
    """In a file."""

    @pytest.fixture(autouse=True)
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who waits for the lock here waits in vain."""
        monkeypatch.setattr("infra.journal.database.BUSY_WAIT_SECONDS", 0.1)


class TestReadingOnPostgres(OnPostgres, ReadingContract):
    """On a server."""

    def test_a_stream_stays_on_the_server_while_it_is_read(self, journal: Journal) -> None:
        """Its driver would else hold all of it, where Python does not count it."""
        book(journal, "nave")
        with journal.database.reading() as connection:
            reading = events_of(connection, journal.codec, 1)
            next(reading)

            assert 1 == connection.execute(text("SELECT count(*) FROM pg_cursors WHERE NOT is_holdable")).scalar_one()
            assert [] == list(reading)
