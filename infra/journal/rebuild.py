"""Indexes made again from the journal: at start where their version changed, or by hand."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from infra.journal import arrivals, head, tables
from infra.journal.chain import NOTHING
from infra.journal.codec import Codec
from infra.journal.database import Database
from infra.journal.index import Indexes
from infra.journal.own_indexes import ARRIVALS, HEARD
from infra.service import ReadModel, Recorded
from schemas.journal import Arrived, Heard

RECORDS_AT_ONCE: Final = 2_000

_RECORDS: Final = (
    select(tables.journal.c.sequence, tables.streams.c.name, tables.journal.c.version, tables.journal.c.record)
    .join(tables.streams, tables.streams.c.id == tables.journal.c.stream)
    .order_by(tables.journal.c.sequence)
    .limit(RECORDS_AT_ONCE)
)


def rebuild_what_changed(database: Database, indexes: Indexes, codec: Codec) -> None:
    """Make again every index whose version is not the one its tables were made with."""
    with database.reading() as connection:
        made = {row.name: row.version for row in connection.execute(select(tables.indexes))}
    changed = [model.name for model in indexes.models if made.get(model.name) != model.version]
    if changed:
        rebuild(database, indexes, codec, changed)


def rebuild(database: Database, indexes: Indexes, codec: Codec, names: Sequence[str] = ()) -> int:
    """Drop, create and fill the tables of these indexes (all, if none are named), holding the head meanwhile.

    Returns how many records were read. Raises LookupError for a name that no index has.
    """
    known = {model.name: model for model in indexes.models}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise LookupError(f"no index is called {unknown[0]}; there are: {', '.join(known)}")
    models = [known[name] for name in names or known]
    count = 0
    with database.writing() as connection:
        head.make(connection)
        head.locked(connection)
        for model in models:
            _make_again(connection, model)
        wanted = [model.name for model in models]
        for batch in _batches(connection, codec, indexes):
            if HEARD.name in wanted:
                _make_places(connection, batch)
            if ARRIVALS.name in wanted:
                arrivals.make_places(connection, (one.event.topic for one in batch if isinstance(one.event, Arrived)))
            indexes.project(connection, batch, only=wanted)
            count += len(batch)
        for model in models:
            connection.execute(delete(tables.indexes).where(tables.indexes.c.name == model.name))
            connection.execute(insert(tables.indexes), {"name": model.name, "version": model.version})
    return count


def _make_again(connection: Connection, model: ReadModel) -> None:
    for table in model.tables:
        table.drop(connection, checkfirst=True)
        table.create(connection)


def _batches(connection: Connection, codec: Codec, indexes: Indexes) -> Iterator[list[Recorded]]:
    after = 0
    while rows := connection.execute(_RECORDS.where(tables.journal.c.sequence > after)).all():
        after = rows[-1].sequence
        batch = []
        for row in rows:
            record = codec.envelope(row.record)
            event = codec.event(record)
            if indexes.wants(event.TYPE):
                batch.append(
                    Recorded(sequence=row.sequence, stream=row.name, version=row.version, record=record, event=event)
                )
        yield batch


def _make_places(connection: Connection, batch: Sequence[Recorded]) -> None:
    there = set(connection.execute(select(tables.heard.c.source)).scalars())
    for recorded in batch:
        if isinstance(recorded.event, Heard) and recorded.event.source not in there:
            there.add(recorded.event.source)
            place = {"source": recorded.event.source, "number": 0, "hash": NOTHING}
            connection.execute(insert(tables.heard), place)
