"""What must always hold of one journal: each a function from its history to the violations found, as they are found.

Used by `cordon verify`, and by whatever makes histories: tests, simulations, runs in which things are broken.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from msgspec import UNSET

from infra.journal.chain import NOTHING
from infra.journal.codec import UnknownTypeError, is_message
from infra.journal.head import Head
from infra.journal.history import UNDECODABLE, History, Stored
from infra.journal.place import Place
from schemas.envelope import Record
from schemas.event import Event, Message
from schemas.journal import Heard


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong, in words, and in which record it shows, if it is one record. Never what a record says."""

    sequence: int | None
    what: str


def numbers_have_no_gap(history: History) -> Iterator[Violation]:
    """The records of a journal are 1, 2, 3 and so on without a gap, and so are its messages by themselves, in the
    same order. A number that is missing is a record that somebody has removed, or one that a listener will wait for
    for ever.
    """
    sequence = number = 0
    for record in history.records():
        if record.sequence != sequence + 1:
            yield Violation(record.sequence, f"{_missing('record', sequence + 1, record.sequence - 1)} before it")
        sequence = record.sequence
        if record.number is None:
            continue
        if record.number != number + 1:
            yield Violation(sequence, f"it is message {record.number}, where message {number + 1} comes next")
        number = record.number


def versions_have_no_gap(history: History) -> Iterator[Violation]:
    """The versions of each stream are 1, 2, 3 and so on, in the order of the journal, up to the version that the
    stream is said to have. Otherwise its state is folded from something else than what was decided.
    """
    stream, version, sequence, name, end = 0, 0, 0, "", 0
    for step in history.steps():
        if step.stream != stream:
            if version != end:
                yield Violation(sequence, f"stream {name} ends here with version {version}, but is said to reach {end}")
            stream, version, sequence, name, end = step.stream, 0, 0, step.name, step.end
            if not name:
                yield Violation(step.sequence, f"it belongs to stream number {stream}, which is missing")
                end = -1
        if step.version != version + 1:
            yield Violation(
                step.sequence, f"it is version {step.version} of stream {name}, where version {version + 1} comes next"
            )
        elif step.sequence < sequence:
            yield Violation(step.sequence, f"it is version {step.version} of stream {name}, and stands before the last")
        version, sequence = step.version, step.sequence
        end = version if end == -1 else end
    if version != end:
        yield Violation(sequence, f"stream {name} ends here with version {version}, but is said to reach {end}")
    for name in history.empty_streams():
        yield Violation(None, f"stream {name} is said to be there, but no record is of it")


def chains_are_unbroken(history: History) -> Iterator[Violation]:
    """Each record's hash is `SHA-256(hash before it || SHA-256(record))`, computed here from the stored bytes; the
    messages have the same by themselves. So no byte changes, and nothing is put in, left out or put elsewhere,
    without breaking a chain. After a break it goes on from the stored hash, so that one change is one finding.
    """
    before, message_before = NOTHING, NOTHING
    for record in history.records():
        digest = sha256(record.raw).digest()
        if sha256(before + digest).digest() != record.hash:
            yield Violation(record.sequence, "its hash does not follow from its bytes and the hash before it")
        before = record.hash
        if record.number is None:
            if record.message_hash is not None:
                yield Violation(record.sequence, "it has a hash among the messages, but no number")
            continue
        if sha256(message_before + digest).digest() != record.message_hash:
            yield Violation(
                record.sequence,
                f"as message {record.number}, its hash does not follow from its bytes and the message before it",
            )
        message_before = record.message_hash or NOTHING


def the_head_is_the_end(history: History) -> Iterator[Violation]:
    """The head says where both chains end. Set back, it would give the same numbers a second time."""
    head, last, message = history.head(), history.last(), history.last_message()
    if head is None:
        yield Violation(None, "the head is missing")
        return
    ends: dict[str, tuple[object, object]] = {
        "the last record": (head.sequence, 0 if last is None else last.sequence),
        "its hash": (head.hash, NOTHING if last is None else last.hash),
        "the last message": (head.number, 0 if message is None else message.number),
        "the hash of the last message": (head.message_hash, NOTHING if message is None else message.message_hash),
    }
    for what, (said, there) in ends.items():
        if said != there:
            yield Violation(None, f"the head says of {what} {_shown(said)}, but it is {_shown(there)}")


