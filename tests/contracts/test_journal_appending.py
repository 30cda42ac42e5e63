"""What it means to append to a journal, on every store: one at a time, whole or not at all, and on what is so now."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread

import pytest

from infra.command_handler import Order, ask
from infra.journal.journal import Journal
from infra.journal.writing import RECORD_BYTES_MAX, UnkeepableError
from tests.contracts.stores import OnPostgres, OnSqlite, Opens
from tests.kernel.parish import hall
from tests.kernel.parish.events import HallBooked, HallFreed, KeyLent
from tests.kernel.parish.hall import BookHall, FreeHall
from tests.kernel.parish.journals import NOW, SITE, book, cause, entries, events, say, types


def booking(hall_name: str = "nave", person: str = "per-a", broom: str = "") -> HallBooked:
    return HallBooked(hall=hall_name, person=person, hours=1, broom=broom)


def lent(keeper: str = "wrk_bo") -> KeyLent:
    return KeyLent(hall="nave", keeper=keeper, due_at="2026-03-02T12:00:00+00:00")


def append(journal: Journal, *facts: tuple[str, HallBooked | HallFreed], fails: bool = False) -> None:
    """Append to these streams of halls in one transaction, which raises at the end if it `fails`."""
    with journal.transaction(NOW) as transaction:
        for place, (name, event) in enumerate(facts):
            transaction.append(hall, name, [event], cause(f"c{place}"))
        if fails:
            raise ZeroDivisionError


class AppendingContract:
    """Rules 1 to 5: the head lock, facts after it, several streams, ids, and what is refused."""

    def test_an_empty_journal_ends_nowhere(self, journal: Journal) -> None:
        head = journal.head()

        assert (0, bytes(32), 0, bytes(32), 0) == (
            head.sequence,
            head.hash,
            head.number,
            head.message_hash,
            head.logical_time,
        )

    def test_records_are_numbered_in_the_journal_and_in_their_stream(self, journal: Journal) -> None:
        with journal.transaction(NOW) as transaction:
            transaction.append(hall, "nave", [booking(), lent()], cause("c1"))
            transaction.append(hall, "aisle", [booking("aisle")], cause("c2"))
        with journal.transaction(NOW) as transaction:
            transaction.append(hall, "nave", [lent()], cause("c3"))

        assert [
            (1, "hall-nave", 1, 1),
            (2, "hall-nave", 2, None),
            (3, "hall-aisle", 1, 2),
            (4, "hall-nave", 3, None),
        ] == [(one.sequence, one.stream, one.version, one.number) for one in entries(journal)]
        assert (4, 2) == (journal.head().sequence, journal.head().number)

    def test_what_was_appended_is_read_back(self, journal: Journal) -> None:
        with journal.transaction(NOW) as transaction:
            transaction.append(hall, "nave", [booking(), lent()], cause("c1"))

        assert [booking(), lent()] == [journal.envelope_and_event(entry)[1] for entry in entries(journal)]

    def test_several_streams_go_into_one_transaction_or_none_does(self, journal: Journal) -> None:
        with pytest.raises(ZeroDivisionError):
            append(journal, ("nave", booking()), ("aisle", booking("aisle")), fails=True)

        assert ([], 0) == (entries(journal), journal.head().sequence)
        assert hall.INITIAL == journal.state(hall, "nave")

    def test_after_a_transaction_that_raised_the_next_one_starts_from_what_is_so(self, journal: Journal) -> None:
        book(journal, "nave")
        with pytest.raises(ZeroDivisionError):
            append(journal, ("nave", HallFreed(hall="nave", person="x", occurred_at="x")), fails=True)

        with journal.transaction(NOW) as transaction:
            assert "per-nave" == transaction.state(hall, "nave").person
            assert 1 == transaction.version("hall-nave")

    def test_what_one_did_is_undone_and_the_others_stay(self, journal: Journal) -> None:
        with journal.transaction(NOW) as transaction:
            transaction.append(hall, "nave", [booking()], cause("c1"))
            mark = transaction.mark()
            transaction.append(hall, "nave", [lent()], cause("c2"))
            transaction.append(hall, "aisle", [booking("aisle")], cause("c1"))
            transaction.undo(mark)

            assert (1, 0) == (transaction.version("hall-nave"), transaction.version("hall-aisle"))
            assert not transaction.state(hall, "nave").is_lent

            transaction.append(hall, "tower", [booking("tower")], cause("c1"))

        assert [("hall-nave", 1, 1), ("hall-tower", 1, 2)] == [
            (one.stream, one.version, one.number) for one in entries(journal)
        ]

    def test_an_undone_record_gives_its_id_to_the_next(self, opens: Opens) -> None:
        journal = opens()
        with journal.transaction(NOW) as transaction:
            mark = transaction.mark()
            first = transaction.append(hall, "nave", [booking()], cause("c1"))
            transaction.undo(mark)
            again = transaction.append(hall, "nave", [booking()], cause("c1"))

        assert first == again

    def test_two_processes_appending_at_once_leave_no_gap(self, opens: Opens) -> None:
        journals = [opens(), opens()]
        together = Barrier(2)

        def append(which: int) -> None:
            together.wait()
            for count in range(30):
                with journals[which].transaction(NOW) as transaction:
                    transaction.append(hall, f"{which}-{count % 3}", [booking()], cause(f"c{which}-{count}"))
                    transaction.append(hall, "shared", [lent()], cause(f"c{which}-{count}"))

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(append, range(2)))

        kept = entries(journals[0])
        assert list(range(1, 121)) == [entry.sequence for entry in kept]
        assert list(range(1, 61)) == [entry.number for entry in kept if entry.number]
        assert list(range(1, 61)) == [entry.version for entry in kept if entry.stream == "hall-shared"]

    def test_facts_are_read_after_the_lock(self, opens: Opens) -> None:
        first, second = opens(), opens()
        book(first, "nave")
        began, ended = Event(), Event()
        seen: list[str | None] = []

        def decide() -> None:
            began.set()
            with second.transaction(NOW) as transaction:
                seen.append(transaction.state(hall, "nave").person)
            ended.set()

        with first.transaction(NOW) as transaction:
            other = Thread(target=decide)
            other.start()
            began.wait()

            assert not ended.wait(0.2), "it did not wait for the lock"

            order = Order(decider=hall, id="nave", command=FreeHall(hall="nave", now=NOW), cause=cause("free"))
            ask(transaction, order)
        other.join()

        assert [None] == seen

    def test_the_state_cache_sees_what_another_process_appended(self, opens: Opens) -> None:
        first, second = opens(), opens()
        book(first, "nave")
        book(second, "aisle")
        say(second, FreeHall(hall="nave", now=NOW), "free")
        decided = say(first, BookHall(hall="nave", person="per-other"), "book-again")

        assert (None, 3) == (decided.refusal, decided.version)
        assert [1, 2, 3] == [entry.version for entry in entries(first) if entry.stream == "hall-nave"]

    def test_it_sees_what_another_process_began_where_there_was_nothing(self, opens: Opens) -> None:
        first, second = opens(), opens()
        with first.transaction(NOW) as transaction:
            assert hall.INITIAL == transaction.state(hall, "nave")
        book(second, "nave")

        with first.transaction(NOW) as transaction:
            assert "per-nave" == transaction.state(hall, "nave").person
            assert 1 == transaction.version("hall-nave")

    def test_ids_follow_from_cause_service_and_stream(self, journal: Journal) -> None:
        with journal.transaction(NOW) as transaction:
            nave = transaction.append(hall, "nave", [booking(), booking()], cause("c1"))
            aisle = transaction.append(hall, "aisle", [booking()], cause("c1"))
        with journal.transaction(NOW) as transaction:
            again = transaction.append(hall, "nave", [booking(), booking()], cause("c1"))
            other = transaction.append(hall, "nave", [booking()], cause("c2"))

        assert nave == again
        assert 4 == len({*nave, *aisle, *other})
        assert nave + aisle + again + other == [journal.envelope_and_event(entry)[0].id for entry in entries(journal)]

    @pytest.mark.parametrize("text", ["x" * RECORD_BYTES_MAX, "before\x00after"], ids=["too-large", "nul"])
    def test_a_record_that_must_not_be_kept_is_refused_before_the_commit(self, journal: Journal, text: str) -> None:
        with pytest.raises(UnkeepableError):
            append(journal, ("nave", booking()), ("nave", booking(person=text)))

        assert ([], 0) == (entries(journal), journal.head().number)

    def test_a_nul_in_the_name_of_a_stream_is_refused(self, journal: Journal) -> None:
        with pytest.raises(Exception, match=r"NUL|test\.hall-booked"):
            append(journal, ("na\x00ve", booking()))

        assert [] == entries(journal)

    def test_an_expected_version_that_is_not_there_any_more_is_refused(self, journal: Journal) -> None:
        book(journal, "nave")
        stale = say(journal, FreeHall(hall="nave", now=NOW), "k1", version=0)
        beyond = say(journal, FreeHall(hall="nave", now=NOW), "k2", version=2)
        fresh = say(journal, FreeHall(hall="nave", now=NOW), "k3", version=1)

        assert ["version-stale", "version-stale", None] == [
            one.refusal.code if one.refusal else None for one in (stale, beyond, fresh)
        ]
        assert [1, 1, 2] == [stale.version, beyond.version, fresh.version]
        assert 1 == len(events(journal, HallFreed))

    def test_a_transaction_without_effect_writes_nothing(self, journal: Journal) -> None:
        book(journal, "nave")
        before = journal.head()
        with journal.transaction(NOW) as transaction:
            transaction.state(hall, "nave")
            transaction.append(hall, "nave", [], cause("c1"))

        assert before == journal.head()

    def test_a_journal_opened_again_goes_on_where_it_ended(self, opens: Opens) -> None:
        book(opens(), "nave")
        again = opens()
        book(again, "aisle")

        assert ["test.hall-booked.v2", "journal.asked.v1"] * 2 == types(again)
        assert [1, 2] == [entry.number for entry in entries(again) if entry.number]
        assert f"/cordon/{SITE}/parish" == again.envelope_and_event(entries(again)[0])[0].source


class TestAppendingOnSqlite(OnSqlite, AppendingContract):
    """In a file."""


class TestAppendingOnPostgres(OnPostgres, AppendingContract):
    """On a server."""
