"""Whether the indexes of a journal are what the journal makes them: compared with themselves, made again."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from sqlalchemy import Table, select

from infra.journal import tables
from infra.journal.invariants import Violation
from infra.journal.journal import Journal
from infra.journal.own_indexes import own_indexes

ROWS_AT_ONCE: Final = 1_000
_MODULUS: Final = 1 << 256


def rebuilt_indexes_equal_live(journal: Journal) -> Iterator[Violation]:
    """Every table that is not the journal itself holds the same rows after it was made again as it did before. What
    differs was decided on, or shown, without having happened; or has happened without being shown.

    Rebuilds the indexes, and so repairs what it reports. Nothing may be written meanwhile.
    """
    indexes = [
        table for model in (*own_indexes(journal.service), *journal.service.read_models) for table in model.tables
    ]
    live = {table.name: _content(journal, table) for table in indexes}
    journal.rebuild()
    for table in indexes:
        count, fingerprint = _content(journal, table)
        count_live, fingerprint_live = live[table.name]
        if count != count_live:
            yield Violation(None, f"table {table.name} had {count_live} rows, and has {count} made again")
        elif fingerprint != fingerprint_live:
            yield Violation(None, f"table {table.name} had other rows than it has made again")


def _content(journal: Journal, table: Table) -> tuple[int, int]:
    """How many rows there are, and a fingerprint of all of them in whatever order."""
    count = fingerprint = 0
    query = select(table).execution_options(yield_per=ROWS_AT_ONCE)
    if table is tables.heard:
        query = query.where(tables.heard.c.number > 0)  # a place before the first message: nothing was heard yet
    if table is tables.arrivals:
        query = query.where(tables.arrivals.c.offset >= 0)  # as with heard
    with journal.database.reading() as connection:
        for row in connection.execute(query):
            count += 1
            digest = sha256(repr(tuple(row)).encode()).digest()
            fingerprint = (fingerprint + int.from_bytes(digest, "big")) % _MODULUS
    return count, fingerprint
