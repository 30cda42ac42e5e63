"""A journal: opened, written to one transaction at a time, and read in the order in which it came to be."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select

from infra.decider import Decider, fold
from infra.entropy import Entropy
from infra.journal import arrivals, head, tables
from infra.journal.chain import NOTHING
from infra.journal.codec import Codec
from infra.journal.database import Database
from infra.journal.index import Indexes
from infra.journal.rebuild import rebuild, rebuild_what_changed
from infra.journal.states import State, States, events_of
from infra.journal.transaction import Transaction
from infra.journal.writing import CLOCK_SKEW_MAX, Pen
from infra.service import Service
from schemas.envelope import Record
from schemas.event import Event

__all__ = ["Entry", "Forked", "Journal", "Sent"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A record of the journal as it is stored."""

    sequence: int
    stream: str
    version: int
    type: str
    raw: bytes
    hash: bytes
    number: int | None
    message_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as its listeners get it: the stored bytes, unchanged."""

    number: int
    hash: bytes
    raw: bytes


class Forked(Exception):  # noqa: N818 - it is an answer: "we do not hold what you heard"
    """The source does not hold exactly the message that a listener heard last (rule 9)."""


_ENTRIES: Final = (
    select(
        tables.journal.c.sequence,
        tables.streams.c.name,
        tables.journal.c.version,
        tables.journal.c.type,
        tables.journal.c.record,
        tables.journal.c.hash,
        tables.journal.c.number,
        tables.journal.c.message_hash,
    )
    .join(tables.streams, tables.streams.c.id == tables.journal.c.stream)
    .order_by(tables.journal.c.sequence)
)
_MESSAGES: Final = select(tables.journal.c.number, tables.journal.c.message_hash, tables.journal.c.record).order_by(
    tables.journal.c.number
)


class Journal:
    """The journal of one service at one site. One writer at a time holds its head; readers see what is committed.

    Opening creates what is missing and rebuilds the indexes whose version changed. `secret` keys the ids of messages
    that cross the wall.
    """

    def __init__(
        self,
        service: Service,
        database: Database,
        *,
        site: str,
        entropy: Entropy,
        codec: Codec | None = None,
        secret: bytes = b"",
    ) -> None:
        self.service: Final = service
        self.site: Final = site
        self.database: Final = database
        self.codec: Final = codec or Codec()
        self._indexes: Final = Indexes(service, self.codec)
        self._pen: Final = Pen(
            service=service.name,
            site=site,
            codec=self.codec,
            database=database,
            indexes=self._indexes,
            entropy=entropy,
            secret=secret,
        )
        self._states: Final = States(self.codec)
        self._is_clock_doubted: bool = False
        with database.alone():
            database.create(tables.LASTING)
            with database.writing() as connection:
                head.make(connection)
            rebuild_what_changed(database, self._indexes, self.codec)
            self._make_places()

    def _make_places(self) -> None:
        """A row for each source and topic, beforehand: locking one that is missing locks nothing (rule 7)."""
        with self.database.writing() as connection:
            head.locked(connection)
            there = set(connection.execute(select(tables.heard.c.source)).scalars())
            for source in self.service.hears:
                if source not in there:
                    connection.execute(insert(tables.heard), {"source": source, "number": 0, "hash": NOTHING})
            if self.service.inbox is not None:
                arrivals.make_places(connection, self.service.inbox.topics)

    @contextmanager
    def transaction(self, now: datetime) -> Iterator[Transaction]:
        """Lock the head; what is staged is written and committed at the end, or nothing is."""
        with self.database.writing() as connection:
            transaction = Transaction(connection, self._pen, self._states, now)
            transaction.clock_doubt = self._is_clock_doubted
            yield transaction
            transaction.write()
        transaction.keep()

    def compare_clock(self, now: datetime) -> bool:
        """Whether our clock and the database's are further apart than is right: then every stamp says so (rule 24)."""
        told = self.database.time()
        self._is_clock_doubted = told is not None and abs(told - now) > CLOCK_SKEW_MAX
        return self._is_clock_doubted

    def head(self) -> head.Head:
        """Where the chains end, as last committed."""
        with self.database.reading() as connection:
            return head.read(connection)

    def state(self, decider: Decider[State], id: str) -> State:
        """A stream's state as last committed, read anew: for reading, never to decide on.

        By one statement whether there is such a stream or not, so that nobody can tell the two apart (SR-14).
        """
        stream = select(tables.streams.c.id).where(tables.streams.c.name == f"{decider.CATEGORY}-{id}")
        with self.database.reading() as connection:
            return fold(decider, events_of(connection, self.codec, stream.scalar_subquery()))

    def events(self, connection: Connection, ids: tuple[str, ...], stream: str, version: int) -> list[Event]:
        """The events a command decided, by their ids: they stand in its stream up to the version it left."""
        if not ids:
            return []
        rows = connection.execute(
            select(tables.journal.c.record)
            .join(tables.streams, tables.streams.c.id == tables.journal.c.stream)
            .where(tables.streams.c.name == stream, tables.journal.c.version.between(version - len(ids) + 1, version))
            .order_by(tables.journal.c.version)
        )
        return [self.codec.event(self.codec.envelope(raw)) for (raw,) in rows]

    def envelope_and_event(self, entry: Entry) -> tuple[Record, Event]:
        """A stored record, decoded."""
        record = self.codec.envelope(entry.raw)
        return record, self.codec.event(record)

    def read(self, after: int = 0, limit: int = 500) -> list[Entry]:
        """Records after a sequence, at most `limit`."""
        with self.database.reading() as connection:
            rows = connection.execute(_ENTRIES.where(tables.journal.c.sequence > after).limit(limit))
            return [Entry(*row) for row in rows]

    def rebuild(self, names: tuple[str, ...] = ()) -> int:
        """Drop and make again the indexes of these names (all, if none are given). Returns the records read."""
        count = rebuild(self.database, self._indexes, self.codec, names)
        self._make_places()
        return count

    @property
    def index_names(self) -> tuple[str, ...]:
        """The names of what can be rebuilt."""
        return tuple(model.name for model in self._indexes.models)


def messages(connection: Connection, after: int, after_hash: bytes, limit: int) -> list[Sent]:
    """The stored bytes of the messages after one that the caller has heard. Raises Forked if we do not hold exactly
    that one, also when we are behind it.
    """
    rows = connection.execute(_MESSAGES.where(tables.journal.c.number >= max(after, 1)).limit(limit + 1)).all()
    if after == 0:
        if after_hash != NOTHING:
            raise Forked
        return [Sent(*row) for row in rows[:limit]]
    if not rows or rows[0].number != after or rows[0].message_hash != after_hash:
        raise Forked
    return [Sent(*row) for row in rows[1:]]
