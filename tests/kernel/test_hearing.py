"""One batch, one transaction: what is heard is acted on once, in order, and what cannot be stops its source alone."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from infra.hearing import FORKED, GAP, UNDECODABLE, UNKNOWN_TYPE, Hearer, Hearing, Trouble
from infra.journal.chain import link
from infra.journal.codec import Codec
from infra.journal.database import sqlite_url
from infra.journal.journal import Journal, Sent, messages
from infra.journal.place import Place
from infra.service import EVERYTHING, Service
from schemas.journal import Asked, SourceStopped
from schemas.journal import Heard as HeardRecord
from tests.kernel.parish.events import CODEC, EVENTS, FloorWaxed, HallBooked, HallFreed, HallSwept, SweepingPlanned
from tests.kernel.parish.hall import FreeHall
from tests.kernel.parish.journals import NOW, book, entries, events, opened, say, stopped
from tests.kernel.parish.services import SEXTON

HEARS_FREED = replace(SEXTON, hears={"parish": (HallBooked, HallFreed)})


@pytest.fixture
def parish(tmp_path: Path) -> Iterator[Journal]:
    journal = opened(sqlite_url(tmp_path / "parish.sqlite"))
    yield journal
    journal.database.close()


@pytest.fixture
def sexton(tmp_path: Path) -> Iterator[Journal]:
    journal = opened(sqlite_url(tmp_path / "sexton.sqlite"), SEXTON)
    yield journal
    journal.database.close()


def said(journal: Journal) -> list[Sent]:
    with journal.database.reading() as connection:
        return messages(connection, 0, bytes(32), 500)


def hear(
    journal: Journal,
    batch: list[Sent],
    *,
    service: Service = SEXTON,
    codec: Codec = CODEC,
    known: Trouble | None = None,
) -> Hearing:
    hearer = Hearer(service, "parish", codec, {})
    with journal.transaction(NOW) as transaction:
        return hearer.hear(transaction, batch, known)


def place_of(journal: Journal) -> Place:
    with journal.transaction(NOW) as transaction:
        return transaction.place("parish")


def swept(journal: Journal) -> list[str]:
    return [event.hall for event in events(journal, SweepingPlanned)]


def garbled(after: Sent, raw: bytes) -> Sent:
    """A message that is next, and truly chained, but does not say anything we know."""
    return Sent(after.number + 1, link(after.hash, raw), raw)


def test_a_batch_is_heard_in_one_transaction_that_remembers_how_far(parish: Journal, sexton: Journal) -> None:
    book(parish, "nave", "aisle")
    batch = said(parish)
    hearing = hear(sexton, batch)

    assert Hearing(heard=2) == replace(hearing, refusals=())
    assert [HallBooked.TYPE, SweepingPlanned.TYPE] * 2 + [HeardRecord.TYPE] == [one.type for one in entries(sexton)]
    assert [HeardRecord(source="parish", after=0, to=2, hash=batch[1].hash)] == events(sexton, HeardRecord)
    assert Place(2, batch[1].hash) == place_of(sexton)


def test_what_was_heard_is_skipped(parish: Journal, sexton: Journal) -> None:
    book(parish, "nave", "aisle")
    hear(sexton, said(parish))
    before = len(entries(sexton))
    hearing = hear(sexton, said(parish))

    assert (0, None) == (hearing.heard, hearing.trouble)
    assert before == len(entries(sexton))


def test_the_next_is_acted_on_after_what_was_heard(parish: Journal, sexton: Journal) -> None:
    book(parish, "nave", "aisle")
    hear(sexton, said(parish)[:1])
    book(parish, "tower")
    hear(sexton, said(parish))

    assert ["nave", "aisle", "tower"] == swept(sexton)


def test_a_gap_stops_before_it_and_is_not_a_trouble_of_the_source(parish: Journal, sexton: Journal) -> None:
    book(parish, "nave", "aisle", "tower")
    first, _, third = said(parish)
    hearing = hear(sexton, [first, third])

    assert (1, Trouble(number=3, code=GAP)) == (hearing.heard, hearing.trouble)
    assert (1, []) == (place_of(sexton).number, stopped(sexton))
    assert ["nave"] == swept(sexton)


def test_the_last_heard_with_another_hash_is_a_fork(parish: Journal, sexton: Journal) -> None:
    book(parish, "nave")
    (first,) = said(parish)
    hear(sexton, [first])
    hearing = hear(sexton, [Sent(1, b"\x01" * 32, first.raw)])

    assert Trouble(number=1, code=FORKED) == hearing.trouble
    assert [("parish", 1, FORKED)] == stopped(sexton)


@pytest.mark.parametrize("part", ["hash", "raw"])
def test_the_next_with_a_hash_that_is_not_its_own_is_a_fork(parish: Journal, sexton: Journal, part: str) -> None:
    book(parish, "nave", "aisle")
    first, second = said(parish)
    lie = Sent(2, b"\x01" * 32, second.raw) if part == "hash" else Sent(2, second.hash, first.raw)
    hearing = hear(sexton, [first, lie])

    assert (1, Trouble(number=2, code=FORKED)) == (hearing.heard, hearing.trouble)
    assert ["nave"] == swept(sexton)
    assert [("parish", 2, FORKED)] == stopped(sexton)


def test_a_whole_other_history_is_a_fork_however_well_it_is_chained(
    parish: Journal, sexton: Journal, tmp_path: Path
) -> None:
    book(parish, "nave", "aisle")
    hear(sexton, said(parish)[:1])
    other = opened(sqlite_url(tmp_path / "other.sqlite"))
    book(other, "chapel", "tower")
    hearing = hear(sexton, said(other)[1:])
    other.database.close()

    assert (0, Trouble(number=2, code=FORKED)) == (hearing.heard, hearing.trouble)


def test_what_raises_is_undone_and_what_came_before_it_stays_heard(parish: Journal, sexton: Journal) -> None:
    book(parish, "nave", "cellar", "tower")
    hearing = hear(sexton, said(parish))

    assert (1, Trouble(number=2, code="ZeroDivisionError")) == (hearing.heard, hearing.trouble)
    assert (["nave"], 1) == (swept(sexton), place_of(sexton).number)
    assert [SourceStopped(source="parish", number=2, code="ZeroDivisionError")] == events(sexton, SourceStopped)
    assert [("parish", 2, "ZeroDivisionError")] == stopped(sexton)


def test_the_same_trouble_is_journalled_once(parish: Journal, sexton: Journal) -> None:
    book(parish, "cellar")
    trouble = hear(sexton, said(parish)).trouble
    again = hear(sexton, said(parish), known=trouble)

    assert trouble == again.trouble
    assert 1 == len(entries(sexton))


def test_once_it_can_be_acted_on_the_source_goes_on(parish: Journal, sexton: Journal) -> None:
    book(parish, "nave", "cellar", "tower")
    hear(sexton, said(parish))
    hearing = hear(sexton, said(parish), service=replace(SEXTON, react=lambda _heard, _known: ()))

    assert (2, None) == (hearing.heard, hearing.trouble)
    assert [] == stopped(sexton)


def test_a_source_may_stop_for_one_thing_and_then_for_an_earlier_one(parish: Journal, sexton: Journal) -> None:
    book(parish, "nave", "cellar")
    hear(sexton, said(parish))
    with sexton.transaction(NOW) as transaction:
        Hearer(SEXTON, "parish", CODEC, {}).stop(transaction, Trouble(number=1, code=FORKED))

    assert [("parish", 1, FORKED)] == stopped(sexton)


@pytest.mark.parametrize("raw", [b"", b"{", b"{}", b'{"number":2}', b"[]", b"\xff"])
def test_what_does_not_decode_stops_the_source(parish: Journal, sexton: Journal, raw: bytes) -> None:
    book(parish, "nave")
    (first,) = said(parish)
    hearing = hear(sexton, [first, garbled(first, raw)])

    assert (1, Trouble(number=2, code=UNDECODABLE)) == (hearing.heard, hearing.trouble)
    assert [("parish", 2, UNDECODABLE)] == stopped(sexton)


def test_an_event_that_does_not_fit_its_class_stops_the_source(parish: Journal, sexton: Journal) -> None:
    book(parish, "nave", "aisle")
    first, second = said(parish)
    hearing = hear(sexton, [first, garbled(first, second.raw.replace(b'"hours":1', b'"hours":"one"'))])

    assert Trouble(number=2, code=UNDECODABLE) == hearing.trouble


def test_a_type_nobody_here_knows_stops_the_source_even_if_it_would_not_be_acted_on(
    parish: Journal, sexton: Journal
) -> None:
    book(parish, "nave")
    say(parish, FreeHall(hall="nave", now=NOW), "free")
    older = Codec(events={name: kind for name, kind in EVENTS.items() if kind is not HallFreed}, upcasts={})
    hearing = hear(sexton, said(parish), codec=older)

    assert not Hearer(SEXTON, "parish", CODEC, {}).acts_on(HallFreed.TYPE)
    assert (1, Trouble(number=2, code=UNKNOWN_TYPE)) == (hearing.heard, hearing.trouble)


def test_a_type_that_is_known_but_not_acted_on_is_heard(parish: Journal, sexton: Journal) -> None:
    book(parish, "nave")
    say(parish, FreeHall(hall="nave", now=NOW), "free")
    hearing = hear(sexton, said(parish))

    assert (2, None) == (hearing.heard, hearing.trouble)
    assert [] == events(sexton, HallFreed)


def test_everything_may_be_acted_on(parish: Journal, sexton: Journal) -> None:
    book(parish, "nave")
    say(parish, FreeHall(hall="nave", now=NOW), "free")
    hear(sexton, said(parish), service=replace(SEXTON, hears={"parish": EVERYTHING}))

    assert 1 == len(events(sexton, HallFreed))
    assert 1 == len(events(sexton, HallSwept))


def test_a_refusal_in_a_reaction_is_journalled_and_stops_nothing(parish: Journal, sexton: Journal) -> None:
    book(parish, "crypt", "nave")
    hearing = hear(sexton, said(parish))
    (asked,) = events(sexton, Asked)

    assert (2, ["crypt-left-alone"], None) == (hearing.heard, list(hearing.refusals), hearing.trouble)
    assert ["nave"] == swept(sexton)
    assert ("sweeping-crypt", "PlanSweeping", "crypt-left-alone", ()) == (
        asked.stream,
        asked.command,
        asked.refused,
        asked.events,
    )
    assert ["the-hall-is-swept"] == [answer.rule for answer in asked.answers]


def test_notes_and_commands_of_one_message_stand_in_their_order(parish: Journal, sexton: Journal) -> None:
    book(parish, "nave")
    say(parish, FreeHall(hall="nave", now=NOW), "free")
    hear(sexton, said(parish), service=HEARS_FREED)

    assert [
        ("sweeping-nave", 1, HallBooked.TYPE, None),
        ("sweeping-nave", 2, SweepingPlanned.TYPE, 1),
        ("sweeping-nave", 3, HallFreed.TYPE, None),
        ("sweeping-nave", 4, HallSwept.TYPE, None),
        ("heard-parish", 1, HeardRecord.TYPE, None),
    ] == [(one.stream, one.version, one.type, one.number) for one in entries(sexton)]


def test_what_follows_from_a_message_names_it_as_its_cause(parish: Journal, sexton: Journal) -> None:
    book(parish, "nave")
    hear(sexton, said(parish))
    booked = json.loads(said(parish)[0].raw)
    noted, planned, _heard = (json.loads(entry.raw) for entry in entries(sexton))

    assert booked["id"] == noted["causationid"] == planned["causationid"]
    assert booked["correlationid"] == noted["correlationid"] == planned["correlationid"]
    assert (booked["actor"], "service:sexton") == (noted["actor"], planned["actor"])
    assert booked["time"] == noted["time"]
    assert 3 == len({booked["id"], noted["id"], planned["id"]})


def test_records_about_hearing_have_ids_of_their_own(parish: Journal, sexton: Journal) -> None:
    book(parish, "nave", "cellar")
    hear(sexton, said(parish))
    with sexton.transaction(NOW) as transaction:
        hearer = Hearer(SEXTON, "parish", CODEC, {})
        hearer.stop(transaction, Trouble(number=1, code=FORKED))
        hearer.begin(transaction, frozenset({FloorWaxed.TYPE}), 1)
    ids = [json.loads(entry.raw)["id"] for entry in entries(sexton)]

    assert len(ids) == len(set(ids))


def test_a_peer_whose_clock_is_ahead_puts_the_clocks_in_doubt(parish: Journal, sexton: Journal) -> None:
    book(parish, "nave", at=NOW + timedelta(seconds=61))
    book(parish, "aisle", at=NOW + timedelta(seconds=60))
    ahead, near = said(parish)

    assert hear(sexton, [ahead]).is_clock_doubted
    assert not hear(sexton, [near]).is_clock_doubted
    assert [True] * 3 + [None] * 3 == [json.loads(entry.raw).get("clockdoubt") for entry in entries(sexton)]


def test_two_processes_that_heard_the_same_batch_act_once(parish: Journal, sexton: Journal, tmp_path: Path) -> None:
    book(parish, "nave", "aisle")
    standby = opened(sqlite_url(tmp_path / "sexton.sqlite"), SEXTON)
    batch = said(parish)
    both = [hear(journal, batch).heard for journal in (sexton, standby)]
    standby.database.close()

    assert [2, 0] == both
    assert ["nave", "aisle"] == swept(sexton)
