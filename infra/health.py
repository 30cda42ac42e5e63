"""What cannot be known without trying: whether a journal can be written, and whether the event loop keeps up.

Whoever asks waits a bounded time, and what was found holds for a moment, so that being asked often costs nothing.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from infra.logs import log
from infra.metrics import Metrics

if TYPE_CHECKING:
    from infra.runner import Runner

DATABASE: Final = "database"
UNWRITABLE: Final = "unwritable"
ENDED: Final = "ended"
"""Of what ought to run as long as the process does, and has ended by itself."""

WITHIN_SECONDS: Final = 1.5
"""So long a probe waits for the answer: less than whoever probes waits for us (`infra.web.front`: 2 s)."""
WELL_FOR_SECONDS: Final = 5.0
ILL_FOR_SECONDS: Final = 1.0
PROBE_BYTES: Final = 4096
TICK_SECONDS: Final = 1.0
LOOKED_FOR_SECONDS: Final = 1.0
LOOK_SECONDS_MAX: Final = 1.0
"""Looking is reading: where a database keeps us waiting for longer, what was known before is shown."""


class Writable:
    """Whether the journal of one service can be written just now.

    `commit` has the writer commit a transaction of nothing: it locks the head as every command does, together with
    whatever else waits, and so holds nobody up. On SQLite that writes no byte, so some are written beside the file.
    """

    def __init__(
        self, service: str, commit: Callable[[], Awaitable[None]], beside: Path | None, metrics: Metrics
    ) -> None:
        self.code: str | None = None
        """Why it cannot be written; None where it can, or nobody has tried."""
        self._service: Final = service
        self._commit: Final = commit
        self._beside: Final = beside
        self._metrics: Final = metrics
        self._trying: asyncio.Task[None] | None = None
        self._holds_until = 0.0

    async def look(self) -> None:
        """Try it, unless that was done a moment ago. Returns within the bound: what takes longer is not writable."""
        if time.monotonic() < self._holds_until:
            return
        if self._trying is None:
            self._trying = asyncio.create_task(self._try(), name=f"{self._service}-writable")
        done, _ = await asyncio.wait({self._trying}, timeout=WITHIN_SECONDS)
        if not done:
            self._found(TimeoutError.__name__)

    async def stop(self) -> None:
        """Try no more."""
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.gather(self._trying, return_exceptions=True)

    async def _try(self) -> None:
        try:
            await self._commit()
            if self._beside is not None:
                await asyncio.to_thread(_write_beside, self._beside)
        except (SQLAlchemyError, OSError, RuntimeError) as error:  # RuntimeError: the writer has ended
            self._found(type(error).__name__)
        else:
            self._found(None)
        finally:
            self._trying = None

    def _found(self, error: str | None) -> None:
        if error is not None and self.code is None:
            log("failed", level="error", service=self._service, source=DATABASE, error=error)
        self.code = None if error is None else UNWRITABLE
        self._metrics.writable.labels(self._service).set(error is None)
        self._holds_until = time.monotonic() + (WELL_FOR_SECONDS if error is None else ILL_FOR_SECONDS)


def _write_beside(directory: Path) -> None:
    """Write where the database is, to a file without a name. Raises OSError: the disk is full, or not to be written."""
    with tempfile.TemporaryFile(dir=directory) as file:
        file.write(bytes(PROBE_BYTES))
        file.flush()
        os.fsync(file.fileno())


class Health:
    """Looks at the runners of one host. `carrying` has the bus say how it stands: it may wait, so it has a thread."""

    def __init__(self, runners: "Mapping[str, Runner]", metrics: Metrics, carrying: Callable[[], None]) -> None:
        self._runners: Final = runners
        self._metrics: Final = metrics
        self._carrying: Final = carrying
        self._looked_until = 0.0
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Watch the event loop from now on."""
        self._watching = asyncio.create_task(watch_loop(self._metrics), name="loop")

    async def stop(self) -> None:
        """Watch nothing, and try nothing, any more."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        for runner in self._runners.values():
            await runner.writable.stop()

    async def check(self) -> None:
        """Find out what readiness says, unless that was done a moment ago."""
        await asyncio.gather(*(runner.writable.look() for runner in self._runners.values()))
        if time.monotonic() >= self._looked_until:
            await self._look()

    async def measure(self) -> None:
        """Find out what the metrics say, as of this moment."""
        await self.check()
        await self._look()
        with suppress(SQLAlchemyError, OSError, TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS_MAX):
                await asyncio.to_thread(self._carrying)

    async def _look(self) -> None:
        self._looked_until = time.monotonic() + LOOKED_FOR_SECONDS
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS_MAX):
                looks = (runner.look() for runner in self._runners.values())
                await asyncio.gather(*looks, return_exceptions=True)  # a journal that cannot be read is not writable


async def watch_loop(metrics: Metrics) -> None:
    """Note every second how late the loop is, until cancelled: what blocks it makes everybody wait."""
    while True:
        due_at = time.monotonic() + TICK_SECONDS
        await asyncio.sleep(TICK_SECONDS)
        metrics.late.observe(max(0.0, time.monotonic() - due_at))
