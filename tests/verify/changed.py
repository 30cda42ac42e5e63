"""The journals of a run in files of their own, for whatever somebody does to them, and finding what to do it to."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

Told = dict[str, Any]
Change = Callable[[Told], None]


@dataclass(frozen=True, slots=True)
class Row:
    """A record as it stands in its file."""

    sequence: int
    stream: str
    version: int
    type: str
    told: Told


class Changed:
    """The journals of a run in a directory of their own, for whatever somebody does to them."""

    def __init__(self, directory: Path) -> None:
        self.directory: Final = directory

    def do(self, service: str, *statements: str, **given: object) -> None:
        """Carry out statements as they stand."""
        with closing(sqlite3.connect(self._file(service))) as connection, connection:
            for statement in statements:
                connection.execute(statement, given)

    def rows(self, service: str, type: str = "%") -> list[Row]:
        """The records of a journal, or those of one type."""
        with closing(sqlite3.connect(self._file(service))) as connection:
            found = connection.execute(
                "SELECT sequence, name, journal.version, type, record FROM journal JOIN streams ON stream = id"
                " WHERE type LIKE ? ORDER BY sequence",
                (type,),
            )
            return [
                Row(sequence, stream, version, type, msgspec.json.decode(raw))
                for sequence, stream, version, type, raw in found
            ]

    def rewrite(self, service: str, row: Row, change: Change) -> None:
        """Let a record say something else."""
        change(row.told)
        at = {"raw": msgspec.json.encode(row.told), "sequence": row.sequence}
        self.do(service, "UPDATE journal SET record = :raw WHERE sequence = :sequence", **at)

    def swap(self, service: str, one: Row, other: Row) -> None:
        """Let two records of one stream stand in each other's place."""
        places = {"a": one.sequence, "b": other.sequence, "va": one.version, "vb": other.version}
        self.do(service, "UPDATE journal SET sequence = -1, version = -1 WHERE sequence = :a", a=one.sequence)
        self.do(service, "UPDATE journal SET sequence = :a, version = :va WHERE sequence = :b", **places)
        self.do(service, "UPDATE journal SET sequence = :b, version = :vb WHERE sequence = -1", **places)

    def _file(self, service: str) -> Path:
        return self.directory / f"{service}.sqlite"


def only(rows: list[Row], **holds: object) -> Row:
    """The first record whose data holds this."""
    return next(row for row in rows if row.told["data"].items() >= holds.items())


def together(rows: list[Row], *types: str) -> list[Row]:
    """The first records of these types that stand in one stream, next to each other and in this order."""
    for stream in dict.fromkeys(row.stream for row in rows):
        of_stream = [row for row in rows if row.stream == stream]
        for place in range(len(of_stream)):
            if tuple(row.type for row in of_stream[place : place + len(types)]) == types:
                return of_stream[place : place + len(types)]
    raise LookupError(types)
