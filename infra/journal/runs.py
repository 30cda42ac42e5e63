"""One run as it can be held against another: the journals of its services, taken apart into what has an order.

Holds the bytes of all records in memory: it is for runs of minutes, not for years of a site.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from infra.journal.across import Testimony
from infra.journal.codec import UnknownTypeError
from infra.journal.history import UNDECODABLE, History, Stored
from schemas.envelope import Record
from schemas.journal import Arrived, Asked, Crossed, Heard, HearingGrew, PersonalDataOpened, SourceStopped
from schemas.moments import read

BY_COMMAND: Final = "commands"
BY_CLOCK: Final = "the clock"
CLOCKS_DIFFER_AT_MOST: Final = timedelta(minutes=1)
"""As `infra.journal.writing.CLOCK_SKEW_MAX`: between the processes of one run."""


class Line(NamedTuple):
    """A record, and what it follows from."""

    sequence: int
    version: int
    type: str
    raw: bytes
    id: str
    cause: str
    correlation: str
    actor: str
    witnessed: str
    """The id of another service's message, where the record is a witness's."""


@dataclass(frozen=True, slots=True)
class Thread:
    """Records that have an order among themselves: those of a stream, or what stands in a stream of many about one."""

    service: str
    stream: str
    of: str
    lines: list[Line] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The stream, and of what in it."""
        return f"{self.stream} of {self.of}" if self.of else self.stream

    @property
    def is_shared(self) -> bool:
        """Whether others' records stand between these."""
        return bool(self.of)


@dataclass(slots=True)
class Hearings:
    """How one service heard its sources: up to where, which kinds, and what stopped it."""

    to: dict[str, int] = field(default_factory=dict)
    kinds: set[tuple[str, str]] = field(default_factory=set)
    stopped: list[tuple[str, str]] = field(default_factory=list)


class Run:
    """All journals of one run, by service. `since` is when it began, `unread` counts what could not be decoded."""

    def __init__(self, histories: Mapping[str, History], witnesses: Mapping[str, Testimony]) -> None:
        self.threads: Final[dict[str, dict[str, Thread]]] = {}
        self.hearings: Final[dict[str, Hearings]] = {}
        self.unread: Final[dict[str, list[int]]] = {}
        self._place: Final[dict[str, tuple[str, str]]] = {}
        self._crossed: Final[dict[str, Crossed]] = {}
        self._began: str = ""
        streams = {service: self._read(service, history, witnesses) for service, history in histories.items()}
        for service, lines in streams.items():
            self.threads[service] = self._threads(service, lines)

    @property
    def since(self) -> datetime:
        """What was told lies before it, what this run's own clocks said does not."""
        return read(self._began or "1970-01-01T00:00:00Z") - CLOCKS_DIFFER_AT_MOST

    def source(self, line: Line) -> str:
        """From where a record's cause came: a service, a command, the clock."""
        cause, actor = line.cause, line.actor
        crossed = self._crossed.get(line.id)
        if crossed is not None and cause == line.id:
            cause, actor = crossed.cause, crossed.actor
        if cause in self._place:
            return self._place[cause][0]
        return BY_CLOCK if actor == "clock" else BY_COMMAND

    def root(self, line: Line) -> str:
        """The input that a record goes back to, also where the wall hides it."""
        correlation = line.correlation
        while correlation in self._crossed and self._crossed[correlation].correlation != correlation:
            correlation = self._crossed[correlation].correlation
        return correlation

    def _read(self, service: str, history: History, witnesses: Mapping[str, Testimony]) -> list[tuple[str, Line]]:
        hearings = self.hearings.setdefault(service, Hearings())
        unread = self.unread.setdefault(service, [])
        lines: list[tuple[str, Line]] = []
        for stored in history.records():
            self._began = min(self._began or stored.recorded_at, stored.recorded_at)
            try:
                envelope = history.codec.envelope(stored.raw)
                testimony = witnesses.get(stored.type)
                if stored.type in _OF_HEARING:
                    _note(hearings, history, envelope)
                    continue
                told = None if testimony is None else testimony(history.codec.event(envelope))
                witnessed = "" if told is None else history.codec.envelope(told.raw).id
                if stored.type == Crossed.TYPE:
                    crossed = msgspec.json.decode(envelope.data, type=Crossed)
                    self._crossed[crossed.message] = crossed
            except (*UNDECODABLE, UnknownTypeError):
                unread.append(stored.sequence)
                continue
            self._place[envelope.id] = service, stored.stream
            lines.append((stored.stream, _line(stored, envelope, witnessed)))
        return lines

    def _threads(self, service: str, lines: list[tuple[str, Line]]) -> dict[str, Thread]:
        threads: dict[str, Thread] = {}
        for stream, line in lines:
            thread = Thread(service, stream, self._of(line))
            threads.setdefault(thread.name, thread).lines.append(line)
        return threads

    def _of(self, line: Line) -> str:
        """What a record is about that stands in a stream of many; empty for one whose stream is its own."""
        if line.witnessed:
            return "/".join(self._place.get(line.witnessed, ("", line.witnessed)))
        about = _ABOUT.get(line.type)
        return "" if about is None else about(msgspec.json.decode(line.raw, type=Record).data, self._place)


def _line(stored: Stored, envelope: Record, witnessed: str) -> Line:
    return Line(
        stored.sequence,
        stored.version,
        stored.type,
        stored.raw,
        envelope.id,
        envelope.causationid,
        envelope.correlationid,
        envelope.actor,
        witnessed,
    )


def _note(hearings: Hearings, history: History, envelope: Record) -> None:
    match history.codec.event(envelope):
        case Heard() as event:
            hearings.to[event.source] = event.to
        case HearingGrew() as event:
            hearings.kinds |= {(event.source, kind) for kind in event.kinds}
        case SourceStopped() as event:
            hearings.stopped.append((event.source, event.code))
        case _:
            return


_OF_HEARING: Final = frozenset({Heard.TYPE, HearingGrew.TYPE, SourceStopped.TYPE, Arrived.TYPE})
"""Kept for the journal's own sake. Of what arrived by a topic nothing is compared: what it led to is, and another run
may have had the same reports by HTTP."""
_Places = Mapping[str, tuple[str, str]]


def _asked_of(data: msgspec.Raw, _places: _Places) -> str:
    return msgspec.json.decode(data, type=Asked).stream


def _crossed_of(data: msgspec.Raw, places: _Places) -> str:
    message = msgspec.json.decode(data, type=Crossed).message
    return places.get(message, ("", message))[1]


def _opened_of(data: msgspec.Raw, _places: _Places) -> str:
    opened = msgspec.json.decode(data, type=PersonalDataOpened)
    return " ".join((opened.reader, *opened.fields))


_ABOUT: Final[Mapping[str, Callable[[msgspec.Raw, _Places], str]]] = {
    Asked.TYPE: _asked_of,
    Crossed.TYPE: _crossed_of,
    PersonalDataOpened.TYPE: _opened_of,
}
"""The types whose records of all people stand in one stream: what tells apart those that have an order."""


def first_of_each(threads: Mapping[str, Thread]) -> Iterator[tuple[Thread, Line]]:
    """Each thread with its first record, in the order of the journal."""
    return ((thread, thread.lines[0]) for thread in sorted(threads.values(), key=lambda one: one.lines[0].sequence))
