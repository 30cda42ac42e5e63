"""The head of a journal: where its chains end. One row; locking it is the right to append (rule 1)."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, select, update

from infra.journal import tables
from infra.journal.chain import NOTHING


@dataclass(slots=True)
class Head:
    """Where the journal and its messages end, the logical time of the last message, and how many streams there are."""

    sequence: int = 0
    hash: bytes = NOTHING
    number: int = 0
    message_hash: bytes = NOTHING
    logical_time: int = 0
    streams: int = 0


_FIELDS: Final = (
    tables.head.c.sequence,
    tables.head.c.hash,
    tables.head.c.number,
    tables.head.c.message_hash,
    tables.head.c.logical_time,
    tables.head.c.streams,
)
_READ: Final = select(*_FIELDS)
_LOCK: Final = _READ.with_for_update()
_MOVE: Final = update(tables.head).values({field.name: bindparam(field.name) for field in _FIELDS})


def locked(connection: Connection) -> Head:
    """The head, held until this transaction ends. On SQLite BEGIN IMMEDIATE holds it already."""
    return Head(*connection.execute(_LOCK).one())


def read(connection: Connection) -> Head:
    """The head as last committed."""
    return Head(*connection.execute(_READ).one())


def move(connection: Connection, head: Head) -> None:
    """Write where the chains end now."""
    connection.execute(_MOVE, {field.name: getattr(head, field.name) for field in _FIELDS})


def make(connection: Connection) -> None:
    """The row, if it is not there yet: created beforehand, so that there is always one to lock."""
    if connection.execute(_READ).first() is None:
        first = Head()
        connection.execute(
            tables.head.insert(), {"one": 1} | {field.name: getattr(first, field.name) for field in _FIELDS}
        )
