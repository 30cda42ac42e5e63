"""The history of one journal as it is stored: read row by row in one state, believed in nothing, never written.

The statements are plain text, because values come as they stand: a damaged row must not fail before it is judged.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, TextClause, text

from infra.journal.codec import Codec
from infra.journal.head import Head
from infra.journal.place import Place
from schemas.envelope import Record

ROWS_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as it is stored. `stream` is empty where no stream has the row's number; nothing here is checked."""

    sequence: int
    stream: str
    version: int
    type: str
    recorded_at: str
    raw: bytes
    hash: bytes
    number: int | None
    message_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Step:
    """One version of a stream: where it stands, and how far its stream is said to reach. `name` is empty, and
    `end` 0, where the stream itself is missing.
    """

    stream: int
    version: int
    sequence: int
    name: str
    end: int


_RECORD: Final = (
    "SELECT journal.sequence, COALESCE(streams.name, ''), journal.version, journal.type, journal.recorded_at,"
    " journal.record, journal.hash, journal.number, journal.message_hash"
    " FROM journal LEFT JOIN streams ON streams.id = journal.stream "
)
_RECORDS: Final = text(_RECORD + "ORDER BY journal.sequence")
_MESSAGES: Final = text(_RECORD + "WHERE journal.number IS NOT NULL ORDER BY journal.sequence")
_OF_TYPE: Final = text(_RECORD + "WHERE journal.type = :type ORDER BY journal.sequence")
_LAST: Final = text(_RECORD + "ORDER BY journal.sequence DESC LIMIT 1")
_LAST_MESSAGE: Final = text(_RECORD + "WHERE journal.number IS NOT NULL ORDER BY journal.number DESC LIMIT 1")
_AT: Final = text(_RECORD + "WHERE journal.sequence = :place")
_MESSAGE: Final = text(_RECORD + "WHERE journal.number = :place")
_STEPS: Final = text(
    "SELECT journal.stream, journal.version, journal.sequence, COALESCE(streams.name, ''), COALESCE(streams.version, 0)"
    " FROM journal LEFT JOIN streams ON streams.id = journal.stream ORDER BY journal.stream, journal.version"
)
_EMPTY_STREAMS: Final = text(
    "SELECT name FROM streams WHERE NOT EXISTS (SELECT 1 FROM journal WHERE journal.stream = streams.id) ORDER BY name"
)
_HEAD: Final = text("SELECT sequence, hash, number, message_hash, logical_time, streams FROM head")
_HEARD: Final = text("SELECT source, number, hash FROM heard ORDER BY source")
_COUNT: Final = text("SELECT count(*) FROM journal")

UNDECODABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError)
"""What bytes that are no record raise."""

Count = Callable[[int], None]


def counts_nothing(_rows: int) -> None:
    """Nobody watches."""


class History:
    """One journal in one state: give it a connection whose transaction sees one. `on_rows` is told of rows read."""

    def __init__(self, name: str, connection: Connection, codec: Codec, on_rows: Count = counts_nothing) -> None:
        self.name: Final = name
        self.codec: Final = codec
        self._connection: Final = connection
        self._on_rows: Final = on_rows

    def records(self) -> Iterator[Stored]:
        """Every record, in the order of the journal."""
        return self._stored(_RECORDS)

    def messages(self) -> Iterator[Stored]:
        """Every message, in the order of the journal."""
        return self._stored(_MESSAGES)

    def records_of(self, type_name: str) -> Iterator[Stored]:
        """Every record of one type, in the order of the journal."""
        return self._stored(_OF_TYPE, type=type_name)

    def decoded(self, records: Iterable[Stored]) -> Iterator[tuple[Stored, Record]]:
        """Those of them that have an envelope. That the others have none is for one invariant to say."""
        for record in records:
            try:
                envelope = self.codec.envelope(record.raw)
            except UNDECODABLE:
                continue
            yield record, envelope

    def steps(self) -> Iterator[Step]:
        """Every version of every stream, stream by stream."""
        return (
            Step(stream, _whole(version), sequence, name, _whole(end))
            for stream, version, sequence, name, end in self._rows(_STEPS)
        )

    def empty_streams(self) -> Iterator[str]:
        """Names of streams that no record is of."""
        return (name for (name,) in self._rows(_EMPTY_STREAMS))

    def head(self) -> Head | None:
        """What the journal's head says, if there is one."""
        row = self._connection.execute(_HEAD).first()
        return None if row is None else Head(*row)

    def last(self) -> Stored | None:
        """The last record."""
        return self._one(_LAST)

    def last_message(self) -> Stored | None:
        """The message with the highest number."""
        return self._one(_LAST_MESSAGE)

    def record(self, sequence: int) -> Stored | None:
        """The record in one place."""
        return self._one(_AT, place=sequence)

    def message(self, number: int) -> Stored | None:
        """The message of one number."""
        return self._one(_MESSAGE, place=number)

    def heard(self) -> dict[str, Place]:
        """How far the index says each source was heard."""
        return {
            source: Place(_whole(number), _bytes(hash)) for source, number, hash in self._connection.execute(_HEARD)
        }

    def count(self) -> int:
        """How many records there are."""
        return int(self._connection.execute(_COUNT).scalar_one())

    def _one(self, statement: TextClause, **given: Any) -> Stored | None:
        row = self._connection.execute(statement, given).first()
        return None if row is None else _stored(*row)

    def _stored(self, statement: TextClause, **given: Any) -> Iterator[Stored]:
        return (_stored(*row) for row in self._rows(statement, **given))

    def _rows(self, statement: TextClause, **given: Any) -> Iterator[Any]:
        found = self._connection.execute(statement.execution_options(yield_per=ROWS_AT_ONCE), given)
        for rows in found.partitions():
            yield from rows
            self._on_rows(len(rows))


def _stored(  # noqa: PLR0913, PLR0917 - the columns of a row
    sequence: int,
    stream: str,
    version: object,
    type: str,
    recorded_at: str,
    raw: object,
    hash: object,
    number: object,
    message_hash: object,
) -> Stored:
    return Stored(
        sequence,
        stream,
        _whole(version),
        type,
        recorded_at,
        _bytes(raw),
        _bytes(hash),
        None if number is None else _whole(number),
        None if message_hash is None else _bytes(message_hash),
    )


def _bytes(value: object) -> bytes:
    """SQLite keeps text in a column of bytes, if somebody puts it there."""
    return value if isinstance(value, bytes) else str(value).encode()


def _whole(value: object) -> int:
    """As `_bytes`, for numbers: what is none is -1, which no journal has."""
    return value if isinstance(value, int) else -1
