"""How far each topic of an inbox was acted on: read under the head lock, moved only from where it was read (rule 7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from infra.journal import tables
from infra.journal.place import StaleListenerError
from infra.journal.staging import Stage


@dataclass(frozen=True, slots=True)
class Reached:
    """The offset of the last record of a topic that was acted on, and the record's keyed digest; -1 before the first.

    The digest tells whether the topic is still the one in which that record was: its offsets begin again when it is
    made anew.
    """

    offset: int = -1
    digest: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A record of a topic that a command follows from: with the command our place in that topic moves on to it."""

    topic: str
    after: Reached
    to: Reached


_READ: Final = select(tables.arrivals.c.offset, tables.arrivals.c.digest)
_MOVE: Final = (
    update(tables.arrivals)
    .where(
        tables.arrivals.c.topic == bindparam("of_topic"),
        tables.arrivals.c.offset == bindparam("from_offset"),
        tables.arrivals.c.digest == bindparam("from_digest"),
    )
    .values(offset=bindparam("to_offset"), digest=bindparam("to_digest"))
)


def reached(connection: Connection, topic: str) -> Reached:
    """Our place in a topic. The row was made when the service was opened."""
    row = connection.execute(_READ.where(tables.arrivals.c.topic == topic)).first()
    return Reached() if row is None else Reached(row.offset, row.digest)


def make_places(connection: Connection, topics: Iterable[str]) -> None:
    """A row for each of these topics that has none: moving one that is missing would move nothing (rule 7)."""
    there = set(connection.execute(select(tables.arrivals.c.topic)).scalars())
    for topic in topics:
        if topic not in there:
            there.add(topic)
            connection.execute(insert(tables.arrivals), {"topic": topic, "offset": -1, "digest": b""})


class Arrivals:
    """The places in topics that one transaction moves."""

    def __init__(self, connection: Connection) -> None:
        self._connection: Final = connection
        self._read: Final[dict[str, Reached]] = {}
        self._moved: Final[dict[str, Reached]] = {}

    def put(self, arrival: Arrival, stage: Stage) -> None:
        """One record further. Raises StaleListenerError where our place is not where that record was read from."""
        topic = arrival.topic
        if topic not in self._read:
            self._read[topic] = reached(self._connection, topic)
        if self._moved.get(topic, self._read[topic]) != arrival.after:
            raise StaleListenerError(topic)
        stage.set(self._moved, topic, arrival.to)

    def write(self) -> None:
        """Move every place from where it was read. Raises StaleListenerError if one is not there any more."""
        for topic, to in self._moved.items():
            before = self._read[topic]
            moved = self._connection.execute(
                _MOVE,
                {
                    "of_topic": topic,
                    "from_offset": before.offset,
                    "from_digest": before.digest,
                    "to_offset": to.offset,
                    "to_digest": to.digest,
                },
            )
            if moved.rowcount != 1:
                raise StaleListenerError(topic)
