"""Appending in batches, without read models: the source's journal, and the same rows inserted bare."""

from time import perf_counter
from typing import Any, Final

from sqlalchemy import select

from infra.bench import order, sample
from infra.bench.bare import BareAppend
from infra.bench.stores import Stores
from infra.bench.vocabulary import CODEC, BreachReported
from infra.entropy import SystemEntropy
from infra.journal import tables
from infra.journal.journal import Journal
from infra.journal.staging import Cause

_RECORD: Final = [column.name for column in tables.journal.columns].index("record")
_ROWS: Final = select(tables.journal).order_by(tables.journal.c.sequence)


class Appending:
    """The source's journal, and two bare tables that get every row it gets."""

    def __init__(self, stores: Stores) -> None:
        self.journal: Final = Journal(
            sample.SOURCE, stores.open("source"), site=sample.SITE, entropy=SystemEntropy(), codec=CODEC
        )
        self.count: int = 0
        self._by_core: Final = BareAppend(stores.open("bare_core"))
        self._by_driver: Final = BareAppend(stores.open("bare_driver"))
        self._written: list[tuple[Any, ...]] = []

    def append(self, batch: int) -> float:
        """The next `batch` breaches in one transaction. Returns seconds, from taking the lock to the commit."""
        prepared = self._prepared(batch)
        before = self.journal.head().sequence
        started = perf_counter()
        with self.journal.transaction(sample.NOW) as transaction:
            for order_id, events, cause in prepared:
                transaction.append(order, order_id, events, cause)
        taken = perf_counter() - started
        with self.journal.database.reading() as connection:
            rows = connection.execute(_ROWS.where(tables.journal.c.sequence > before))
            self._written = [tuple(row) for row in rows]
        self.count += batch
        return taken

    def insert_by_core(self) -> float:
        """The rows last appended, through SQLAlchemy Core. Returns seconds."""
        return self._by_core.by_core(self._written)

    def insert_by_driver(self) -> float:
        """The rows last appended, by the driver alone. Returns seconds."""
        return self._by_driver.by_driver(self._written)

    def record_bytes(self) -> int:
        """How large the records last written are, on average."""
        return sum(len(row[_RECORD]) for row in self._written) // len(self._written)

    def _prepared(self, batch: int) -> list[tuple[str, list[BreachReported], Cause]]:
        events = [sample.breach(number) for number in range(self.count, self.count + batch)]
        return [(event.order, [event], sample.cause(self.count + place)) for place, event in enumerate(events)]