def records_fit_their_rows(history: History) -> Iterator[Violation]:
    """Every record decodes, strictly, to an envelope and an event that are known; and its row says nothing else than
    the record itself: type, time, number, stream and service. The rows are what is searched, the records what is true.
    """
    source = ""
    for record in history.records():
        try:
            envelope = history.codec.envelope(record.raw)
            event = history.codec.event(envelope)
        except UnknownTypeError:
            yield Violation(record.sequence, f"its type {record.type} is not known here")
            continue
        except UNDECODABLE:
            yield Violation(record.sequence, "it cannot be decoded")
            continue
        source = source or envelope.source
        for what, in_the_row, in_the_record in _told_twice(record, envelope, event, source):
            if in_the_row != in_the_record:
                yield Violation(record.sequence, f"its {what} is {in_the_record}, but its row says {in_the_row}")
        if (record.number is not None) and not is_message(event):
            yield Violation(record.sequence, f"it is numbered as a message, but {record.type} never leaves its service")


def _told_twice(record: Stored, envelope: Record, event: Event, source: str) -> Iterator[tuple[str, object, object]]:
    yield "type", record.type, envelope.type
    yield "time", record.recorded_at, envelope.recordedtime
    yield "number", record.number, None if envelope.number is UNSET else envelope.number
    yield "service and site", source, envelope.source
    if not (record.number is not None and isinstance(event, Message) and event.CROSSES):
        yield "stream", record.stream, envelope.subject


def logical_time_only_rises(history: History) -> Iterator[Violation]:
    """A message's logical time is larger than that of everything before it, and no record's is smaller than that of
    the one before it. Otherwise an effect could be stamped before its cause. The head knows the largest.
    """
    largest = 0
    for record, envelope in history.decoded(history.records()):
        time = envelope.logicaltime
        if time < largest or (time == largest and record.number is not None):
            yield Violation(record.sequence, f"its logical time is {time}, after {largest}")
        largest = max(largest, time)
    head: Head | None = history.head()
    if head is not None and head.logical_time != largest:
        yield Violation(None, f"the head says of the logical time {head.logical_time}, but it is {largest}")


def no_effect_twice_for_one_cause(history: History) -> Iterator[Violation]:
    """No two records have the same id. Ids follow from the cause, so acting twice on one would show here, however
    different the two are otherwise.
    """
    with closing(sqlite3.connect("")) as scratch:  # on disk, in a file without a name: memory stays flat
        scratch.execute("CREATE TABLE ids (id TEXT, sequence INTEGER)")
        scratch.executemany(
            "INSERT INTO ids VALUES (?, ?)",
            ((envelope.id, record.sequence) for record, envelope in history.decoded(history.records())),
        )
        twice = scratch.execute(
            "SELECT min(sequence), max(sequence) FROM ids GROUP BY id HAVING count(*) > 1 ORDER BY 2"
        )
        for first, last in twice:
            yield Violation(last, f"it has the same id as record {first}: the same effect of the same cause")


def no_message_skipped(history: History) -> Iterator[Violation]:
    """What was heard of each source was heard without a gap: every record of a hearing begins where the one before it
    ended. And the index, which decides what is heard next, says the same as the last of them.
    """
    places: dict[str, Place] = {}
    for record, event in heard(history):
        before = places.get(event.source, Place())
        if event.after != before.number or event.to <= event.after:
            what = f"it says that {event.source} was heard from {event.after + 1} to {event.to}, after {before.number}"
            yield Violation(record.sequence, what)
        places[event.source] = Place(event.to, event.hash)
    index = {source: place for source, place in history.heard().items() if place != Place()}
    for source in sorted(places.keys() | index.keys()):
        said, there = index.get(source, Place()), places.get(source, Place())
        if said.number != there.number:
            what = f"the index says that {source} was heard up to {said.number}, but the journal {there.number}"
            yield Violation(None, what)
        elif said.hash != there.hash:
            yield Violation(None, f"the index has another hash for message {said.number} of {source} than the journal")


def heard(history: History) -> Iterator[tuple[Stored, Heard]]:
    """The journal's own records of how far it heard, those that can be decoded."""
    for record, envelope in history.decoded(history.records_of(Heard.TYPE)):
        try:
            event = history.codec.event(envelope)
        except (*UNDECODABLE, UnknownTypeError):
            continue
        if isinstance(event, Heard):
            yield record, event


def _missing(what: str, first: int, last: int) -> str:
    return f"{what} {first} is missing" if first == last else f"{what}s {first} to {last} are missing"


SHOWN_BYTES: Final = 6


def _shown(value: object) -> str:
    return f"{value[:SHOWN_BYTES].hex()}…" if isinstance(value, bytes) else str(value)
