"""A person's command through the writer: from handing it in to its commit."""

from concurrent.futures import Future
from functools import partial
from itertools import count
from time import perf_counter
from typing import Any, Final, Self

from sqlalchemy import insert, select

from infra.bench import order, sample
from infra.bench.appending import Appending
from infra.bench.stores import Stores
from infra.bench.vocabulary import BreachReported
from infra.clock import ManualClock
from infra.command_handler import Decided, Order, ask
from infra.journal import tables
from infra.journal.chain import record_id
from infra.journal.staging import Cause
from infra.writer import Writer

AT_ONCE: Final = 20
RECORDS_A_COMMAND: Final = 2
"""What was decided, and what was asked with every rule's answer."""

_LAST: Final = select(tables.journal).order_by(tables.journal.c.sequence.desc()).limit(RECORDS_A_COMMAND)
_INSERT: Final = insert(tables.journal)
_numbers: Final = count(1)


class Asking:
    """A writer on the source's journal; `with` it, because its thread must end."""

    def __init__(self, stores: Stores, appending: Appending) -> None:
        self._appending: Final = appending
        self._writer: Final = Writer(appending.journal, ManualClock(sample.NOW), lambda _written: None)
        self._bare: Final = stores.open(f"bare_commands_{next(_numbers)}")
        self._bare.create([tables.journal])
        self._asked: int = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._writer.close()

    def one(self) -> float:
        """One command alone. Returns seconds."""
        command = self._next()
        started = perf_counter()
        decided = self._writer.submit(partial(ask, order=command)).result()
        taken = perf_counter() - started
        assert decided.events, decided
        return taken

    def one_bare(self) -> float:
        """The two records the last command left, inserted and committed through SQLAlchemy Core. Returns seconds."""
        with self._appending.journal.database.reading() as connection:
            rows = [dict(row) for row in connection.execute(_LAST).mappings()]
        started = perf_counter()
        with self._bare.writing() as connection:
            connection.execute(_INSERT, rows)
        return perf_counter() - started

    def many(self) -> list[float]:
        """Twenty handed in at once. Returns the seconds each of them waited."""
        commands = [self._next() for _ in range(AT_ONCE)]
        ended: list[float] = []

        def note_end(_decided: "Future[Decided]") -> None:
            ended.append(perf_counter())

        started = perf_counter()
        futures: list[Future[Any]] = []
        for command in commands:
            future = self._writer.submit(partial(ask, order=command))
            future.add_done_callback(note_end)
            futures.append(future)
        for future in futures:
            assert future.result().events
        return [end - started for end in ended]

    def _next(self) -> Order:
        self._asked += 1
        number = self._appending.count + self._asked
        return to_report(sample.breach(number), sample.report_of((1 << 64) + number), self._asked)


def to_report(breach: BreachReported, report: str, number: int) -> Order:
    """The command to report this breach, as somebody's request of this number would bring it."""
    command = order.ReportBreach(
        order=breach.order,
        person=breach.person,
        report=report,
        occurred_at=breach.occurred_at,
        means=breach.means,
    )
    id = record_id(report, "source", "asking", number)
    asked = Cause(id=id, correlation=id, actor="wrk_anna-1", agency="northmere-police")
    return Order(decider=order, id=breach.order, command=command, cause=asked, fingerprint=id.encode())
