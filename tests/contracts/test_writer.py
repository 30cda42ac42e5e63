"""One writer: what waits is committed together, what one does wrong undoes that one alone, and nothing is left over."""

from collections.abc import Iterator
from concurrent.futures import Future

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from infra.clock import ManualClock
from infra.journal.journal import Journal
from infra.journal.staging import Staged
from infra.journal.transaction import Transaction
from infra.writer import Writer
from tests.contracts.stores import OnPostgres, OnSqlite, Opens
from tests.kernel.parish import hall, sweeping
from tests.kernel.parish.events import SweepingPlanned
from tests.kernel.parish.jobs import Gate, Work, booking, raising
from tests.kernel.parish.journals import NOW, cause, entries, events, without
from tests.kernel.parish.running import WITHIN_SECONDS
from tests.kernel.parish.services import SEXTON


def planning(name: str, broom: str) -> Work:
    event = SweepingPlanned(hall=name, broom=broom, is_told=True)
    return lambda transaction: transaction.append(sweeping, name, [event], cause(name))


def failing(transaction: Transaction) -> None:
    booking("ruin")(transaction)
    transaction.holds(lambda connection: bool(connection.execute(text("SELECT 1 FROM nowhere"))))


class WriterContract:
    """On every store, since what a failed statement does to a transaction differs."""

    @pytest.fixture
    def sexton(self, opens: Opens) -> Journal:
        return opens(SEXTON)

    @pytest.fixture
    def commits(self) -> list[tuple[Staged, ...]]:
        return []

    @pytest.fixture
    def writer(self, sexton: Journal, commits: list[tuple[Staged, ...]]) -> Iterator[Writer]:
        writer = Writer(sexton, ManualClock(NOW), commits.append)
        yield writer
        writer.close()

    def together(self, writer: Writer, *jobs: Work) -> "list[Future[object]]":
        """All of these wait while one is carried out, and come after it in one batch."""
        gate = Gate()
        first = writer.submit(gate)
        gate.began.wait()
        futures = [writer.submit(job) for job in jobs]
        gate.go_on.set()
        first.result(WITHIN_SECONDS)
        return futures

    def test_what_waits_is_committed_together(
        self, writer: Writer, sexton: Journal, commits: list[tuple[Staged, ...]]
    ) -> None:
        for future in self.together(writer, booking("a"), booking("b"), booking("c")):
            future.result(WITHIN_SECONDS)

        assert ["hall-a", "hall-b", "hall-c"] == [one.stream for one in entries(sexton) if one.number]
        assert [6] == [len(written) for written in commits]

    def test_a_batch_that_takes_its_time_lets_others_through(
        self, writer: Writer, commits: list[tuple[Staged, ...]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("infra.writer.BATCH_MAX", type(NOW - NOW)(0))
        for future in self.together(writer, booking("a"), booking("b"), booking("c")):
            future.result(WITHIN_SECONDS)

        assert [2, 2, 2] == [len(written) for written in commits]

    def test_a_result_is_there_only_once_it_is_committed(self, writer: Writer, sexton: Journal) -> None:
        writer.submit(booking("a")).result(WITHIN_SECONDS)

        assert 2 == len(entries(sexton))

    def test_what_raises_is_undone_alone(self, writer: Writer, sexton: Journal) -> None:
        before, ruin, after = self.together(writer, booking("a"), raising, booking("b"))
        before.result(WITHIN_SECONDS)
        after.result(WITHIN_SECONDS)

        with pytest.raises(ZeroDivisionError):
            ruin.result(WITHIN_SECONDS)
        assert ["hall-a", "hall-b"] == [one.stream for one in entries(sexton) if one.number]
        assert hall.INITIAL == sexton.state(hall, "ruin")

    def test_a_statement_that_fails_fails_its_own_job_alone(self, writer: Writer, sexton: Journal) -> None:
        """PostgreSQL does nothing more in a transaction in which one failed."""
        before, ruin, after = self.together(writer, booking("a"), failing, booking("b"))
        before.result(WITHIN_SECONDS)
        after.result(WITHIN_SECONDS)

        with pytest.raises(DBAPIError, match="nowhere"):
            ruin.result(WITHIN_SECONDS)
        assert ["hall-a", "hall-b"] == [one.stream for one in entries(sexton) if one.number]

    def test_it_does_so_where_the_others_write_nothing(self, writer: Writer) -> None:
        ruin, looking = self.together(writer, failing, lambda transaction: transaction.asked_before("k"))

        assert None is looking.result(WITHIN_SECONDS)
        with pytest.raises(DBAPIError, match="nowhere"):
            ruin.result(WITHIN_SECONDS)

    def test_when_the_commit_fails_each_is_done_apart_and_the_culprit_fails_alone(
        self, writer: Writer, sexton: Journal, commits: list[tuple[Staged, ...]]
    ) -> None:
        one, two, culprit, three = self.together(
            writer, planning("a", "b1"), planning("b", "b2"), planning("c", "b1"), planning("d", "b3")
        )
        for future in (one, two, three):
            future.result(WITHIN_SECONDS)

        with pytest.raises(IntegrityError):
            culprit.result(WITHIN_SECONDS)
        assert ["a", "b", "d"] == [event.hall for event in events(sexton, SweepingPlanned)]
        assert [1, 1, 1] == [len(written) for written in commits]

    def test_a_failing_database_fails_what_waits_and_then_it_goes_on(self, writer: Writer, sexton: Journal) -> None:
        with without(sexton, "head"):
            lost = [writer.submit(booking(name)) for name in ("a", "b")]
            for future in lost:
                with pytest.raises(DBAPIError):
                    future.result(WITHIN_SECONDS)
        writer.submit(booking("a")).result(WITHIN_SECONDS)

        assert ["hall-a"] == [one.stream for one in entries(sexton) if one.number]

    def test_what_was_submitted_is_finished_before_it_closes(self, sexton: Journal) -> None:
        writer, gate = Writer(sexton, ManualClock(NOW), lambda _written: None), Gate()
        writer.submit(gate)
        gate.began.wait()
        waiting = [writer.submit(booking(name)) for name in ("a", "b", "c")]
        gate.go_on.set()
        writer.close()

        assert [True] * 3 == [future.done() for future in waiting]
        assert 3 == sexton.head().number

    def test_nothing_written_is_no_commit_to_tell_of(self, writer: Writer, commits: list[tuple[Staged, ...]]) -> None:
        assert 5 == writer.submit(lambda _transaction: 5).result(WITHIN_SECONDS)
        assert [] == commits

    def test_a_job_cannot_be_taken_back(self, writer: Writer, sexton: Journal) -> None:
        gate = Gate()
        writer.submit(gate)
        gate.began.wait()
        waiting = writer.submit(booking("a"))
        is_cancelled = waiting.cancel()
        gate.go_on.set()
        writer.submit(booking("b")).result(WITHIN_SECONDS)

        assert not is_cancelled
        assert ["hall-a", "hall-b"] == [one.stream for one in entries(sexton) if one.number]


class TestWriterOnSqlite(OnSqlite, WriterContract):
    """In a file."""


class TestWriterOnPostgres(OnPostgres, WriterContract):
    """On a server."""
