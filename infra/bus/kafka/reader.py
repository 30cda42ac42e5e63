"""Reads one source's topic for as long as the process runs: goes to what was heard, reads on, and notices silence.

A reader may be late, wrong or gone without anything being lost: its listener then asks the source itself.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from typing import Any, Final, NamedTuple

from infra.bus.kafka.arriving import Arriving, Brought, number_of
from infra.bus.kafka.client import Kafka, is_cancelled, partition, started, stopped, to_its_end
from infra.logs import log
from infra.metrics import Metrics

START_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 2.0
"""A cluster that takes longer is away for us: meanwhile the source itself is asked, which costs next to nothing."""
CHECK_SECONDS: Final = 2.0
"""How often the cluster is asked how far the topic reaches: a consumer says nothing when its broker is gone."""
SILENT_SECONDS: Final = 5.0
POLL_MS: Final = 500
AT_ONCE: Final = 500
FULL_SECONDS: Final = 0.5
FIRST_RETRY_SECONDS: Final = 0.2
RETRY_SECONDS_MAX: Final = 2.0
HASH: Final = "hash"


class SilentError(Exception):
    """The topic reaches further than this consumer brings: it has stopped without saying so."""


class _Seen(NamedTuple):
    """What was found when it was looked last: how far the topic reaches, how far we are, and whether we had room."""

    end: int
    position: int
    is_full: bool


async def records_between(consumer: Any, topic: Any, start: int, end: int) -> AsyncGenerator[Any, None]:
    """What can be read from one offset up to another that the topic reaches: markers of transactions take offsets up
    and are no records. Raises SilentError where nothing more comes.
    """
    consumer.seek(topic, start)
    silent_at = time.monotonic() + SILENT_SECONDS
    while (position := await consumer.position(topic)) < end:
        batch = await consumer.getmany(topic, timeout_ms=POLL_MS, max_records=AT_ONCE)
        for record in batch.get(topic, ()):
            if record.offset < end:
                yield record
        if await consumer.position(topic) > position:
            silent_at = time.monotonic() + SILENT_SECONDS
        elif time.monotonic() > silent_at:
            raise SilentError


class Reader:
    """Brings what is on one topic. `told` is called in the event loop whenever the listener should look."""

    def __init__(
        self, kafka: Kafka, topic: str, whose: str, arriving: Arriving, told: Callable[[], None], metrics: Metrics
    ) -> None:
        self._kafka: Final = kafka
        self._topic: Final = partition(topic)
        self._whose: Final = whose
        self._arriving: Final = arriving
        self._told: Final = told
        self._metrics: Final = metrics
        self._asked: Final = asyncio.Event()
        self._has_read = False
        self.is_live = False
        """Whether the cluster answered a moment ago. While it does not, whoever listens asks the source itself."""
        self.is_idle = False
        """Whether it has answered, and nobody has said yet from where on to read: the source was never reached."""

    def ask(self) -> None:
        """The listener has moved or has only begun. In the event loop's thread."""
        self._asked.set()

    async def run(self) -> None:
        """Read until cancelled."""
        pause = FIRST_RETRY_SECONDS
        while True:
            consumer = self._kafka.consumer()
            try:
                await started(consumer)
                await self._read(consumer)
            except (Exception, asyncio.CancelledError) as error:  # the cluster failed in whatever way: begin again
                if is_cancelled():
                    raise
                pause = FIRST_RETRY_SECONDS if self.is_live else min(pause * 2, RETRY_SECONDS_MAX)
                self.is_live = False
                self._metrics.broker_failures.labels(self._topic.topic).inc()
                log("failed", level="warning", topic=self._topic.topic, error=type(error).__name__)
            finally:
                self.is_live = self.is_idle = False
                await to_its_end(stopped(consumer))
            self._told()
            await asyncio.sleep(pause)

    async def _read(self, consumer: Any) -> None:
        consumer.assign([self._topic])
        while self._arriving.last is None:
            self.is_idle = True
            self._asked.clear()
            await self._asked.wait()
        self.is_idle = False
        await self._go_to(consumer, self._arriving.last.number)
        if self._has_read:  # what was said while nobody read may be on no topic any more
            self._arriving.doubt()
            self._told()
        self.is_live = self._has_read = True
        checked_at, seen = time.monotonic(), _Seen(0, 0, is_full=False)
        while True:
            if self._arriving.is_full:
                await self._room()
            else:
                batch = await consumer.getmany(self._topic, timeout_ms=POLL_MS, max_records=AT_ONCE)
                for record in batch.get(self._topic, ()):
                    self._bring(record)
                if batch:
                    self._told()
            if time.monotonic() - checked_at > CHECK_SECONDS:
                seen = await self._check(consumer, seen)
                checked_at = time.monotonic()

    def _bring(self, record: Any) -> None:
        said = dict(record.headers).get(HASH)
        match self._arriving.bring(record.value or b"", said):
            case Brought.NEXT | Brought.KNOWN:
                return
            case Brought.GAP | Brought.DIFFERENT | Brought.FOREIGN as odd:
                code = odd.name.lower()
                self._metrics.odd_records.labels(self._topic.topic, code).inc()
                log("odd-record", level="error", topic=self._topic.topic, offset=record.offset, code=code)

    async def _room(self) -> None:
        self._asked.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(FULL_SECONDS):
                await self._asked.wait()

    async def _check(self, consumer: Any, before: _Seen) -> _Seen:
        """Ask how far the topic reaches; what it reached `before` should be here by now, or at least some of it.

        Raises SilentError if nothing is, or the topic was cut, and what the client raises for a broker that is gone.
        """
        async with asyncio.timeout(ANSWER_SECONDS):
            end: int = (await consumer.end_offsets([self._topic]))[self._topic]
            now = _Seen(end, await consumer.position(self._topic), self._arriving.is_full)
        has_stopped = now.position == before.position < before.end and not (before.is_full or now.is_full)
        if now.position > now.end or has_stopped:
            raise SilentError
        return now

    async def _go_to(self, consumer: Any, number: int) -> None:
        """To the first record with a larger number, by halving: numbers rise along a topic, but for copies.

        Landing wrong does no harm: what is known is passed over, and beyond a gap the source is asked.
        """
        async with asyncio.timeout(START_SECONDS):
            low = (await consumer.beginning_offsets([self._topic]))[self._topic]
            high = (await consumer.end_offsets([self._topic]))[self._topic]
            while number and low < high:
                middle = (low + high) // 2
                found = await self._first_of_ours(consumer, middle, high)
                if found is not None and found[1] <= number:
                    low = found[0] + 1
                else:
                    high = middle
            consumer.seek(self._topic, low)

    async def _first_of_ours(self, consumer: Any, start: int, end: int) -> tuple[int, int] | None:
        """Offset and number of the first message of this source between two offsets."""
        async with aclosing(records_between(consumer, self._topic, start, end)) as records:
            async for record in records:
                number = number_of(record.value or b"", self._whose)
                if number is not None:
                    return record.offset, number
        return None
