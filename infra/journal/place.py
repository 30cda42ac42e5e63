"""How far each source was heard: read under the head lock, moved only from where it was read (rule 7)."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, select, update

from infra.journal import tables
from infra.journal.chain import NOTHING
from infra.journal.staging import Stage


class StaleListenerError(Exception):
    """Somebody else has heard on from where we stood: what we meant to do is done already."""


@dataclass(frozen=True, slots=True)
class Place:
    """The number and hash of the last message acted on; of one's own journal, the sequence and hash."""

    number: int = 0
    hash: bytes = NOTHING


_READ: Final = select(tables.heard.c.number, tables.heard.c.hash)
_MOVE: Final = (
    update(tables.heard)
    .where(tables.heard.c.source == bindparam("of_source"), tables.heard.c.number == bindparam("from_number"))
    .values(number=bindparam("number"), hash=bindparam("hash"))
)


def read(connection: Connection, source: str) -> Place:
    """Our place in a source. The row was made when the service was opened."""
    row = connection.execute(_READ.where(tables.heard.c.source == source)).first()
    return Place() if row is None else Place(row.number, row.hash)


class Places:
    """The places of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection: Final = connection
        self._read: Final[dict[str, Place]] = {}
        self._moved: Final[dict[str, Place]] = {}

    def of(self, source: str) -> Place:
        """Our place, with what this transaction has heard."""
        if source in self._moved:
            return self._moved[source]
        if source not in self._read:
            self._read[source] = read(self._connection, source)
        return self._read[source]

    def put(self, source: str, to: Place, stage: Stage) -> None:
        """One message further."""
        self.of(source)
        stage.set(self._moved, source, to)

    def write(self) -> None:
        """Move every place from where it was read. Raises StaleListenerError if one is not there any more."""
        for source, to in self._moved.items():
            moved = self._connection.execute(
                _MOVE,
                {
                    "of_source": source,
                    "from_number": self._read[source].number,
                    "number": to.number,
                    "hash": to.hash,
                },
            )
            if moved.rowcount != 1:
                raise StaleListenerError(source)
