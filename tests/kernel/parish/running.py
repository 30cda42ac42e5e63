"""Services of the parish at work in this event loop, on a bus that a test may let falter or lie."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import select

from infra.bus.local import LocalBus
from infra.bus.port import UnreachableError
from infra.clock import Clock, ManualClock
from infra.journal import tables
from infra.journal.codec import Codec
from infra.journal.database import sqlite_url
from infra.journal.journal import Journal, Sent
from infra.journal.place import Place
from infra.metrics import Metrics
from infra.runner import Runner
from infra.service import Service
from infra.settings import Settings
from tests.kernel.parish.events import CODEC
from tests.kernel.parish.journals import NOW, opened

WITHIN_SECONDS: Final = 20.0
"""Nothing here takes a second; a busy machine may need longer."""

Change = Callable[[Sequence[Sent]], list[Sent]]


class FalteringBus(LocalBus):
    """A local bus that fails at first: each failure given is raised once, by whatever asks next for messages."""

    def __init__(self, *failures: Exception) -> None:
        super().__init__()
        self.failures: list[Exception] = list(failures)

    def tail(self, source: str, after: Place, limit: int) -> list[Sent]:
        if self.failures:
            raise self.failures.pop(0)
        return super().tail(source, after, limit)


class LyingBus(LocalBus):
    """A local bus that changes what it carries."""

    def __init__(self, change: Change) -> None:
        super().__init__()
        self.change = change

    def tail(self, source: str, after: Place, limit: int) -> list[Sent]:
        return self.change(super().tail(source, after, limit))


class SleepyBus(LocalBus):
    """A local bus whose wake-ups are all lost."""

    def wake(self, source: str) -> None:
        pass


def away(count: int) -> list[Exception]:
    """So many times out of reach."""
    return [UnreachableError("parish") for _ in range(count)]


def settings(directory: Path, **given: float) -> Settings:
    """Impatient ones: whatever is looked at again, is so at once."""
    chosen = {"compare_seconds": 0.02, "retry_seconds_max": 0.02, "hear_seconds_max": WITHIN_SECONDS} | given
    return Settings(data=directory, **chosen)  # type: ignore[arg-type]  # seconds all of them


def database_of(directory: Path, service: Service) -> str:
    """Where a service keeps its journal."""
    return sqlite_url(directory / f"{service.name}.sqlite")


@asynccontextmanager
async def running(
    journal: Journal,
    bus: LocalBus,
    *,
    clock: Clock | None = None,
    metrics: Metrics | None = None,
    using: Settings | None = None,
) -> AsyncIterator[Runner]:
    """One service at work until the end of the block. `using`: a day passes between comparisons, if not given."""
    rare = Settings(compare_seconds=86_400, retry_seconds_max=0.02, hear_seconds_max=WITHIN_SECONDS)
    runner = Runner(journal, bus, clock or ManualClock(NOW), using or rare, metrics or Metrics())
    bus.join(journal)
    try:
        await runner.start()
        yield runner
    finally:
        bus.leave(runner.name)
        await runner.stop()


@asynccontextmanager
async def at_work(
    directory: Path,
    *services: Service,
    bus: LocalBus | None = None,
    codec: Codec = CODEC,
    clock: Clock | None = None,
    metrics: Metrics | None = None,
    using: Settings | None = None,
) -> AsyncIterator[list[Runner]]:
    """These services at work on one bus."""
    shared = bus or LocalBus()
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                running(
                    opened(database_of(directory, service), service, codec),
                    shared,
                    clock=clock,
                    metrics=metrics,
                    using=using,
                )
            )
            for service in services
        ]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for it. Raises TimeoutError where it does not come."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.002)


async def has_begun(runner: Runner, source: str = "parish") -> None:
    """Until the service knows from where on it hears a source."""

    def begun() -> bool:
        with runner.journal.database.reading() as connection:
            kinds = select(tables.hearing.c.kind).where(tables.hearing.c.source == source)
            there = set(connection.execute(kinds).scalars())
        declared = {event.TYPE for event in runner.service.hears[source]} or {"*"}
        return there >= declared

    await until(begun)


async def heard(runner: Runner, number: int, source: str = "parish") -> bool:
    """Wait until a message was heard. False if the source is stopped before it."""
    async with asyncio.timeout(WITHIN_SECONDS):
        return await runner.listeners[source].until(number)
