"""The state cache: what streams amount to, valid while the head is the one last seen (rule 2)."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, ScalarSelect, select

from infra.decider import Decider, fold
from infra.journal import tables
from infra.journal.codec import Codec
from infra.journal.database import finder
from infra.journal.head import Head
from infra.journal.staging import Stage
from schemas.event import Event

State = TypeVar("State")

STREAMS_KEPT_MAX: Final = 50_000
STATES_KEPT_MAX: Final = 10_000
TAIL_READ_MAX: Final = 10_000
RECORDS_AT_ONCE: Final = 500

_ALL: Final = select(tables.streams)
_FIND: Final = "SELECT id, version FROM streams WHERE name = "
_TOUCHED: Final = (
    select(tables.streams.c.name).join(tables.journal, tables.journal.c.stream == tables.streams.c.id).distinct()
)


class States:
    """Ids, versions and states of the streams last used. One journal has one, used by its writer alone."""

    def __init__(self, codec: Codec) -> None:
        self._codec: Final = codec
        self._seen: int = 0
        self.rows: Final[dict[str, tuple[int, int]]] = {}
        self.states: Final[dict[str, Any]] = {}
        self.is_whole: bool = False
        """Whether `rows` has every stream there is: then one that is not in it is new, and need not be looked for."""

    def bring_to(self, connection: Connection, head: Head) -> None:
        """Forget what another process has changed since: a standby that took over, or an old copy left running."""
        if head.sequence != self._seen:
            self._forget(connection, head)
        if not self.rows and head.streams <= STREAMS_KEPT_MAX:
            self.rows.update({row.name: (row.id, row.version) for row in connection.execute(_ALL)})
        self.is_whole = len(self.rows) == head.streams

    def _forget(self, connection: Connection, head: Head) -> None:
        if not 0 < head.sequence - self._seen <= TAIL_READ_MAX:
            self.rows.clear()
            self.states.clear()
        elif self.rows or self.states:
            for (name,) in connection.execute(_TOUCHED.where(tables.journal.c.sequence > self._seen)):
                self.rows.pop(name, None)
                self.states.pop(name, None)
        self._seen = head.sequence

    def overlay(self, connection: Connection) -> "Overlay":
        """What one transaction sees and adds."""
        return Overlay(self, connection, self._codec)

    def keep(self, sequence: int, rows: dict[str, tuple[int, int]], states: dict[str, Any]) -> None:
        """Take over what a transaction that has been committed knew; the longest unused go first."""
        self._seen = sequence
        for name, row in rows.items():
            self.rows.pop(name, None)
            self.rows[name] = row
        for name, state in states.items():
            self.states.pop(name, None)
            self.states[name] = state
        _trim(self.rows, STREAMS_KEPT_MAX)
        _trim(self.states, STATES_KEPT_MAX)


def _trim(mapping: dict[str, Any], size_max: int) -> None:
    for name in list(islice(mapping, max(0, len(mapping) - size_max))):
        del mapping[name]


class Overlay:
    """Streams as one transaction sees them: the cache, the database, and what is staged."""

    def __init__(self, kept: States, connection: Connection, codec: Codec) -> None:
        self._kept: Final = kept
        self._connection: Final = connection
        self._codec: Final = codec
        self._find: Final = finder(connection, _FIND)
        self._rows: Final[dict[str, tuple[int, int] | None]] = {}
        self._versions: Final[dict[str, int]] = {}
        self._states: Final[dict[str, Any]] = {}

    def _row(self, stream: str) -> tuple[int, int] | None:
        if stream in self._rows:
            return self._rows[stream]
        row = self._kept.rows.get(stream)
        if row is None and not self._kept.is_whole:
            row = self._find(stream)
        self._rows[stream] = row
        return row

    def version(self, stream: str) -> int:
        """The stream's version with what is staged."""
        staged = self._versions.get(stream)
        if staged is not None:
            return staged
        row = self._row(stream)
        return 0 if row is None else row[1]

    def advance(self, stream: str, version: int, stage: Stage) -> None:
        """A record was staged on the stream."""
        stage.set(self._versions, stream, version)

    def of(self, decider: Decider[State], stream: str) -> State:
        """The stream's state with what is staged. What is loaded stays loaded, whatever is undone afterwards."""
        if stream in self._states:
            state: State = self._states[stream]
            return state
        row = self._row(stream)
        if row is None:
            state = decider.INITIAL
        elif stream in self._kept.states:
            state = self._kept.states[stream]
        else:
            state = fold(decider, events_of(self._connection, self._codec, row[0]))
        self._states[stream] = state
        return state

    def put(self, stream: str, state: object, stage: Stage) -> None:
        """The stream's state after what was just staged."""
        stage.set(self._states, stream, state)

    def settle(self, head: Head) -> tuple[dict[str, int], list[tuple[int, str, int]], list[tuple[int, int]]]:
        """Ids of the streams touched, rows of those that are new, and `(version, id)` of those that are not."""
        ids: dict[str, int] = {}
        new: list[tuple[int, str, int]] = []
        moved: list[tuple[int, int]] = []
        for stream, version in self._versions.items():
            row = self._row(stream)
            if row is None:
                head.streams += 1
                new.append((head.streams, stream, version))
                ids[stream] = head.streams
            else:
                moved.append((version, row[0]))
                ids[stream] = row[0]
            self._rows[stream] = (ids[stream], version)
        return ids, new, moved

    def keep(self, sequence: int) -> None:
        """Hand over to the cache, after the commit."""
        rows = {stream: row for stream, row in self._rows.items() if row is not None}
        self._kept.keep(sequence, rows, self._states)


_EVENTS: Final = select(tables.journal.c.record).order_by(tables.journal.c.version)


def events_of(connection: Connection, codec: Codec, stream: int | ScalarSelect[int]) -> Iterator[Event]:
    """The events of a stream in their order, a few hundred records in memory at a time."""
    statement = _EVENTS.where(tables.journal.c.stream == stream).execution_options(yield_per=RECORDS_AT_ONCE)
    for (raw,) in connection.execute(statement):
        yield codec.event(codec.envelope(raw))
