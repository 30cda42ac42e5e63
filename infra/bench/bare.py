"""The bare loops: the least that could be written by hand for the same effect, on the same kind of database.

They have the same durability (one commit a batch), and none of what a journal is for: no lock, no check of the
sequence heard, no streams or versions, no state, no rules, no undo, nothing another process could rely on.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from time import perf_counter
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw
from sqlalchemy import Column, Connection, LargeBinary, MetaData, Table, Text, bindparam, insert, select, update

from infra.bench import sample
from infra.bench.vocabulary import BreachReported, NoticeRaised
from infra.journal import tables
from infra.journal.chain import NOTHING, record_id
from infra.journal.database import Database
from infra.journal.journal import Sent
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
_REMEMBER: Final = update(place).values(number=bindparam("to"), hash=bindparam("to_hash"))

_envelopes: Final = msgspec.json.Decoder(Record)
_breaches: Final = msgspec.json.Decoder(BreachReported)
_encoder: Final = msgspec.json.Encoder()


class BareListener:
    """Decode, number, chain, append with one executemany, one for the read model, and remember the place.

    `notes` says whether it writes the message heard as well as what follows from it, two records a message as
    Cordon does, or only what follows.
    """

    def __init__(self, database: Database, *, notes: bool) -> None:
        self._database: Final = database
        self._notes: Final = notes
        self._sequence: int = 0
        self._hash: bytes = NOTHING
        self._number: int = 0
        self._message_hash: bytes = NOTHING
        self._heard: bytes = NOTHING
        database.create([log, place, sample.notices])
        with database.writing() as connection:
            connection.execute(insert(place), {"source": "source", "number": 0, "hash": NOTHING})

    def hear(self, batch: Sequence[Sent]) -> float:
        """One batch, one transaction. Returns seconds."""
        started = perf_counter()
        recorded_at = written(sample.NOW)
        due_at = written(sample.NOW + sample.TIME_TO_READ)
        rows: list[tuple[Any, ...]] = []
        shown: list[dict[str, str]] = []
        for sent in batch:
            self._heard = sha256(self._heard + sha256(sent.raw).digest()).digest()
            heard = _envelopes.decode(sent.raw)
            told = _breaches.decode(heard.data)
            if self._notes:
                noted = self._record(heard, heard.type, f"order-{told.order}", recorded_at, heard.data)
                rows.append(self._row(noted, is_shared=False))
            raised = NoticeRaised(
                notice=derive("ntc", heard.id, sample.LIAISON),
                person=told.person,
                owner=sample.LIAISON,
                code="order-breached",
                about=told.order,
                due_at=due_at,
            )
            self._number += 1
            said = Raw(_encoder.encode(raised))
            follows = self._record(heard, raised.TYPE, f"notice-{raised.notice}", recorded_at, said, self._number)
            rows.append(self._row(follows, is_shared=True))
            shown.append(sample.row_of(raised, recorded_at))
        with self._database.writing() as connection:
            self._write(connection, rows, shown, batch[-1].number)
        return perf_counter() - started

    def _record(
        self, heard: Record, kind: str, stream: str, recorded_at: str, said: Raw, number: int | None = None
    ) -> bytes:
        record = Record(
            id=record_id(heard.id, "listener", stream, 0),
            source=f"/cordon/{sample.SITE}/listener",
            specversion="1.0",
            type=kind,
            subject=stream,
            time=heard.time,
            datacontenttype="application/json",
            recordedtime=recorded_at,
            logicaltime=heard.logicaltime + 1,
            salt=heard.salt,
            site=sample.SITE,
            correlationid=heard.correlationid,
            causationid=heard.id,
            actor=heard.actor,
            person=heard.person,
            number=number or UNSET,
            data=said,
        )
        return _encoder.encode(record)

    def _row(self, raw: bytes, *, is_shared: bool) -> tuple[Any, ...]:
        digest = sha256(raw).digest()
        self._sequence += 1
        self._hash = sha256(self._hash + digest).digest()
        if not is_shared:
            return (self._sequence, raw, self._hash, None, None)
        self._message_hash = sha256(self._message_hash + digest).digest()
        return (self._sequence, raw, self._hash, self._number, self._message_hash)

    def _write(
        self, connection: Connection, rows: list[tuple[Any, ...]], shown: list[dict[str, str]], number: int
    ) -> None:
        self._database.insert(connection, log, rows)
        connection.execute(sample.RAISE, shown)
        connection.execute(_REMEMBER, {"to": number, "to_hash": self._heard})


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
