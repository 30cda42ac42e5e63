"""Whatever lies on a topic that is not what the journal said, or is missing there, is found with its offset."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infra.bench.vocabulary import CODEC
from infra.journal.copies import Copy, kafka_equals_messages
from infra.journal.history import History
from tests.verify.town import SAID, Town, town


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path, None) as built:
        yield built


@pytest.fixture
def copies(place: Town) -> list[Copy]:
    """The topic as a relay leaves it that was never interrupted."""
    found = []
    for offset, entry in enumerate(place.source.read(limit=1_000)):
        envelope, _ = place.source.envelope_and_event(entry)
        found.append(Copy(offset, envelope.subject.encode(), entry.raw, entry.message_hash))
    return found


@pytest.fixture
def found(place: Town) -> Callable[[list[Copy]], list[tuple[int | None, str]]]:
    """What is found where the topic holds these, at these places."""

    def look(copies: list[Copy]) -> list[tuple[int | None, str]]:
        laid = [replace(copy, offset=offset) for offset, copy in enumerate(copies)]
        with place.source.database.reading() as connection:
            history = History("source", connection, CODEC)
            return [(one.sequence, one.what) for one in kafka_equals_messages(history, laid)]

    return look


Found = Callable[[list[Copy]], list[tuple[int | None, str]]]


def test_a_topic_that_holds_every_message_once_is_right(copies: list[Copy], found: Found) -> None:
    assert SAID == len(copies)
    assert [] == found(copies)


def test_later_copies_that_equal_the_first_are_right(copies: list[Copy], found: Found) -> None:
    assert [] == found([*copies[:40], *copies[10:40], *copies[25:]])


def test_a_gap_is_found_where_it_shows(copies: list[Copy], found: Found) -> None:
    expected = [(11, "offset 10 holds message 14 where messages 11 to 13 should come first")]

    assert expected == found([*copies[:10], *copies[13:]])


def test_a_message_that_comes_too_late_is_found(copies: list[Copy], found: Found) -> None:
    expected = [(11, "offset 10 holds message 12 where message 11 should come first")]

    assert expected == found([*copies[:10], copies[11], copies[10], *copies[12:]])


def test_a_changed_byte_is_found(copies: list[Copy], found: Found) -> None:
    changed = replace(copies[20], value=copies[20].value.replace(b'"telephone"', b'"telephony"'))

    assert changed != copies[20]
    expected = [(21, "offset 20 holds the first copy of message 21, which is not the message in the journal")]
    assert expected == found([*copies[:20], changed, *copies[21:]])


def test_a_later_copy_that_differs_is_found(copies: list[Copy], found: Found) -> None:
    changed = replace(copies[20], value=copies[20].value.replace(b'"telephone"', b'"telephony"'))

    expected = [(21, "offset 60 holds a later copy of message 21, which is not the message in the journal")]
    assert expected == found([*copies, changed])


def test_a_first_copy_that_differs_is_not_made_good_by_a_right_one(copies: list[Copy], found: Found) -> None:
    changed = replace(copies[20], value=copies[20].value.replace(b'"telephone"', b'"telephony"'))

    expected = [(21, "offset 20 holds the first copy of message 21, which is not the message in the journal")]
    assert expected == found([*copies[:20], changed, *copies[20:]])


def test_a_missing_tail_is_found(copies: list[Copy], found: Found) -> None:
    assert [(60, "the topic ends without message 60")] == found(copies[:-1])
    assert [(1, f"the topic ends without messages 1 to {SAID}")] == found([])


def test_what_the_journal_does_not_hold_is_found(place: Town, copies: list[Copy], found: Found) -> None:
    beyond = copies[-1].value.replace(b'"number":60', b'"number":61')
    forged = copies[-1].value.replace(b'"number":60', b'"number":-3')

    assert copies[-1].value not in {beyond, forged}
    assert [
        (None, "offset 60 holds message 61, which the journal does not hold"),
        (None, "offset 61 holds message -3, which the journal does not hold"),
    ] == found([*copies, replace(copies[-1], value=beyond), replace(copies[-1], value=forged)])
    assert SAID == place.told


def test_foreign_bytes_are_found(copies: list[Copy], found: Found) -> None:
    odd = (b"", b"\xff\xfe", b"[" * 100_000, b'{"hello":"world"}')

    expected = [(None, f"offset {offset} holds foreign bytes: they are no record") for offset in range(4)]
    assert expected == found([*(Copy(0, None, value, None) for value in odd), *copies])


def test_records_of_others_are_found(place: Town, copies: list[Copy], found: Found) -> None:
    of_another = copies[0].value.replace(b'"source":"/cordon/', b'"source":"/cordon/other-')
    private = next(entry.raw for entry in place.listener.read(limit=1_000) if entry.number is None)
    own_private = private.replace(b"/listener", b"/source")

    assert [
        (None, "offset 0 holds a record of another service or installation"),
        (None, "offset 1 holds a record of another service or installation"),
        (None, "offset 2 holds a record that is no message"),
    ] == found([*(Copy(0, None, value, None) for value in (of_another, private, own_private)), *copies])


def test_another_key_or_hash_is_found(copies: list[Copy], found: Found) -> None:
    astray, unsigned = replace(copies[0], key=b"order-of-nobody"), replace(copies[1], hash=None)

    assert [
        (1, "offset 0 holds the first copy of message 1 under another key than its stream"),
        (2, "offset 1 holds the first copy of message 2 with another hash than the message has"),
    ] == found([astray, unsigned, *copies[2:]])


def test_whatever_lies_on_the_topic_of_a_journal_without_messages_is_found(place: Town, copies: list[Copy]) -> None:
    with place.ledger.database.reading() as connection:
        history = History("ledger", connection, CODEC)

        assert [] == list(kafka_equals_messages(history, []))
        whats = [one.what for one in kafka_equals_messages(history, copies[:1])]

    assert ["offset 0 holds message 1, which the journal does not hold"] == whats
