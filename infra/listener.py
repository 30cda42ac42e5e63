"""One service listening to one source, for as long as it runs: fetch, act, remember, compare, and say when it stops."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DataError, IntegrityError

from infra.bus.port import Forked, UnreachableError
from infra.hearing import ANY_KIND, FORKED, GAP, Hearer, Hearing, Trouble
from infra.journal import place, tables
from infra.journal.index import ProjectionError
from infra.journal.journal import Sent
from infra.journal.place import Place, StaleListenerError
from infra.journal.transaction import Transaction
from infra.journal.writing import UnkeepableError
from infra.lag import Lag
from infra.logs import log
from infra.service import EVERYTHING

if TYPE_CHECKING:
    from infra.runner import Runner

BATCH_MAX: Final = 500
FIRST_RETRY_SECONDS: Final = 0.2
STALLED: Final = "stalled"
STARTING: Final = "starting"
UNREACHABLE: Final = "unreachable"
UNKEEPABLE: Final = (DataError, IntegrityError, ProjectionError, UnkeepableError)
"""SQLSTATE 22 and 23, our own limits and read models: what is written is at fault, not the infrastructure (rule 13)."""


class Listener:
    """Hears one source for one running service. Of its own journal it hears what it acts on itself."""

    def __init__(self, runner: "Runner", source: str) -> None:
        self.source: Final = source
        self.trouble: Trouble | None = None
        self.lag: Final = Lag(runner.settings.compare_seconds)
        self.is_unreachable: bool = False
        """Whether the source did not answer when it was asked last where it stands."""
        self._runner: Final = runner
        self._name: Final = runner.service.name
        self._hearer: Hearer | None = None
        self._has_begun = False
        self._stands: Place | None = None
        """Our place, when it was we who moved it last. If another process has moved it since, the next batch shows it:
        a transaction reads it anew (rule 7).
        """
        self._woken: Final = asyncio.Event()
        self._moved: Final = asyncio.Condition()
        self._head: int = 0
        """How far the source is known to have spoken."""
        self._kinds: Final = runner.journal.codec.wire_names(runner.service.hears[source])

    def wake(self) -> None:
        """Look at once whether there is something new. In the event loop's thread."""
        self._woken.set()

    async def place(self) -> Place:
        """How far this source was heard, as committed."""
        return await self._runner.read(lambda connection: place.read(connection, self.source))

    @property
    def code(self) -> str | None:
        """Why this source is not heard as it should be; None where it is."""
        if self.trouble is not None:
            return self.trouble.code
        if self.lag.is_stalled:
            return STALLED
        if self.is_unreachable:
            return UNREACHABLE
        return None if self._has_begun else STARTING

    async def look(self) -> None:
        """See how far behind this is, from what is known here: the source is not asked."""
        if self.source == self._name:
            self.lag.seen(*await self._runner.read(self._own_unheard))
            self.show()
            return
        known = await self._runner.in_thread(self._runner.bus.known, self.source)
        self._head = max(self._head, known or 0)
        self._at((await self.place()).number)  # read last: what was said meanwhile is no lag

    def show(self) -> None:
        """Let the metrics say what is known now."""
        metrics, labels = self._runner.metrics, (self._name, self.source)
        metrics.lag.labels(*labels).set(self.lag.messages)
        metrics.lag_seconds.labels(*labels).set(self.lag.seconds)
        metrics.stalled.labels(*labels).set(self.code == STALLED)
        metrics.stopped.labels(*labels).set(self.trouble is not None)

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
        settings = self._runner.settings
        compare_at = time.monotonic()
        while True:
            self._woken.clear()
            is_well, has_compared = True, False
            try:
                if time.monotonic() >= compare_at:
                    is_well = has_compared = await self._compare()
                    compare_at = time.monotonic() + settings.compare_seconds
                while (is_more := await self._hear_once()) and time.monotonic() < compare_at:
                    pass
                if is_more:  # whoever hears for so long compares meanwhile, and goes on
                    self._woken.set()
            except Exception as error:  # noqa: BLE001 - the infrastructure failed: go on trying, and say so
                self._failed(error)
                is_well = False
            now = time.monotonic()
            if not is_well:
                compare_at, pause = now + pause, min(pause * 2, settings.retry_seconds_max)
            elif has_compared:
                pause = FIRST_RETRY_SECONDS
            async with self._moved:
                self._moved.notify_all()
            await self._woken_within(compare_at - now)

    def _failed(self, error: Exception) -> None:
        self.is_unreachable = self.is_unreachable or isinstance(error, UnreachableError)
        self._runner.metrics.retries.labels(self._name, self.source).inc()
        level: Literal["warning", "error"] = "warning" if isinstance(error, UnreachableError) else "error"
        log("failed", level=level, service=self._name, source=self.source, error=type(error).__name__)

    async def _woken_within(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # `wait_for` of Python 3.11 may lose a cancellation, and never end
                await self._woken.wait()

    async def _compare(self) -> bool:
        """Ask the source for its head: a silent stop is the commonest failure of all (rule 10).

        False if it does not answer: what was brought of it is heard all the same.
        """
        try:
            head = await self._source_head()
        except UnreachableError as error:
            self._failed(error)
            return False
        self.is_unreachable = False
        self._head = head
        await self.look()
        if self.lag.is_stalled and self.trouble is None:
            at = (await self.place()).number
            log(
                "stalled",
                level="error",
                service=self._name,
                source=self.source,
                number=at,
                lag=self.lag.messages,
            )
        return True

    def _at(self, number: int) -> None:
        self.lag.seen(number, max(0, self._head - number))
        self.show()

    def _own_unheard(self, connection: Connection) -> tuple[int, int]:
        """Our place in our own journal, and how many records behind it are to be acted on."""
        at = place.read(connection, self.source).number
        unheard = select(func.count()).where(tables.journal.c.sequence > at, tables.journal.c.type.in_(self._kinds))
        return at, connection.execute(unheard).scalar_one()

    async def _begin(self) -> Hearer | None:
        """The hearer of this source: what the service did not act on before now is old to it (rule 14).

        None where old messages cannot be acted on: that stops the source like a new one would.
        """
        at, old_until = await self._runner.read(self._begun)
        kinds = frozenset({ANY_KIND}) if self._runner.service.hears[self.source] is EVERYTHING else self._kinds
        grown = frozenset() if ANY_KIND in old_until else kinds - old_until.keys()
        codec = self._runner.journal.codec
        hearer = Hearer(self._runner.service, self.source, codec, old_until)
        if not grown:
            return hearer
        old = [sent async for sent in self._all_until(at.number)]
        to = at.number or await self._source_head()

        def grow(transaction: Transaction) -> Trouble | None:
            if not transaction.holds(lambda connection: self._begun(connection) == (at, old_until)):
                raise StaleListenerError(self.source)
            if at.number:
                return hearer.catch_up(transaction, old, grown)
            hearer.begin(transaction, grown, to)
            return None

        try:
            trouble = await self._runner.write(grow)
        except UNKEEPABLE as error:
            trouble = Trouble(number=at.number, code=type(error).__name__)
        if trouble is not None:
            await self._stop(trouble, hearer)
            return None
        if self.trouble is not None and self.trouble.number <= at.number:
            self._goes_on()
        return Hearer(self._runner.service, self.source, codec, old_until | dict.fromkeys(grown, to))

    def _begun(self, connection: Connection) -> tuple[Place, dict[str, int]]:
        """Our place, and up to which number messages of each kind were old when this service began to act on it."""
        of_source = select(tables.hearing.c.kind, tables.hearing.c.number).where(tables.hearing.c.source == self.source)
        return place.read(connection, self.source), {row.kind: row.number for row in connection.execute(of_source)}

    async def _all_until(self, number: int) -> AsyncIterator[Sent]:
        after = Place()
        while after.number < number and (batch := await self._tail(after)):
            for sent in batch:
                if sent.number <= number:
                    yield sent
            after = Place(batch[-1].number, batch[-1].hash)

    async def _source_head(self) -> int:
        if self.source == self._name:
            return (await self._runner.in_thread(self._runner.journal.head)).sequence
        return (await self._runner.over_bus(self._runner.bus.standing, self.source)).number

    async def _tail(self, after: Place) -> list[Sent]:
        if self.source == self._name:
            return await self._runner.in_thread(self._own_tail, after)
        return await self._runner.over_bus(self._runner.bus.tail, self.source, after, BATCH_MAX)

    def _own_tail(self, after: Place) -> list[Sent]:
        """One's own journal, up to the last record that leads to anything: hearing must not wake itself for ever."""
        batch: list[Sent] = []
        useful, last = 0, after.number
        while not useful:
            entries = self._runner.journal.read(last, BATCH_MAX)
            for entry in entries:
                batch.append(Sent(entry.sequence, entry.hash, entry.raw))
                if entry.type in self._kinds:
                    useful = len(batch)
            if len(entries) < BATCH_MAX:
                break
            last = entries[-1].sequence
        return batch[:useful]

    async def _hear_once(self) -> bool:
        """Hear one batch. True if there may be more at once."""
        try:
            self._hearer = hearer = self._hearer or await self._begin()
        except StaleListenerError:
            return True
        if hearer is None:
            return False
        self._has_begun = True
        at = self._stands or await self.place()
        try:
            batch = await self._tail(at)
        except Forked:
            await self._stop(Trouble(number=at.number, code=FORKED), hearer)
            return False
        if not batch:
            self._at(at.number)
            return False
        self._head = max(self._head, batch[-1].number)
        self._at(at.number)
        started = perf_counter()
        self._stands = None
        hearing = await self._heard_batch(hearer, batch)
        if hearing.heard:
            last = batch[-1].number if hearing.trouble is None else hearing.trouble.number - 1
            reached = max(sent.number for sent in batch if sent.number <= last)
            self._at(reached)
            self._went_on(hearing, reached, perf_counter() - started)
            async with self._moved:
                self._moved.notify_all()
        if hearing.trouble is not None:
            self._stopped(hearing.trouble)
            return False
        if hearing.heard == len(batch):
            self._stands = Place(batch[-1].number, batch[-1].hash)
        return True  # also where another process of this service has heard it: it may have gone since

    async def _heard_batch(self, hearer: Hearer, batch: list[Sent]) -> Hearing:
        """One transaction a batch; if what it writes cannot be kept, one a message, so the culprit stands alone."""
        try:
            return await self._runner.write(lambda transaction: hearer.hear(transaction, batch, self.trouble))
        except StaleListenerError:
            return Hearing(heard=0)
        except UNKEEPABLE as error:
            if len(batch) == 1:
                trouble = Trouble(number=batch[0].number, code=type(error).__name__)
                await self._stop(trouble, hearer)
                return Hearing(heard=0, trouble=trouble)
        heard = 0
        for sent in batch:
            hearing = await self._heard_batch(hearer, [sent])
            heard += hearing.heard
            if hearing.trouble is not None:
                return Hearing(heard=heard, trouble=hearing.trouble)
        return Hearing(heard=heard)

    async def _stop(self, trouble: Trouble, hearer: Hearer) -> None:
        if self.trouble != trouble:
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
        self.show()

    def _goes_on(self) -> None:
        self.trouble = None
        self.show()

    def _went_on(self, hearing: Hearing, number: int, seconds: float) -> None:
        self._goes_on()
        self._runner.metrics.heard.labels(self._name, self.source).inc(hearing.heard)
        log(
            "heard",
            service=self._name,
            source=self.source,
            messages=hearing.heard,
            number=number,
            duration_ms=round(seconds * 1000, 1),
        )
        for code in hearing.refusals:
            log("asked", level="warning", service=self._name, source=self.source, outcome=code)
        if hearing.is_clock_doubted:
            log("clock-doubted", level="error", service=self._name, source=self.source)
