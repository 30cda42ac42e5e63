"""The messages as audit shows them: the ledger's order, the envelope's fields, and the record itself."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, Struct
from sqlalchemy import (
    Column,
    Connection,
    Index,
    LargeBinary,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    false,
    func,
    insert,
    select,
)

from infra.journal.tables import Counter
from infra.service import Change, ReadModel, Recorded
from infra.web.reader import Reader
from schemas.audit import MessageWitnessed
from schemas.envelope import Record
from services.audit import access

PAGE_MAX: Final = 500
CHAIN_MAX: Final = 500
"""Causes and effects shown at once: a limit on everything that can grow."""
metadata: Final = MetaData()

messages: Final = Table(
    "messages",
    metadata,
    Column("sequence", Counter, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("service", Text, nullable=False),
    Column("number", Counter, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("type", Text, nullable=False),
    Column("time", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("person", Text),
    Column("causation", Text, nullable=False, index=True),
    Column("correlation", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("record", Text, nullable=False),
    Index("messages_of_service", "service", "number", unique=True),
)
Found = Row[*tuple[Any, ...]]
"""A row of `messages`."""

_WITNESS: Final = insert(messages)
_envelopes: Final = msgspec.json.Decoder(Record)


def project(recorded: Recorded) -> Iterable[Change]:
    """One row for each message, in the order in which it was witnessed."""
    match recorded.event:
        case MessageWitnessed() as event:
            said = _envelopes.decode(event.record)
            yield (
                _WITNESS,
                {
                    "sequence": recorded.sequence,
                    "id": said.id,
                    "service": event.service,
                    "number": event.number,
                    "hash": event.hash,
                    "type": said.type,
                    "time": said.time,
                    "recorded_at": said.recordedtime,
                    "subject": said.subject,
                    "person": None if said.person is UNSET else said.person,
                    "causation": said.causationid,
                    "correlation": said.correlationid,
                    "actor": said.actor,
                    "record": event.record,
                },
            )
        case _:
            return


LEDGER: Final = ReadModel(
    name="messages",
    version=1,
    tables=(messages,),
    reads=(MessageWitnessed,),
    project=project,
)


class Line(Struct, frozen=True, kw_only=True):
    """A message as the ledger lists it. `order` is the ledger's own; `data` is what it says, coded or sealed."""

    order: int
    service: str
    number: int
    id: str
    type: str
    time: str
    recordedtime: str
    subject: str
    person: str | None
    causationid: str
    correlationid: str
    actor: str
    data: Raw


class Stored(Struct, frozen=True, kw_only=True):
    """One message as it was heard: where it stands, and its record unchanged."""

    order: int
    service: str
    number: int
    hash: str
    record: Raw


class Check(Struct, frozen=True, kw_only=True):
    """How far a service's messages were witnessed, and the hash of their chain up to there, in hexadecimal."""

    service: str
    number: int
    hash: str


class Causes(Struct, frozen=True, kw_only=True):
    """What led to a message, the nearest first, and what followed from it, in order. Both stop at the wall: a message
    that crossed it names no cause. `is_whole` is false where there was more than is shown at once.
    """

    message: Line
    causes: tuple[Line, ...]
    effects: tuple[Line, ...]
    is_whole: bool


def _readable(reader: Reader) -> Select[*tuple[Any, ...]]:
    """Every query begins here: there is nothing for who may not read the ledger."""
    query = select(messages)
    return query if access.may_read_the_ledger(reader) else query.where(false())


def after(connection: Connection, reader: Reader, order: int, count: int) -> Sequence[Line]:
    """The messages witnessed after that place in the ledger, in its order."""
    query = (
        _readable(reader).where(messages.c.sequence > order).order_by(messages.c.sequence).limit(min(count, PAGE_MAX))
    )
    return [_line(row) for row in connection.execute(query)]


def one(connection: Connection, reader: Reader, id: str) -> Stored | None:
    """One message by its id."""
    row = connection.execute(_readable(reader).where(messages.c.id == id)).first()
    if row is None:
        return None
    return Stored(
        order=row.sequence,
        service=row.service,
        number=row.number,
        hash=row.hash.hex(),
        record=Raw(row.record.encode()),
    )


def checks(connection: Connection, reader: Reader) -> Sequence[Check]:
    """Where each service's messages end."""
    ends = select(messages.c.service, func.max(messages.c.number).label("number")).group_by(messages.c.service)
    last = ends.subquery()
    query = (
        _readable(reader)
        .join(last, (messages.c.service == last.c.service) & (messages.c.number == last.c.number))
        .order_by(messages.c.service)
    )
    return [Check(service=row.service, number=row.number, hash=row.hash.hex()) for row in connection.execute(query)]


def causes(connection: Connection, reader: Reader, id: str) -> Causes | None:
    """The chain of causes of a message and everything that followed from it, among the messages."""
    found = connection.execute(_readable(reader).where(messages.c.id == id)).first()
    if found is None:
        return None
    up = _up(connection, reader, found)
    down = _down(connection, reader, found)
    return Causes(
        message=_line(found),
        causes=tuple(_line(row) for row in up[:CHAIN_MAX]),
        effects=tuple(_line(row) for row in sorted(down, key=lambda row: row.sequence)[:CHAIN_MAX]),
        is_whole=len(up) <= CHAIN_MAX and len(down) <= CHAIN_MAX,
    )


def _up(connection: Connection, reader: Reader, found: Found) -> list[Found]:
    chain: list[Found] = []
    seen = {found.id}
    while len(chain) <= CHAIN_MAX and found.causation not in seen:
        cause = connection.execute(_readable(reader).where(messages.c.id == found.causation)).first()
        if cause is None:
            break
        found = cause
        seen.add(found.id)
        chain.append(found)
    return chain


def _down(connection: Connection, reader: Reader, found: Found) -> list[Found]:
    effects: list[Found] = []
    seen = {found.id}
    front = [found.id]
    while front and len(effects) <= CHAIN_MAX:
        query = _readable(reader).where(messages.c.causation.in_(front)).order_by(messages.c.sequence)
        following = [row for row in connection.execute(query.limit(CHAIN_MAX + 1)) if row.id not in seen]
        seen.update(row.id for row in following)
        effects += following
        front = [row.id for row in following]
    return effects


def _line(row: Found) -> Line:
    return Line(
        order=row.sequence,
        service=row.service,
        number=row.number,
        id=row.id,
        type=row.type,
        time=row.time,
        recordedtime=row.recorded_at,
        subject=row.subject,
        person=row.person,
        causationid=row.causation,
        correlationid=row.correlation,
        actor=row.actor,
        data=_envelopes.decode(row.record).data,
    )
