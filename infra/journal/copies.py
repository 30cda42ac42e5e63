"""What a topic holds of a journal's messages, held against the journal: copies are never believed, only compared.

Pure: whoever reads the topic gives what was found on it, record by record.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from msgspec import UNSET

from infra.journal.history import UNDECODABLE, History, Stored
from infra.journal.invariants import Violation
from schemas.envelope import Record


@dataclass(frozen=True, slots=True)
class Copy:
    """A record of a topic as it lies there. `hash` is what its header says, None where there is none."""

    offset: int
    key: bytes | None
    value: bytes
    hash: bytes | None


def kafka_equals_messages(history: History, copies: Iterable[Copy]) -> Iterator[Violation]:
    """The first copy of each message stands on the topic byte for byte as in the journal, under its stream as key and
    with its hash, and the first copies in the order of their numbers, without a gap and to the last of them. Later
    copies, as a relay that begins again leaves them, equal the first. Nothing else is on the topic.

    `copies` are all of it, in order. Journal and topic are at rest: what was said between the two readings would be
    missing in one of them. Each violation has the offset in its words, and the record of the journal if there is one.
    """
    copied = _Copied(history)
    for copy in copies:
        yield from copied.violations(copy)
    yield from copied.missing()


class _Copied:
    """How far the first copies have come. What is no message of this journal moves nothing."""

    def __init__(self, history: History) -> None:
        self._history: Final = history
        self._firsts: Final = history.messages()
        self._next: Stored | None = next(self._firsts, None)
        self._source: Final = "" if self._next is None else _source(history, self._next)
        last = history.last_message()
        self._last: Final = 0 if last is None else last.number or 0
        self._number: int = 0

    def violations(self, copy: Copy) -> Iterator[Violation]:
        """What is wrong with the next record of the topic."""
        try:
            record = self._history.codec.envelope(copy.value)
        except (*UNDECODABLE, RecursionError):  # the last for what is nested without end
            yield Violation(None, f"offset {copy.offset} holds foreign bytes: they are no record")
            return
        number = record.number
        if self._source and record.source != self._source:
            yield Violation(None, f"offset {copy.offset} holds a record of another service or installation")
        elif number is UNSET:
            yield Violation(None, f"offset {copy.offset} holds a record that is no message")
        elif not 0 < number <= self._last:
            yield Violation(None, f"offset {copy.offset} holds message {number}, which the journal does not hold")
        elif number <= self._number:
            yield from _compared(copy, record, self._history.message(number), f"a later copy of message {number}")
        else:
            yield from self._first(copy, record, number)

    def missing(self) -> Iterator[Violation]:
        """What the topic ends without."""
        if self._next is not None:
            yield Violation(self._next.sequence, f"the topic ends without {_messages(self._number + 1, self._last)}")

    def _first(self, copy: Copy, record: Record, number: int) -> Iterator[Violation]:
        if self._next is not None and number > self._number + 1:
            missing = _messages(self._number + 1, number - 1)
            what = f"offset {copy.offset} holds message {number} where {missing} should come first"
            yield Violation(self._next.sequence, what)
        while self._next is not None and (self._next.number or 0) < number:
            self._next = next(self._firsts, None)
        yield from _compared(copy, record, self._next, f"the first copy of message {number}")
        self._number = number
        self._next = next(self._firsts, None)


def _compared(copy: Copy, record: Record, said: Stored | None, which: str) -> Iterator[Violation]:
    at = f"offset {copy.offset} holds {which}"
    if said is None or said.number != record.number:
        yield Violation(None, f"{at}, which the journal does not hold")  # it has a gap of its own there
        return
    if copy.value != said.raw:
        yield Violation(said.sequence, f"{at}, which is not the message in the journal")
        return
    if copy.key != record.subject.encode():
        yield Violation(said.sequence, f"{at} under another key than its stream")
    if copy.hash != said.message_hash:
        yield Violation(said.sequence, f"{at} with another hash than the message has")


def _source(history: History, first: Stored) -> str:
    """Whose messages these are, as the first of them says; empty where that cannot be read."""
    return next((envelope.source for _, envelope in history.decoded((first,))), "")


def _messages(first: int, last: int) -> str:
    return f"message {first}" if first == last else f"messages {first} to {last}"
