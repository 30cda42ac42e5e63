"""The bare loops: the least that could be written by hand for the same effect, on the same kind of database.

They have the same durability (one commit a batch), and none of what a journal is for: no lock, no check of the
sequence heard, no streams or versions, no state, no rules, no undo, nothing another process could rely on.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from time import perf_counter
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, UnsetType
from sqlalchemy import Column, LargeBinary, MetaData, Table, Text, bindparam, insert, select, update

from infra.bench import sample
from infra.bench.vocabulary import BreachReported, NoticeRaised
from infra.journal import tables
from infra.journal.chain import NOTHING, record_id
from infra.journal.database import Database
from schemas.envelope import Record
from schemas.ids import derive
from schemas.moments import written

_INSERT: Final = insert(tables.journal)
_NAMES: Final = tuple(column.name for column in tables.journal.columns)


class BareAppend:
    """A table with the journal's columns and indexes, and one `executemany` a batch: rows that are ready made."""

    def __init__(self, database: Database) -> None:
        self._database: Final = database
        database.create([tables.journal])

    def by_core(self, rows: Sequence[tuple[Any, ...]]) -> float:
        """Through SQLAlchemy Core, as one would write it. Returns seconds."""
        named: list[Mapping[str, Any]] = [dict(zip(_NAMES, row, strict=True)) for row in rows]
        started = perf_counter()
        with self._database.writing() as connection:
            connection.execute(_INSERT, named)
        return perf_counter() - started

    def by_driver(self, rows: Sequence[tuple[Any, ...]]) -> float:
        """Past SQLAlchemy: the driver's own `executemany`, or COPY; the least there is. Returns seconds."""
        started = perf_counter()
        with self._database.writing() as connection:
            self._database.insert(connection, tables.journal, rows)
        return perf_counter() - started


metadata: Final = MetaData()
log: Final = Table(
    "log",
    metadata,
    Column("sequence", tables.Counter, primary_key=True, autoincrement=False),
    Column("record", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("number", tables.Counter),
    Column("message_hash", LargeBinary),
)
place: Final = Table(
    "place",
    metadata,
    Column("source", Text, primary_key=True),
    Column("number", tables.Counter, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
RECORD: Final = 1
NUMBER: Final = 3
"""Where a row of `log` has its record's bytes, and the number of what others hear."""
REMEMBER: Final = update(place).values(number=bindparam("to"), hash=bindparam("to_hash"))

_envelopes: Final = msgspec.json.Decoder(Record)
_breaches: Final = msgspec.json.Decoder(BreachReported)
_encoder: Final = msgspec.json.Encoder()


class BareLog:
    """Rows of `log` as they are made by hand: encoded, numbered and chained, and that is all."""

    def __init__(self, service: str) -> None:
        self._service: Final = service
        self._sequence: int = 0
        self._hash: bytes = NOTHING
        self._number: int = 0
        self._message_hash: bytes = NOTHING

    def private(self, cause: Record, kind: str, stream: str, recorded_at: str, said: Raw) -> tuple[Any, ...]:
        """The row of a record that follows from another and stays here."""
        return self._row(self._record(cause, kind, stream, recorded_at, said), None)

    def shared(self, cause: Record, kind: str, stream: str, recorded_at: str, said: Raw) -> tuple[Any, ...]:
        """The row of a record that others hear."""
        self._number += 1
        return self._row(self._record(cause, kind, stream, recorded_at, said, self._number), self._number)

    def _record(
        self, cause: Record, kind: str, stream: str, recorded_at: str, said: Raw, number: int | None = None
    ) -> bytes:
        record = Record(
            id=record_id(cause.id, self._service, stream, 0),
            source=f"/cordon/{sample.SITE}/{self._service}",
            specversion="1.0",
            type=kind,
            subject=stream,
            time=cause.time,
            datacontenttype="application/json",
            recordedtime=recorded_at,
            logicaltime=cause.logicaltime + 1,
            salt=cause.salt,
            site=sample.SITE,
            correlationid=cause.correlationid,
            causationid=cause.id,
            actor=cause.actor,
            person=cause.person,
            number=number or UNSET,
            data=said,
        )
        return _encoder.encode(record)

    def _row(self, raw: bytes, number: int | None) -> tuple[Any, ...]:
        digest = sha256(raw).digest()
        self._sequence += 1
        self._hash = sha256(self._hash + digest).digest()
        if number is None:
            return (self._sequence, raw, self._hash, None, None)
        self._message_hash = sha256(self._message_hash + digest).digest()
        return (self._sequence, raw, self._hash, number, self._message_hash)


class BareListener:
    """Decode, number, chain, append with one executemany, one for the read model, and remember the place.

    `notes` says whether it writes the message heard as well as what follows from it, two records a message as
    Cordon does, or only what follows.
    """

    def __init__(self, database: Database, *, notes: bool) -> None:
        self._database: Final = database
        self._notes: Final = notes
        self._log: Final = BareLog("listener")
        self._heard: bytes = NOTHING
        database.create([log, place, sample.notices])
        with database.writing() as connection:
            connection.execute(insert(place), {"source": "source", "number": 0, "hash": NOTHING})

    def hear(self, batch: Sequence[bytes]) -> list[bytes]:
        """One batch, one transaction. Returns what is to be told of it."""
        recorded_at = written(sample.NOW)
        due_at = written(sample.NOW + sample.TIME_TO_READ)
        rows: list[tuple[Any, ...]] = []
        shown: list[dict[str, str]] = []
        number: int | UnsetType = UNSET
        for raw in batch:
            self._heard = sha256(self._heard + sha256(raw).digest()).digest()
            heard = _envelopes.decode(raw)
            told = _breaches.decode(heard.data)
            number = heard.number
            if self._notes:
                rows.append(self._log.private(heard, heard.type, f"order-{told.order}", recorded_at, heard.data))
            raised = NoticeRaised(
                notice=derive("ntc", heard.id, sample.LIAISON),
                person=told.person,
                owner=sample.LIAISON,
                code="order-breached",
                about=told.order,
                due_at=due_at,
            )
            said = Raw(_encoder.encode(raised))
            rows.append(self._log.shared(heard, raised.TYPE, f"notice-{raised.notice}", recorded_at, said))
            shown.append(sample.row_of(raised, recorded_at))
        with self._database.writing() as connection:
            self._database.insert(connection, log, rows)
            connection.execute(sample.RAISE, shown)
            connection.execute(REMEMBER, {"to": number, "to_hash": self._heard})
        return [row[RECORD] for row in rows if row[NUMBER] is not None]


_RECORDS: Final = select(tables.journal.c.record).order_by(tables.journal.c.version)
_STREAM: Final = select(tables.streams.c.id)


def read_stream(database: Database, name: str) -> tuple[int, float]:
    """Read a stream's records and decode what they say, nothing else. Returns how many, and seconds."""
    started = perf_counter()
    with database.reading() as connection:
        stream = connection.execute(_STREAM.where(tables.streams.c.name == name)).scalar()
        rows = connection.execute(_RECORDS.where(tables.journal.c.stream == stream)).all()
        for (raw,) in rows:
            _breaches.decode(_envelopes.decode(raw).data)
    return len(rows), perf_counter() - started
