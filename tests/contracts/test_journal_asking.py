"""What was asked is kept, and the same command id gives the same answer, on every store."""

import json
from typing import Any

import pytest

from infra.command_handler import Order, ask
from infra.journal.journal import Journal
from schemas.journal import Asked
from schemas.rejection import Answer, Rejected
from tests.contracts.stores import OnPostgres, OnSqlite, Opens
from tests.kernel.parish import hall
from tests.kernel.parish.events import HallBooked, HallFreed
from tests.kernel.parish.hall import BookHall, Collapse, FreeHall
from tests.kernel.parish.journals import NOW, book, cause, entries, events, say, types

BOOK = BookHall(hall="nave", person="per-a", hours=2)
TOO_LONG = BookHall(hall="nave", person="per-b", hours=13)


def refusal(decided: Any) -> tuple[str, tuple[Answer, ...]]:
    assert isinstance(decided.refusal, Rejected)
    return decided.refusal.code, decided.refusal.answers


class AskingContract:
    """Idempotence by command id, and the record that explains a decision."""

    def test_the_same_command_id_gives_the_same_answer_and_happens_once(self, journal: Journal) -> None:
        first = say(journal, BOOK, "k1", fingerprint=b"f")
        say(journal, FreeHall(hall="nave", now=NOW), "k2")
        again = say(journal, BOOK, "k1", fingerprint=b"f")

        assert (list(first.event_ids), first.version) == (list(again.event_ids), again.version)
        assert again.repeats is not None
        assert 1 == len(events(journal, HallBooked))

    def test_it_does_so_in_another_process(self, opens: Opens) -> None:
        first = say(opens(), BOOK, "k1", fingerprint=b"f")
        again = say(opens(), BOOK, "k1", fingerprint=b"f")

        assert list(first.event_ids) == list(again.event_ids)

    def test_it_does_so_within_one_transaction(self, journal: Journal) -> None:
        order = Order(decider=hall, id="nave", command=BOOK, cause=cause("k1"), fingerprint=b"f")
        with journal.transaction(NOW) as transaction:
            first, again = ask(transaction, order), ask(transaction, order)

        assert list(first.event_ids) == list(again.event_ids)
        assert ["test.hall-booked.v2", "journal.asked.v1"] == types(journal)

    def test_the_events_of_a_repeated_command_are_those_it_decided(self, journal: Journal) -> None:
        book(journal, "aisle")
        say(journal, BOOK, "k1", fingerprint=b"f")
        say(journal, FreeHall(hall="nave", now=NOW), "k2")
        again = say(journal, BOOK, "k1", fingerprint=b"f").repeats
        assert again is not None
        with journal.database.reading() as connection:
            decided = journal.events(connection, again.events, again.stream, again.version)
            nothing = journal.events(connection, (), again.stream, again.version)

        assert [HallBooked(hall="nave", person="per-a", hours=2)] == decided
        assert [] == nothing

    def test_another_body_under_the_same_command_id_is_refused_and_decides_nothing(self, journal: Journal) -> None:
        say(journal, BOOK, "k1", fingerprint=b"f")
        before = types(journal)
        other = say(journal, FreeHall(hall="nave", now=NOW), "k1", fingerprint=b"g")

        assert ("idempotency-key-reused", ()) == refusal(other)
        assert before == types(journal)
        assert [] == events(journal, HallFreed)

    def test_what_was_asked_is_kept_with_what_came_of_it(self, journal: Journal) -> None:
        decided = say(journal, BOOK, "k1", fingerprint=b"f")
        (asked,) = events(journal, Asked)

        assert ("k1", b"f", "hall-nave", "BookHall", 3, None, "", tuple(decided.event_ids), 1) == (
            asked.command_id,
            asked.fingerprint,
            asked.stream,
            asked.command,
            asked.rules_version,
            asked.refused,
            asked.pointer,
            asked.events,
            asked.version,
        )
        assert {"hall": "nave", "person": "per-a", "hours": 2, "broom": ""} == json.loads(bytes(asked.facts))
        assert (Answer(rule="the-hall-is-free"), Answer(rule="the-hours-are-few")) == asked.answers

    def test_a_refusal_is_journalled_with_the_answer_of_every_rule(self, journal: Journal) -> None:
        say(journal, BOOK, "k1")
        refused = say(journal, TOO_LONG, "k2")
        asked = events(journal, Asked)[-1]
        answers = (
            Answer(rule="the-hall-is-free", refused="hall-taken"),
            Answer(rule="the-hours-are-few", refused="hours-too-many"),
        )

        assert ("hall-taken", answers) == refusal(refused)
        assert ("hall-taken", answers, (), 1) == (asked.refused, asked.answers, asked.events, asked.version)

    def test_a_refusal_is_repeated_even_when_it_would_be_allowed_now(self, opens: Opens) -> None:
        journal = opens()
        say(journal, BOOK, "k1")
        refused = say(journal, BookHall(hall="nave", person="per-b"), "k2", fingerprint=b"f")
        say(journal, FreeHall(hall="nave", now=NOW), "k3")
        again = say(opens(), BookHall(hall="nave", person="per-b"), "k2", fingerprint=b"f")

        assert refusal(refused) == refusal(again)
        assert 1 == len(events(journal, HallBooked))

    def test_nothing_to_do_is_an_answer_too(self, journal: Journal) -> None:
        say(journal, BOOK, "k1")
        nothing = say(journal, BOOK, "k2")

        assert ((), None, 1) == (tuple(nothing.events), nothing.refusal, nothing.version)
        assert ["test.hall-booked.v2", "journal.asked.v1", "journal.asked.v1"] == types(journal)

    def test_what_was_asked_never_leaves(self, journal: Journal) -> None:
        say(journal, BOOK, "k1")
        say(journal, TOO_LONG, "k2")

        assert [1, None, None] == [entry.number for entry in entries(journal)]

    def test_after_a_mistake_of_the_program_the_command_can_be_asked_again(self, journal: Journal) -> None:
        with pytest.raises(ZeroDivisionError):
            say(journal, Collapse(), "k1", fingerprint=b"f")

        assert None is say(journal, BOOK, "k1", fingerprint=b"g").refusal


class TestAskingOnSqlite(OnSqlite, AskingContract):
    """In a file."""


class TestAskingOnPostgres(OnPostgres, AskingContract):
    """On a server."""
