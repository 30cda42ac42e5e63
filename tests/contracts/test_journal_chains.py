"""The two chains of a journal, recomputed from the stored bytes; and what a listener can see of what is not shared."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from infra.journal.chain import record_id
from infra.journal.journal import Forked, Journal, Sent, messages
from infra.journal.transaction import Transaction
from schemas.envelope import Record
from tests.contracts.stores import OnPostgres, OnSqlite, Opens
from tests.kernel.parish import hall, sweeping
from tests.kernel.parish.events import BellRung, HallBooked
from tests.kernel.parish.hall import BookHall, Collapse, FreeHall, LendKey, RingBell
from tests.kernel.parish.journals import NOW, book, cause, entries, opened, say, types

DUE = "2026-03-02T12:00:00+00:00"
NOT_COMPARED = {"salt"}
"""Drawn by chance."""


def sent(journal: Journal, after: int = 0, hash: bytes = bytes(32), limit: int = 500) -> list[Sent]:
    with journal.database.reading() as connection:
        return messages(connection, after, hash, limit)


def linked(previous: bytes, record: bytes) -> bytes:
    """As written in the protocol, and not as the journal does it."""
    return sha256(previous + sha256(record).digest()).digest()


def a_day(journal: Journal, *, with_private_records: bool) -> None:
    """The same messages, said with the same commands; between them what nobody else hears, or not."""
    for number, name in enumerate(("nave", "aisle", "tower")):
        if with_private_records:
            say(journal, LendKey(hall="sacristy", keeper="wrk_bo", due_at=DUE), f"lend-{number}")
            say(journal, BookHall(hall="chapel", person="per-x", hours=13), f"refused-{number}")
        with journal.transaction(NOW + timedelta(hours=number)) as transaction:
            transaction.append(hall, name, [HallBooked(hall=name, person="per-a", hours=1)], cause(f"book-{number}"))
    say(journal, FreeHall(hall="nave", now=NOW), "free", at=NOW + timedelta(hours=3))


class ChainsContract:
    """Both chains verify from bytes alone, and the messages' one tells nothing of the rest."""

    def test_the_journals_chain_is_that_of_the_protocol(self, journal: Journal) -> None:
        a_day(journal, with_private_records=True)
        previous = bytes(32)
        for entry in entries(journal):
            previous = linked(previous, entry.raw)

            assert previous == entry.hash

        assert previous == journal.head().hash

    def test_messages_are_numbered_without_gaps_and_chained_by_themselves(self, journal: Journal) -> None:
        a_day(journal, with_private_records=True)
        previous = bytes(32)
        shared = sent(journal)
        for message in shared:
            previous = linked(previous, message.raw)

            assert previous == message.hash

        assert [1, 2, 3, 4] == [message.number for message in shared]
        assert [1, 2, 3, 4] == [json.loads(message.raw)["number"] for message in shared]
        assert (4, previous) == (journal.head().number, journal.head().message_hash)
        assert len(entries(journal)) > 4

    def test_no_message_shows_that_anything_is_not_shared(self, opens: Opens, tmp_path_factory: Any) -> None:
        full = opens()
        alone = opened(f"sqlite:///{tmp_path_factory.mktemp('alone') / 'journal.sqlite'}")
        a_day(full, with_private_records=True)
        a_day(alone, with_private_records=False)
        alone.database.close()

        assert len(entries(full)) > len(entries(alone))
        assert [shown(message) for message in sent(alone)] == [shown(message) for message in sent(full)]

    def test_private_records_have_no_number(self, journal: Journal) -> None:
        a_day(journal, with_private_records=True)
        private = [json.loads(entry.raw) for entry in entries(journal) if entry.number is None]

        assert private
        assert not [record for record in private if "number" in record]

    def test_the_tail_goes_on_after_what_was_heard(self, journal: Journal) -> None:
        a_day(journal, with_private_records=True)
        first, second, third, fourth = sent(journal)

        assert [first, second] == sent(journal, limit=2)
        assert [third, fourth] == sent(journal, 2, second.hash)
        assert [] == sent(journal, 4, fourth.hash)

    @pytest.mark.parametrize(("after", "hash"), [(0, b"\x01" * 32), (2, b"\x01" * 32), (9, b"\x01" * 32)])
    def test_a_tail_after_what_is_not_held_is_forked(self, journal: Journal, after: int, hash: bytes) -> None:
        a_day(journal, with_private_records=True)

        with pytest.raises(Forked):
            sent(journal, after, hash)

    def test_a_record_withheld_leaves_the_chain_verifiable(self, journal: Journal) -> None:
        a_day(journal, with_private_records=True)
        first, withheld, third = entries(journal)[:3]
        digest = sha256(withheld.raw).digest()

        assert third.hash == linked(sha256(first.hash + digest).digest(), third.raw)

    def test_the_same_record_has_another_digest_each_time(self, journal: Journal) -> None:
        with journal.transaction(NOW) as transaction:
            for place in range(2):
                event = HallBooked(hall="nave", person="per-a", hours=1)
                transaction.append(hall, f"nave-{place}", [event], cause("c"))
        salts = [json.loads(entry.raw)["salt"] for entry in entries(journal)]

        assert 2 == len(set(salts))
        assert all(re.fullmatch("[0-9a-f]{32}", salt) for salt in salts)


