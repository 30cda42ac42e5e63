"""A place in a topic moves with the effect, and only from where it was read, on every store."""

from dataclasses import replace

import pytest

from infra.command_handler import Order, ask
from infra.journal.arrivals import Arrival, Reached, reached
from infra.journal.history import History
from infra.journal.invariants import no_effect_twice_for_one_cause
from infra.journal.journal import Journal
from infra.journal.place import StaleListenerError
from infra.journal.rebuilt import rebuilt_indexes_equal_live
from infra.service import Inbox, Service
from infra.web.desk import Take
from schemas.journal import Arrived
from tests.contracts.stores import OnPostgres, OnSqlite, Opens
from tests.kernel.parish import hall
from tests.kernel.parish.events import HallBooked
from tests.kernel.parish.hall import BookHall
from tests.kernel.parish.journals import NOW, cause, events
from tests.kernel.parish.services import PARISH

TOPIC = "agency.choir"
START = Reached()


def takes_nothing(_desk: object) -> Take:
    raise NotImplementedError


def told_by(*topics: str) -> Service:
    return replace(PARISH, inbox=Inbox(topics={topic: f"{topic}.receipts" for topic in topics}, take=takes_nothing))


def at(offset: int, digest: bytes = b"as sent") -> Reached:
    return Reached(offset, digest)


def take(journal: Journal, name: str, after: Reached, to: Reached, topic: str = TOPIC) -> None:
    """Book a hall because of a record of a topic."""
    with journal.transaction(NOW) as transaction:
        why = cause(f"book-{name}")
        ask(transaction, Order(decider=hall, id=name, command=BookHall(hall=name, person="per-a"), cause=why))
        transaction.remember_arrived(Arrival(topic=topic, after=after, to=to), why)


def place(journal: Journal, topic: str = TOPIC) -> Reached:
    with journal.database.reading() as connection:
        return reached(connection, topic)


def booked(journal: Journal) -> list[str]:
    return [event.hall for event in events(journal, HallBooked)]


class ArrivalContract:
    """Moved with the effect, from where it was read, and made again from the journal."""

    @pytest.fixture
    def choir(self, opens: Opens) -> Journal:
        return opens(told_by(TOPIC))

    def test_the_place_moves_with_the_effect(self, choir: Journal) -> None:
        take(choir, "nave", START, at(0))
        take(choir, "aisle", at(0), at(4))

        assert at(4) == place(choir)
        assert [
            Arrived(topic=TOPIC, after=-1, offset=0, digest=b"as sent"),
            Arrived(topic=TOPIC, after=0, offset=4, digest=b"as sent"),
        ] == events(choir, Arrived)

    @pytest.mark.parametrize("after", [START, at(1), at(0, b"of another topic")])
    def test_from_elsewhere_it_is_not_moved_and_nothing_is_done(self, choir: Journal, after: Reached) -> None:
        take(choir, "nave", START, at(0))
        with pytest.raises(StaleListenerError):
            take(choir, "aisle", after, at(2))

        assert (["nave"], at(0)) == (booked(choir), place(choir))

    def test_of_two_that_took_the_same_record_one_acts(self, opens: Opens) -> None:
        one, other = opens(told_by(TOPIC)), opens(told_by(TOPIC))
        take(one, "nave", START, at(0))
        with pytest.raises(StaleListenerError):
            take(other, "nave", START, at(0))

        assert [["nave"], ["nave"]] == [booked(one), booked(other)]
        assert 1 == len(events(one, Arrived))

    def test_two_in_one_transaction_are_no_different(self, choir: Journal) -> None:
        with choir.transaction(NOW) as transaction:
            transaction.remember_arrived(Arrival(topic=TOPIC, after=START, to=at(0)), cause("one"))
            mark = transaction.mark()
            transaction.remember_arrived(Arrival(topic=TOPIC, after=at(0), to=at(1)), cause("two"))
            transaction.undo(mark)
            with pytest.raises(StaleListenerError):
                transaction.remember_arrived(Arrival(topic=TOPIC, after=START, to=at(0)), cause("one"))

        assert at(0) == place(choir)

    def test_a_place_may_go_back_where_a_topic_begins_again(self, choir: Journal) -> None:
        take(choir, "nave", START, at(7))
        take(choir, "aisle", at(7), at(0, b"in the new topic"))

        assert at(0, b"in the new topic") == place(choir)

    def test_the_same_command_may_come_with_many_records(self, choir: Journal) -> None:
        for offset in range(3):
            take(choir, "nave", at(offset - 1) if offset else START, at(offset))
        with choir.database.reading() as connection:
            found = list(no_effect_twice_for_one_cause(History("parish", connection, choir.codec)))

        assert (["nave"], at(2), []) == (booked(choir), place(choir), found)

    def test_each_topic_has_a_place_of_its_own(self, opens: Opens) -> None:
        journal = opens(told_by(TOPIC, "agency.bells"))
        take(journal, "nave", START, at(3))
        take(journal, "tower", START, at(1), "agency.bells")

        assert [at(3), at(1)] == [place(journal), place(journal, "agency.bells")]

    def test_made_again_from_the_journal_they_are_the_same(self, choir: Journal) -> None:
        take(choir, "nave", START, at(3))
        take(choir, "aisle", at(3), at(4))

        assert [] == list(rebuilt_indexes_equal_live(choir))
        assert at(4) == place(choir)

    def test_so_is_that_of_a_topic_that_is_not_taken_from_any_more(self, opens: Opens) -> None:
        take(opens(told_by(TOPIC)), "nave", START, at(3))
        journal = opens(told_by("agency.bells"))
        journal.rebuild()
        take(opens(told_by(TOPIC)), "aisle", at(3), at(4))

        assert (at(4), START) == (place(journal), place(journal, "agency.bells"))

    def test_a_topic_that_is_new_to_an_old_journal_begins_before_the_first(self, opens: Opens) -> None:
        take(opens(told_by(TOPIC)), "nave", START, at(3))
        journal = opens(told_by(TOPIC, "agency.bells"))
        take(journal, "tower", START, at(0), "agency.bells")

        assert [at(3), at(0)] == [place(journal), place(journal, "agency.bells")]


class TestArrivalsOnSqlite(OnSqlite, ArrivalContract):
    """In a file."""


class TestArrivalsOnPostgres(OnPostgres, ArrivalContract):
    """On a server."""
