"""Journals of the parish, and short words for what tests do to them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select, text

from infra.command_handler import Decided, Order, ask
from infra.decider import Decider
from infra.entropy import SystemEntropy
from infra.journal import tables
from infra.journal.codec import Codec
from infra.journal.database import Database
from infra.journal.journal import Entry, Journal
from infra.journal.staging import Cause
from infra.service import Service
from schemas.event import Event
from tests.kernel.parish import hall
from tests.kernel.parish.events import CODEC
from tests.kernel.parish.services import PARISH

NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
SITE: Final = "northmere"
ADA: Final = "wrk_ada"


def opened(url: str, service: Service = PARISH, codec: Codec = CODEC, site: str = SITE) -> Journal:
    """A journal of one service: opened twice on one database, it is two processes."""
    return Journal(service, Database(url), site=site, entropy=SystemEntropy(), codec=codec)


def cause(id: str, actor: str = ADA) -> Cause:
    """Why something is recorded."""
    return Cause(id=id, correlation=id, actor=actor)


def say(
    journal: Journal,
    command: Any,
    key: str,
    *,
    at: datetime = NOW,
    decider: Decider[Any] = hall,
    fingerprint: bytes = b"",
    version: int | None = None,
) -> Decided:
    """Ask for a command under a command id, as a route would: the stream is that of its `hall`."""
    id = getattr(command, "hall", "tower")
    order = Order(decider=decider, id=id, command=command, cause=cause(key), fingerprint=fingerprint, version=version)
    with journal.transaction(at) as transaction:
        return ask(transaction, order)


def book(journal: Journal, *halls: str, at: datetime = NOW, broom: str = "") -> None:
    """Book these halls for one person each, in one transaction: a message each."""
    with journal.transaction(at) as transaction:
        for name in halls:
            command = hall.BookHall(hall=name, person=f"per-{name}", broom=broom)
            ask(transaction, Order(decider=hall, id=name, command=command, cause=cause(f"book-{name}")))


def entries(journal: Journal) -> list[Entry]:
    """Everything in a journal that is not long."""
    return journal.read(0, 100_000)


def events(journal: Journal, kind: type[Event]) -> list[Any]:
    """Every event of one class, in order."""
    found = [journal.envelope_and_event(entry)[1] for entry in entries(journal)]
    return [event for event in found if isinstance(event, kind)]


def types(journal: Journal) -> list[str]:
    """The wire names of all records, in order."""
    return [entry.type for entry in entries(journal)]


def every_index(journal: Journal) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables that are rebuilt from the journal, but for sources of which nothing was heard yet."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with journal.database.reading() as connection:
        for model in journal._indexes.models:  # noqa: SLF001 - what there is to compare
            for table in model.tables:
                rows = [tuple(row) for row in connection.execute(select(table))]
                found[table.name] = sorted(rows, key=repr)
    return found


def stopped(journal: Journal) -> Sequence[tuple[str, int, str]]:
    """What stands in the index of stopped sources."""
    with journal.database.reading() as connection:
        return [tuple(row) for row in connection.execute(select(tables.stopped))]


@contextmanager
def without(journal: Journal, table: str) -> Iterator[None]:
    """A database that fails: one of its tables cannot be found for a while."""
    with journal.database.writing() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO hidden"))
    try:
        yield
    finally:
        with journal.database.writing() as connection:
            connection.execute(text(f"ALTER TABLE hidden RENAME TO {table}"))
