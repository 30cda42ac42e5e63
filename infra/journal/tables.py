"""The tables of a journal: the journal itself, its streams, its head, and the indexes every service has."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

Counter: Final = BigInteger().with_variant(Integer, "sqlite")
"""64 bits everywhere; on SQLite the type that makes a primary key the table's own order."""

metadata: Final = MetaData()

journal: Final = Table(
    "journal",
    metadata,
    Column("sequence", Counter, primary_key=True, autoincrement=False),
    Column("stream", Counter, nullable=False),
    Column("version", Counter, nullable=False),
    Column("type", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("number", Counter),
    Column("message_hash", LargeBinary),
    Index("journal_stream_version", "stream", "version", unique=True),
    Index("journal_number", "number", unique=True),
)

streams: Final = Table(
    "streams",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True),
    Column("version", Counter, nullable=False),
)

head: Final = Table(
    "head",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("sequence", Counter, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("number", Counter, nullable=False),
    Column("message_hash", LargeBinary, nullable=False),
    Column("logical_time", Counter, nullable=False),
    Column("streams", Counter, nullable=False),
)
"""One row. Locking it is the right to append (rule 1)."""

indexes: Final = Table(
    "indexes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, nullable=False),
)
"""Which version of each index the tables hold: another one than the code's means rebuild."""

heard: Final = Table(
    "heard",
    metadata,
    Column("source", Text, primary_key=True),
    Column("number", Counter, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
stopped: Final = Table(
    "stopped",
    metadata,
    Column("source", Text, primary_key=True),
    Column("number", Counter, nullable=False),
    Column("code", Text, nullable=False),
)
hearing: Final = Table(
    "hearing",
    metadata,
    Column("source", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("number", Counter, nullable=False),
)
arrivals: Final = Table(
    "arrivals",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("offset", Counter, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)
asked: Final = Table(
    "asked",
    metadata,
    Column("command_id", Text, primary_key=True),
    Column("sequence", Counter, nullable=False),
)
deadlines: Final = Table(
    "deadlines",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("due_at", Text, nullable=False, index=True),
    Column("set_by", Text, nullable=False),
)

LASTING: Final = (journal, streams, head, indexes)
"""What is not an index: never dropped, never rebuilt."""
