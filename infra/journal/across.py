"""What must always hold between journals: what was heard was said, causes come first, and witnesses tell the truth."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from infra.journal.codec import UnknownTypeError
from infra.journal.history import UNDECODABLE, History
from infra.journal.invariants import Violation, heard
from schemas.event import Event


def what_was_heard_was_said(listener: History, source: History) -> Iterator[Violation]:
    """Every message up to which a service heard another stands in that one's journal, with exactly that hash. If it
    is not there, the source has lost what it said; if its hash is another, there are two histories: it has forked.

    `source` must be read at the same moment or later. A service that hears itself hears its own records.
    """
    is_itself = listener.name == source.name
    for record, event in heard(listener):
        if event.source != source.name:
            continue
        said = source.record(event.to) if is_itself else source.message(event.to)
        if said is None:
            yield Violation(
                record.sequence,
                f"it heard {source.name} up to {event.to}, which {source.name} does not hold: it lost what it said",
            )
        elif event.hash != (said.hash if is_itself else said.message_hash):
            yield Violation(
                record.sequence,
                f"it heard another message {event.to} of {source.name} than stands there now: {source.name} has forked",
            )


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A message as a witness keeps it: whose, its number, the hash of its chain, and its bytes."""

    service: str
    number: int
    hash: bytes
    raw: bytes


Testimony = Callable[[Event], Witnessed | None]
"""What an event of the witness's journal says of a message, if anything."""


def witnessed_is_what_was_said(
    witness: History, type_name: str, testimony: Testimony, sources: Mapping[str, History]
) -> Iterator[Violation]:
    """The witness holds the messages of each service from the first on, without a gap, and every one of them byte for
    byte as it stands in that service's own journal: nobody rewrote it after it was said.

    `sources` must be read at the same moment or later.
    """
    numbers: dict[str, int] = {}
    for record, envelope in witness.decoded(witness.records_of(type_name)):
        try:
            told = testimony(witness.codec.event(envelope))
        except (*UNDECODABLE, UnknownTypeError):
            continue
        if told is None:
            continue
        if told.number != numbers.get(told.service, 0) + 1:
            what = f"it witnesses message {told.number} of {told.service} after {numbers.get(told.service, 0)}"
            yield Violation(record.sequence, what)
        numbers[told.service] = told.number
        source = sources.get(told.service)
        said = None if source is None else source.message(told.number)
        if source is not None and said is None:
            what = f"it witnesses message {told.number} of {told.service}, which {told.service} does not hold"
            yield Violation(record.sequence, what)
        elif said is not None and (said.raw != told.raw or said.message_hash != told.hash):
            what = f"it witnesses another message {told.number} of {told.service} than stands there now"
            yield Violation(record.sequence, what)


_SAY: Final = "INSERT INTO said VALUES (?, ?, ?, ?, ?, ?)"
_BEFORE_ITS_CAUSE: Final = """
    SELECT effect.journal, effect.sequence, effect.time, cause.journal, cause.number, cause.time
    FROM said AS effect JOIN said AS cause ON cause.id = effect.cause
    WHERE cause.id <> effect.id AND effect.time <= cause.time ORDER BY effect.journal, effect.sequence
"""


def effects_follow_causes(histories: Iterable[History]) -> Iterator[tuple[str, Violation]]:
    """A message that follows from another one has a larger logical time than that: whatever any clock showed, what was
    said can be put in an order in which every cause comes before its effects. Each violation with its journal's name.
    """
    with closing(sqlite3.connect("")) as scratch:  # on disk, in a file without a name: memory stays flat
        scratch.execute("CREATE TABLE said (id TEXT, cause TEXT, time INTEGER, journal TEXT, sequence INTEGER, number)")
        for history in histories:
            scratch.executemany(_SAY, _said(history))
        scratch.execute("CREATE INDEX said_id ON said (id)")
        for journal, sequence, time, cause, number, cause_time in scratch.execute(_BEFORE_ITS_CAUSE):
            what = (
                f"its logical time is {time}; it follows from message {number} of {cause}, whose time is {cause_time}"
            )
            yield journal, Violation(sequence, what)


def _said(history: History) -> Iterator[tuple[str, str, int, str, int, int | None]]:
    for record, envelope in history.decoded(history.messages()):
        time = envelope.logicaltime
        yield envelope.id, envelope.causationid, time, history.name, record.sequence, record.number
