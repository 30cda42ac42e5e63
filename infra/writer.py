"""One writer thread a service: what waits is committed together, and what one job does wrong undoes that job alone."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from queue import SimpleQueue
from threading import Thread
from time import perf_counter
from typing import Any, Final, TypeVar

from sqlalchemy.exc import DBAPIError

from infra.clock import Clock
from infra.journal.journal import Journal
from infra.journal.staging import Staged
from infra.journal.transaction import Transaction

Result = TypeVar("Result")

BATCH_MAX: Final = timedelta(milliseconds=20)
"""So that a person's command does not queue behind a long batch (design: people wait at most this for others)."""


@dataclass(slots=True)
class _Job:
    work: Callable[[Transaction], Any]
    future: "Future[Any]"
    result: Any = None
    error: BaseException | None = None


Committed = Callable[[tuple[Staged, ...]], None]


class Writer:
    """Carries out jobs `(transaction) -> result` in order. `on_commit` is told, in this thread, what was written."""

    def __init__(self, journal: Journal, clock: Clock, on_commit: Committed) -> None:
        self._journal: Final = journal
        self._clock: Final = clock
        self._on_commit: Final = on_commit
        self._jobs: Final[SimpleQueue[_Job | None]] = SimpleQueue()
        self._is_closed: bool = False
        self._thread: Final = Thread(target=self._run, name=f"writer-{journal.service.name}", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Transaction], Result]) -> "Future[Result]":
        """Have the work done; the future is set once it is committed. Raises what the work or the database raised.

        It cannot be cancelled: whoever does not wait for it any more changes nothing. After `close` it raises
        RuntimeError: nobody would ever do it.
        """
        if self._is_closed:
            raise RuntimeError("this writer has ended")
        future: Future[Result] = Future()
        future.set_running_or_notify_cancel()
        self._jobs.put(_Job(work, future))
        return future

    @property
    def waiting(self) -> int:
        """How many jobs wait, without those of the transaction under way."""
        return self._jobs.qsize()

    def close(self) -> None:
        """Finish what was submitted, then end."""
        self._is_closed = True
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_open = True
        while is_open:
            job = self._jobs.get()
            if job is None:
                return
            is_open = self._together(job)

    def _together(self, first: _Job) -> bool:
        batch: list[_Job] = []
        is_open = True
        try:
            with self._journal.transaction(self._clock.now()) as transaction:
                started = perf_counter()
                job: _Job | None = first
                while job is not None:
                    batch.append(job)
                    _do(job, transaction)
                    waited = perf_counter() - started
                    if waited >= BATCH_MAX.total_seconds() or self._jobs.empty():
                        break
                    job = self._jobs.get()
                is_open = job is not None
            written = tuple(transaction.staged)
        except Exception as error:  # noqa: BLE001 - handed to whoever submitted the job
            self._apart(batch or [first], error)
            return is_open
        self._settle(batch, written)
        return is_open

    def _apart(self, batch: list[_Job], error: Exception) -> None:
        """The commit failed: one of them may be at fault, so each gets a transaction of its own."""
        if len(batch) == 1:
            batch[0].future.set_exception(error)
            return
        for job in batch:
            try:
                with self._journal.transaction(self._clock.now()) as transaction:
                    _do(job, transaction)
                written = tuple(transaction.staged)
            except Exception as alone:  # noqa: BLE001 - handed to whoever submitted the job
                job.future.set_exception(alone)
            else:
                self._settle([job], written)

    def _settle(self, batch: list[_Job], written: tuple[Staged, ...]) -> None:
        if written:
            self._on_commit(written)
        for job in batch:
            if job.error is not None:
                job.future.set_exception(job.error)
            else:
                job.future.set_result(job.result)


def _do(job: _Job, transaction: Transaction) -> None:
    mark = transaction.mark()
    job.result = job.error = None
    try:
        job.result = job.work(transaction)
    except DBAPIError:
        raise  # PostgreSQL does nothing more in this transaction: each gets one of its own
    except Exception as error:  # noqa: BLE001 - handed to whoever submitted the job
        transaction.undo(mark)
        job.error = error
