"""One service listening to one source, for as long as it runs: fetch, act, remember, compare, and say when it stops."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError

from infra.bus.port import Forked, UnreachableError
from infra.hearing import FORKED, GAP, Hearer, Hearing, Trouble
from infra.journal import place, tables
from infra.journal.chain import record_id
from infra.journal.journal import Sent
from infra.journal.place import Place, StaleListenerError
from infra.journal.staging import Cause
from infra.journal.writing import UnkeepableError
from infra.logs import log
from infra.service import EVERYTHING

if TYPE_CHECKING:
    from infra.runner import Runner

BATCH_MAX: Final = 500
FIRST_RETRY_SECONDS: Final = 0.2
UNKEEPABLE: Final = (DataError, IntegrityError, UnkeepableError)
"""SQLSTATE 22 and 23 and our own limits: what is written is at fault, not the infrastructure (rule 13)."""


class Listener:
    """Hears one source for one running service. Of its own journal it hears what it acts on itself."""

    def __init__(self, runner: "Runner", source: str) -> None:
        self.source: Final = source
        self.trouble: Trouble | None = None
        self._runner: Final = runner
        self._name: Final = runner.service.name
        self._hearer: Hearer | None = None
        self._woken: Final = asyncio.Event()
        self._moved: Final = asyncio.Condition()
        self._compared_at: int = -1
        self._own_kinds: Final = {event.TYPE for event in runner.service.hears[source]}

    def wake(self) -> None:
        """Look at once whether there is something new. In the event loop's thread."""
        self._woken.set()

    async def place(self) -> Place:
        """How far this source was heard, as committed."""
        return await self._runner.read(lambda connection: place.read(connection, self.source))

    async def until(self, number: int) -> bool:
        """Wait until the source was heard up to this number. False if it is stopped before that."""
        self.wake()
        async with self._moved:
            while (await self.place()).number < number:
                if self.trouble is not None:
                    return False
                await self._moved.wait()
        return self.trouble is None

    async def run(self) -> None:
        """Listen until cancelled. A failure of the infrastructure is tried again, with longer and longer pauses."""
        pause = FIRST_RETRY_SECONDS
        settings, metrics = self._runner.settings, self._runner.metrics
        while True:
            self._woken.clear()
            try:
                while await self._hear_once():
                    pass
                seconds, pause = settings.compare_seconds, FIRST_RETRY_SECONDS
            except UnreachableError:
                seconds = pause = min(pause * 2, settings.retry_seconds_max)
            except Exception as error:  # noqa: BLE001 - the infrastructure failed: go on trying, and say so
                metrics.retries.labels(self._name, self.source).inc()
                log("failed", level="error", service=self._name, source=self.source, error=type(error).__name__)
                seconds = pause = min(pause * 2, settings.retry_seconds_max)
            async with self._moved:
                self._moved.notify_all()
            try:
                await asyncio.wait_for(self._woken.wait(), seconds)
            except TimeoutError:
                await self._compare()

    async def _compare(self) -> None:
        """Ask the source for its head: a silent stop is the commonest failure of all (rule 10)."""
        try:
            head = await self._source_head()
        except UnreachableError:
            return
        at = (await self.place()).number
        lag = 0 if self.source == self._name else head - at
        self._runner.metrics.lag.labels(self._name, self.source).set(lag)
        if lag and at == self._compared_at:
            log("stalled", level="error", service=self._name, source=self.source, number=at, lag=lag)
        self._compared_at = at

    async def _begin(self) -> Hearer:
        """The hearer of this source: what the service did not act on before now is old to it (rule 14)."""
        declared = self._runner.service.hears[self.source]
        kinds = {"*"} if declared is EVERYTHING else {event.TYPE for event in declared}
        of_source = select(tables.hearing.c.kind, tables.hearing.c.number).where(
            tables.hearing.c.source == self.source
        )
        rows = await self._runner.read(lambda connection: connection.execute(of_source).all())
        old_until = {row.kind: row.number for row in rows}
        grown = frozenset(kinds - old_until.keys())
        codec = self._runner.journal.codec
        hearer = Hearer(self._runner.service, self.source, codec, old_until)
        if not grown:
            return hearer
        at = await self.place()
        if at.number:
            old = [sent async for sent in self._all_until(at.number)]
            await self._runner.write(lambda transaction: hearer.catch_up(transaction, old, grown))
            return Hearer(self._runner.service, self.source, codec, old_until | dict.fromkeys(grown, at.number))
        head = await self._source_head()
        id = record_id(f"grown-{self.source}", self._name, "own", 0)
        cause = Cause(id=id, correlation=id, actor=f"service:{self._name}")
        await self._runner.write(lambda tx: tx.remember_grown(self.source, sorted(grown), head, cause))
        return Hearer(self._runner.service, self.source, codec, dict.fromkeys(grown, head))

    async def _all_until(self, number: int) -> AsyncIterator[Sent]:
        after = Place()
        while after.number < number:
            batch = await self._tail(after)
            for sent in batch:
                if sent.number <= number:
                    yield sent
            after = Place(batch[-1].number, batch[-1].hash)

    async def _source_head(self) -> int:
        if self.source == self._name:
            return (await self._runner.in_thread(self._runner.journal.head)).sequence
        return (await self._runner.in_thread(self._runner.bus.head, self.source)).number

    async def _tail(self, after: Place) -> list[Sent]:
        if self.source == self._name:
            return await self._runner.in_thread(self._own_tail, after)
        return await self._runner.in_thread(self._runner.bus.tail, self.source, after, BATCH_MAX)

    def _own_tail(self, after: Place) -> list[Sent]:
        """One's own journal, up to the last record that leads to anything: hearing must not wake itself for ever."""
        batch: list[Sent] = []
        useful, last = 0, after.number
        while not useful:
            entries = self._runner.journal.read(last, BATCH_MAX)
            for entry in entries:
                batch.append(Sent(entry.sequence, entry.hash, entry.raw))
                if entry.type in self._own_kinds:
                    useful = len(batch)
            if len(entries) < BATCH_MAX:
                break
            last = entries[-1].sequence
        return batch[:useful]

    async def _hear_once(self) -> bool:
        """Hear one batch. True if there may be more at once."""
        if self._hearer is None:
            self._hearer = await self._begin()
        at = await self.place()
        try:
            batch = await self._tail(at)
        except Forked:
            await self._stop(Trouble(number=at.number, code=FORKED))
            return False
        if not batch:
            return False
        hearing = await self._heard_batch(self._hearer, batch)
        if hearing.heard:
            self._went_on(hearing, batch[-1].number)
            async with self._moved:
                self._moved.notify_all()
        if hearing.trouble is not None:
            self._stopped(hearing.trouble)
            return False
        return bool(hearing.heard)

    async def _heard_batch(self, hearer: Hearer, batch: list[Sent]) -> Hearing:
        """One transaction a batch; if what it writes cannot be kept, one a message, so the culprit stands alone."""
        try:
            return await self._runner.write(lambda transaction: hearer.hear(transaction, batch, self.trouble))
        except StaleListenerError:
            return Hearing(heard=0)
        except UNKEEPABLE as error:
            if len(batch) == 1:
                trouble = Trouble(number=batch[0].number, code=type(error).__name__)
                await self._stop(trouble)
                return Hearing(heard=0, trouble=trouble)
        heard = 0
        for sent in batch:
            hearing = await self._heard_batch(hearer, [sent])
            heard += hearing.heard
            if hearing.trouble is not None:
                return Hearing(heard=heard, trouble=hearing.trouble)
        return Hearing(heard=heard)

    async def _stop(self, trouble: Trouble) -> None:
        hearer = self._hearer
        if self.trouble != trouble and hearer is not None:
            await self._runner.write(lambda transaction: hearer.stop(transaction, trouble))
        self._stopped(trouble)

    def _stopped(self, trouble: Trouble) -> None:
        if trouble.code == GAP:
            return
        if self.trouble != trouble:
            log(
                "stopped",
                level="error",
                service=self._name,
                source=self.source,
                number=trouble.number,
                code=trouble.code,
            )
        self.trouble = trouble
        self._runner.metrics.stopped.labels(self._name, self.source).set(1)

    def _went_on(self, hearing: Hearing, number: int) -> None:
        self.trouble = None
        self._runner.metrics.stopped.labels(self._name, self.source).set(0)
        self._runner.metrics.heard.labels(self._name, self.source).inc(hearing.heard)
        log("heard", service=self._name, source=self.source, messages=hearing.heard, number=number)
        for code in hearing.refusals:
            log("asked", level="warning", service=self._name, source=self.source, outcome=code)
        if hearing.is_clock_doubted:
            log("clock-doubted", level="error", service=self._name, source=self.source)