class EnvelopeContract:
    """Records are CloudEvents, and what crosses a wall says nothing of where it came from."""

    def test_every_record_is_a_cloudevent(self, journal: Journal) -> None:
        a_day(journal, with_private_records=True)
        for entry in entries(journal):
            record = json.loads(entry.raw)

            assert {"id", "source", "specversion", "type"} <= record.keys()
            assert "1.0" == record["specversion"]
            assert all(re.fullmatch("[a-z0-9]{1,20}", name) for name in record)
            assert all(isinstance(value, str | int | bool) for name, value in record.items() if name != "data")
            assert all(value != "" for value in record.values())
            assert entry.type == record["type"]
            assert "application/json" == record["datacontenttype"]
            assert datetime.fromisoformat(record["time"]).utcoffset() is not None
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", record["recordedtime"])

    def test_ids_are_unique_in_the_journal(self, journal: Journal) -> None:
        a_day(journal, with_private_records=True)
        say(journal, RingBell(person="per-a", peal="passing"), "ring")
        ids = [json.loads(entry.raw)["id"] for entry in entries(journal)]

        assert len(ids) == len(set(ids))

    def test_the_envelope_says_who_what_for_and_when_it_happened(self, journal: Journal) -> None:
        given = msgspec.structs.replace(
            cause("c1"), correlation="k1", agency="police", on_behalf_of="wrk_bo", purpose="case-work"
        )
        with journal.transaction(NOW) as transaction:
            transaction.append(hall, "nave", [HallBooked(hall="nave", person="per-a", hours=1)], given)
        say(journal, FreeHall(hall="nave", now=NOW - timedelta(hours=1)), "free")
        booked, freed = (journal.envelope_and_event(entry)[0] for entry in entries(journal)[:2])

        assert ("c1", "k1", "wrk_ada", "police", "wrk_bo", "case-work", "per-a", "hall-nave") == (
            booked.causationid,
            booked.correlationid,
            booked.actor,
            booked.agency,
            booked.onbehalfof,
            booked.purpose,
            booked.person,
            booked.subject,
        )
        assert "2026-03-02T09:00:00.000000Z" == booked.time == booked.recordedtime == freed.recordedtime
        assert NOW - timedelta(hours=1) == datetime.fromisoformat(freed.time)

    def test_what_crosses_names_nothing_of_the_inside(self, journal: Journal) -> None:
        inside = msgspec.structs.replace(cause("why"), agency="police", on_behalf_of="wrk_bo", purpose="case-work")
        with journal.transaction(NOW) as transaction:
            transaction.append(hall, "tower", [BellRung(person="per-a", peal="passing")], inside)
        (message,) = sent(journal)
        record = msgspec.json.decode(message.raw, type=Record)

        assert not [word for word in (b"why", b"wrk_ada", b"wrk_bo", b"police", b"tower") if word in message.raw]
        assert "service:parish" == record.actor
        assert record.id == record.causationid == record.correlationid
        assert "person-per-a" == record.subject

    def test_whoever_guesses_the_cause_of_what_crossed_cannot_confirm_it_by_its_id(self, journal: Journal) -> None:
        ids = []
        for secret in (b"", b"of this side", b"of this side"):
            with journal.database.writing() as connection:
                pen, states = replace(journal._pen, secret=secret), journal._states  # noqa: SLF001 - as with other keys
                transaction = Transaction(connection, pen, states, NOW)
                ids += transaction.append(hall, "tower", [BellRung(person="per-a", peal="passing")], cause("why"))
        guessed = record_id("why", "parish", "hall-tower", 0)

        assert guessed not in ids
        assert 2 == len(set(ids))
        assert ids[1] == ids[2]

    def test_the_true_cause_of_what_crossed_stands_beside_it(self, journal: Journal) -> None:
        say(journal, RingBell(person="per-a", peal="passing"), "why")
        message, crossed = entries(journal)[:2]
        beside = json.loads(crossed.raw)["data"]

        assert ["test.bell-rung.v1", "journal.crossed.v1", "journal.asked.v1"] == types(journal)
        assert (1, None) == (message.number, crossed.number)
        assert (json.loads(message.raw)["id"], "why", "why", "wrk_ada") == (
            beside["message"],
            beside["cause"],
            beside["correlation"],
            beside["actor"],
        )

    def test_what_is_noted_keeps_its_class_and_is_private(self, journal: Journal) -> None:
        fact = HallBooked(hall="nave", person="per-a", hours=1)
        with journal.transaction(NOW) as transaction:
            transaction.append(sweeping, "nave", [fact], cause("heard"), noted=True)

            assert 1 == transaction.state(sweeping, "nave").booked

        (entry,) = entries(journal)
        assert (HallBooked.TYPE, None, fact) == (entry.type, entry.number, journal.envelope_and_event(entry)[1])
        assert [] == sent(journal)
        assert 0 == journal.head().number

    def test_private_records_do_not_advance_the_logical_time(self, journal: Journal) -> None:
        a_day(journal, with_private_records=True)
        times = [(json.loads(entry.raw)["logicaltime"], entry.number) for entry in entries(journal)]

        assert [1, 2, 3, 4] == [time for time, number in times if number]
        assert [0, 0, 0, 1, 1] == [time for time, _ in times][:5]
        assert 4 == journal.head().logical_time

    def test_times_are_utc_whatever_the_clock_says(self, journal: Journal) -> None:
        book(journal, "nave", at=datetime(2026, 7, 1, 9, tzinfo=UTC))

        assert "2026-07-01T09:00:00.000000Z" == journal.envelope_and_event(entries(journal)[0])[0].recordedtime

    def test_a_mistake_of_the_program_leaves_no_record(self, journal: Journal) -> None:
        with pytest.raises(ZeroDivisionError):
            say(journal, Collapse(), "k")

        assert [] == entries(journal)


def shown(message: Sent) -> tuple[int, dict[str, Any]]:
    record = json.loads(message.raw)
    return message.number, {name: value for name, value in record.items() if name not in NOT_COMPARED}


class TestChainsOnSqlite(OnSqlite, ChainsContract):
    """In a file."""


class TestChainsOnPostgres(OnPostgres, ChainsContract):
    """On a server."""


class TestEnvelopeOnSqlite(OnSqlite, EnvelopeContract):
    """In a file."""


class TestEnvelopeOnPostgres(OnPostgres, EnvelopeContract):
    """On a server."""
