"""A service at work: its journal, its writer, its listeners and its clock, for as long as the host runs it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, select

from infra.bus.port import Bus, UnreachableError
from infra.clock import Clock
from infra.deadlines import Due, due, reach
from infra.health import DATABASE, ENDED, Writable
from infra.hearing import Trouble
from infra.journal import tables
from infra.journal.journal import Journal
from infra.journal.staging import Staged
from infra.journal.transaction import Transaction
from infra.listener import Listener
from infra.logs import log
from infra.metrics import Metrics
from infra.settings import Settings
from infra.writer import Writer

Result = TypeVar("Result")

READERS: Final = 4
BUS_CALLERS: Final = 16
CLOCK_TICK_SECONDS: Final = 0.5


class Runner:
    """One running service. `start` and `stop` once each, in the host's event loop."""

    def __init__(self, journal: Journal, bus: Bus, clock: Clock, settings: Settings, metrics: Metrics) -> None:
        self.service: Final = journal.service
        self.journal: Final = journal
        self.bus: Final = bus
        self.clock: Final = clock
        self.settings: Final = settings
        self.metrics: Final = metrics
        self._loop: Final = asyncio.get_running_loop()
        self._readers: Final = ThreadPoolExecutor(max_workers=READERS, thread_name_prefix=f"read-{self.service.name}")
        # Apart from the readers: a peer that keeps us waiting must not keep us from answering it.
        self._callers: Final = ThreadPoolExecutor(
            max_workers=BUS_CALLERS, thread_name_prefix=f"bus-{self.service.name}"
        )
        self._writer: Final = Writer(journal, clock, self._committed)
        self.writable: Final = Writable(self.service.name, self._commit, journal.database.directory, metrics)
        self._tasks: Final[dict[str, asyncio.Task[None]]] = {}
        self._watches: Final[set[asyncio.Event]] = set()
        self._own_kinds: Final = journal.codec.wire_names(self.service.hears.get(self.service.name, ()))
        self.listeners: Final = {source: Listener(self, source) for source in self.service.hears}

    @property
    def name(self) -> str:
        """The service's name."""
        return self.service.name

    async def start(self) -> None:
        """Listen to every source and watch the deadlines. What was stopped before is shown as stopped, and retried."""
        for row in await self.read(lambda connection: connection.execute(select(tables.stopped)).all()):
            if row.source in self.listeners:
                self.listeners[row.source].trouble = Trouble(number=row.number, code=row.code)
        for source, listener in self.listeners.items():
            listener.show()
            self.bus.on_wake(source, partial(self._wake, listener))
            self._tasks[source] = asyncio.create_task(listener.run(), name=f"{self.name}<{source}")
        self._tasks["clock"] = asyncio.create_task(self._compare_clocks(), name=f"{self.name}-clock")
        if self.service.on_due is not None:
            self._tasks["deadlines"] = asyncio.create_task(self._watch_deadlines(), name=f"{self.name}-deadlines")

    async def stop_listening(self) -> None:
        """Hear nobody any more, and let no deadline come."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def stop(self) -> None:
        """Stop listening, finish what was begun, and close the journal."""
        await self.stop_listening()
        for woken in self._watches:
            woken.set()
        await asyncio.to_thread(self._writer.close)
        await asyncio.to_thread(self._callers.shutdown)
        await asyncio.to_thread(self._readers.shutdown)
        self.journal.database.close()

    async def write(self, work: Callable[[Transaction], Result]) -> Result:
        """Have work done in the writer thread; returns once it is committed. A caller that leaves changes nothing."""
        return await asyncio.shield(asyncio.wrap_future(self._writer.submit(work)))

    async def read(self, query: Callable[[Connection], Result]) -> Result:
        """Run a query in a reading connection, in a reader thread."""

        def run() -> Result:
            with self.journal.database.reading() as connection:
                return query(connection)

        return await self.in_thread(run)

    async def in_thread(self, work: Callable[..., Result], *given: Any) -> Result:
        """Do something that waits, in a reader thread."""
        return await self._loop.run_in_executor(self._readers, work, *given)

    async def over_bus(self, work: Callable[..., Result], *given: Any) -> Result:
        """Do something that waits for another service, in a thread for that."""
        return await self._loop.run_in_executor(self._callers, work, *given)

    def watch(self) -> asyncio.Event:
        """An event that is set after each commit, until `unwatch`."""
        woken = asyncio.Event()
        self._watches.add(woken)
        return woken

    def unwatch(self, woken: asyncio.Event) -> None:
        """Do not set this event any more."""
        self._watches.discard(woken)

    @property
    def stopped(self) -> dict[str, Trouble]:
        """The sources that are not heard any further, and why."""
        return {source: one.trouble for source, one in self.listeners.items() if one.trouble is not None}

    @property
    def troubles(self) -> dict[str, str]:
        """What is not as it should be -> a code: sources, the database, and what has ended though it should run."""
        found = {source: code for source, one in self.listeners.items() if (code := one.code) is not None}
        found |= {what: ENDED for what, task in self._tasks.items() if task.done()}
        return found if self.writable.code is None else {**found, DATABASE: self.writable.code}

    async def look(self) -> None:
        """See how far behind each source the service is, from what is known here."""
        self.metrics.waiting.labels(self.name).set(self._writer.waiting)
        for listener in self.listeners.values():
            await listener.look()

    async def _commit(self) -> None:
        await self.write(lambda _transaction: None)

    async def hear_to_head(self, source: str) -> bool:
        """Hear a source to its present head, once it has itself acted on what was there for it (rule 12).

        False where that is not possible within the set time, or where either of the two has stopped hearing.
        """
        try:
            async with asyncio.timeout(self.settings.hear_seconds_max):
                head = await self.over_bus(self.bus.head, source, self.settings.hear_seconds_max)
                if head.stopped or not head.is_settled:
                    return False
                # A service that is settled has heard itself.
                return source == self.name or await self.listeners[source].until(head.number)
        except (TimeoutError, UnreachableError):
            return False

    def _wake(self, listener: Listener) -> None:
        """Called in any thread; after the end there is nobody left to wake."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(listener.wake)

    def _committed(self, written: tuple[Staged, ...]) -> None:
        """Called in the writer thread, after a commit."""
        if any(staged.is_shared for staged in written):
            self.bus.wake(self.name)
        is_ours = any(staged.event.TYPE in self._own_kinds for staged in written)
        self._loop.call_soon_threadsafe(self._tell, is_ours)

    def _tell(self, is_ours: bool) -> None:  # noqa: FBT001 - call_soon_threadsafe takes no keywords
        if is_ours:
            self.listeners[self.name].wake()
        for woken in self._watches:
            woken.set()

    async def _compare_clocks(self) -> None:
        """At the start and every minute. Whatever they say, showing and tasking go on (SR-27)."""
        while True:
            try:
                if await self.in_thread(self.journal.compare_clock, self.clock.now()):
                    log("clock-doubted", level="error", service=self.name, source="database")
            except Exception as error:  # noqa: BLE001 - the infrastructure failed: go on trying, and say so
                self._failed(error)
            await asyncio.sleep(self.settings.compare_seconds)

    async def _watch_deadlines(self) -> None:
        while True:
            try:
                for deadline in await self.read(partial(due, now=self.clock.now())):
                    await self._reach(deadline)
            except Exception as error:  # noqa: BLE001 - the infrastructure failed: go on trying, and say so
                self._failed(error)
            await asyncio.sleep(CLOCK_TICK_SECONDS)

    async def _reach(self, deadline: Due) -> None:
        """One by one: a deadline that cannot be acted on must not hold up those behind it."""
        try:
            await self.write(partial(reach, service=self.service, deadline=deadline))
        except Exception as error:  # noqa: BLE001 - it is still due, and tried again at the next tick
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        self.metrics.retries.labels(self.name, "clock").inc()
        log("failed", level="error", service=self.name, source="clock", error=type(error).__name__)
