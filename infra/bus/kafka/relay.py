"""Publishes a journal's messages to its topic, in order, and keeps no state of its own (rules 17 to 19).

Where it stands is what the topic ends with, read anew at the start, after any failure, and whenever the topic does
not grow as it should: a checkpoint of its own would leave a hole for ever where a broker loses what it acknowledged.
"""

import asyncio
from contextlib import suppress
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import select

from infra.bus.kafka.arriving import number_of
from infra.bus.kafka.client import Kafka, is_cancelled, partition, started, stopped, to_its_end
from infra.bus.kafka.reader import HASH, records_between
from infra.bus.kafka.topics import MESSAGES, check
from infra.journal import tables
from infra.journal.journal import Journal, messages
from infra.journal.place import Place
from infra.logs import log
from infra.metrics import Metrics

UNREACHABLE: Final = "unreachable"
TOPIC_WRONG: Final = "topic-wrong"
FORKED: Final = "forked"

BATCH_MAX: Final = 500
ANSWER_SECONDS: Final = 5.0
CHECK_SECONDS: Final = 2.0
"""How often a quiet topic is looked at: its last message may be lost, and none follow (rule 10)."""
FIRST_RETRY_SECONDS: Final = 0.2
RETRY_SECONDS_MAX: Final = 2.0
MEND_SECONDS: Final = 10.0
"""What only people can mend is looked at again this often."""


class _Keyed(msgspec.Struct):
    subject: str


_decoder: Final = msgspec.json.Decoder(_Keyed)
_MESSAGE: Final = select(tables.journal.c.message_hash, tables.journal.c.record)


class _Kept(NamedTuple):
    """A message of ours that was seen on the topic, or acknowledged."""

    offset: int
    number: int


class _Batch(NamedTuple):
    """Messages on their way: up to which, and whether the journal had no more."""

    records: Any
    size: int
    until: Place
    is_all: bool


class FellBackError(Exception):
    """The topic does not hold what was acknowledged: it was emptied, cut or made anew."""


class ForkedError(Exception):
    """The topic ends with a message of this service that its journal does not hold."""


class TopicWrongError(Exception):
    """The topic's settings could lose or reorder what it is given."""


class Relay:
    """One journal's relay, in the event loop of its host. `trouble` is a code while it cannot publish."""

    def __init__(self, kafka: Kafka, journal: Journal, topic: str, metrics: Metrics) -> None:
        self._kafka: Final = kafka
        self._journal: Final = journal
        self._service: Final = journal.service.name
        self._whose: Final = f"/cordon/{journal.site}/{self._service}"
        self._topic: Final = partition(topic)
        self._metrics: Final = metrics
        self._woken: Final = asyncio.Event()
        self._reach = 0
        self._kept: _Kept | None = None
        self._has_fallen_back = False
        self.trouble: str | None = UNREACHABLE
        self.published: int | None = None
        """The last of our messages that the topic is known to hold; None before it was looked at."""

    def wake(self) -> None:
        """There may be something new to publish. In the event loop's thread."""
        self._woken.set()

    async def run(self) -> None:
        """Publish until cancelled. On any failure the producer is closed and the topic's end is read again."""
        pause = FIRST_RETRY_SECONDS
        while True:
            consumer, producer = self._kafka.consumer(), self._kafka.producer()
            try:
                await started(consumer)
                await started(producer)
                await self._publish(consumer, producer)
            except FellBackError:
                self._has_fallen_back = True
                self._say(FellBackError.__name__, "warning")
                pause = FIRST_RETRY_SECONDS
            except (ForkedError, TopicWrongError) as error:
                self.trouble = FORKED if isinstance(error, ForkedError) else TOPIC_WRONG
                pause = MEND_SECONDS
                self._say(self.trouble, "error")
            except (Exception, asyncio.CancelledError) as error:  # the cluster failed in whatever way: begin again
                if is_cancelled():
                    raise
                pause = FIRST_RETRY_SECONDS if self.trouble is None else min(pause * 2, RETRY_SECONDS_MAX)
                self.trouble = UNREACHABLE
                self._say(type(error).__name__, "warning")
            finally:
                await to_its_end(asyncio.gather(stopped(producer), stopped(consumer)))
            await asyncio.sleep(pause)

    def _say(self, error: str, level: Any) -> None:
        self._metrics.broker_failures.labels(self._topic.topic).inc()
        log("failed", level=level, service=self._service, topic=self._topic.topic, error=error)

    async def _publish(self, consumer: Any, producer: Any) -> None:
        wrong = await check(self._kafka, self._topic.topic, MESSAGES)
        for one in wrong:
            log("topic-wrong", level="error", topic=self._topic.topic, setting=one.setting)
        if wrong:
            raise TopicWrongError
        cursor = await self._cursor(consumer)
        self.trouble, self.published = None, cursor.number
        while True:
            self._woken.clear()
            while (batch := await asyncio.to_thread(self._read, cursor, producer.create_batch())).size:
                await self._send(producer, batch)
                cursor = batch.until
                self.published = cursor.number
                self._metrics.relayed.labels(self._service).inc(batch.size)
                log("relayed", level="debug", service=self._service, messages=batch.size, number=cursor.number)
                if batch.is_all and not self._woken.is_set():
                    break
            with suppress(TimeoutError):
                async with asyncio.timeout(CHECK_SECONDS):
                    await self._woken.wait()
                    continue
            if await self._end(consumer) < self._reach:
                raise FellBackError

    def _read(self, cursor: Place, records: Any) -> "_Batch":
        """What comes next, in the client's own form: made here, in a thread, it costs the event loop nothing."""
        with self._journal.database.reading() as connection:
            found = messages(connection, cursor.number, cursor.hash, BATCH_MAX)
        count = 0
        for sent in found:
            key = _decoder.decode(sent.raw).subject.encode()
            if records.append(timestamp=None, key=key, value=sent.raw, headers=[(HASH, sent.hash)]) is None:
                break  # as many bytes as one request may hold
            count += 1
        until = Place(found[count - 1].number, found[count - 1].hash) if count else cursor
        return _Batch(records=records, size=count, until=until, is_all=count == len(found) < BATCH_MAX)

    async def _send(self, producer: Any, batch: "_Batch") -> None:
        """One batch in flight, acknowledged whole. An idempotent client would try for ever: it is given a time."""
        async with asyncio.timeout(ANSWER_SECONDS):
            sent = await producer.send_batch(batch.records, self._topic.topic, partition=self._topic.partition)
            acknowledged = await sent
        if acknowledged.offset < self._reach:
            raise FellBackError
        self._reach = acknowledged.offset + batch.size
        self._kept = _Kept(self._reach - 1, batch.until.number)

    async def _end(self, consumer: Any) -> int:
        async with asyncio.timeout(ANSWER_SECONDS):
            ends = await consumer.end_offsets([self._topic])
        end: int = ends[self._topic]
        return end

    async def _cursor(self, consumer: Any) -> Place:
        """Behind which message to go on. Raises ForkedError, and FellBackError where to look more closely."""
        consumer.assign([self._topic])
        end = await self._end(consumer)
        async with asyncio.timeout(ANSWER_SECONDS):
            start: int = (await consumer.beginning_offsets([self._topic]))[self._topic]
        if not self._has_fallen_back and not await self._is_kept(consumer, start, end):
            raise FellBackError
        look = self._end_without_gap if self._has_fallen_back else self._end_of_topic
        cursor = await look(consumer, start, end)
        self._reach, self._has_fallen_back = end, False
        return cursor

    async def _is_kept(self, consumer: Any, start: int, end: int) -> bool:
        """Whether what was last acknowledged still stands where it was put. If not, what the topic ends with says
        nothing: we may have put it behind what is missing without being told any more.
        """
        if self._kept is None:
            return True
        if not start <= self._kept.offset < end:
            return False
        offset, number = self._kept
        there = [record.value async for record in records_between(consumer, self._topic, offset, offset + 1)]
        return [number_of(value or b"", self._whose) for value in there] == [number]

    async def _end_of_topic(self, consumer: Any, start: int, end: int) -> Place:
        """The last message of ours on the topic, whose very bytes must stand in our journal (rule 17).

        What is not ours is passed over on the way back, and named. Raises ForkedError.
        """
        high, step = end, 1
        while high > start:
            low = max(start, high - step)
            last = None
            async for record in records_between(consumer, self._topic, low, high):
                number = number_of(record.value or b"", self._whose)
                if number is None:
                    self._odd(record.offset)
                else:
                    last = record.offset, number, record.value
            if last is not None:
                offset, number, raw = last
                self._kept = _Kept(offset, number)
                return await asyncio.to_thread(self._held, number, raw)
            high, step = low, step * 2
        return Place()

    async def _end_without_gap(self, consumer: Any, start: int, end: int) -> Place:
        """How far the topic holds every message from the first on: after it was cut or emptied its last record says
        nothing, since something may have been put behind what is missing before anybody noticed. Raises ForkedError.
        """
        last, raw = 0, b""
        async for record in records_between(consumer, self._topic, start, end):
            if number_of(record.value or b"", self._whose) == last + 1:
                last, raw = last + 1, record.value
        self._kept = None
        return await asyncio.to_thread(self._held, last, raw) if last else Place()

    def _odd(self, offset: int) -> None:
        self._metrics.odd_records.labels(self._topic.topic, "foreign").inc()
        log("odd-record", level="error", topic=self._topic.topic, offset=offset, code="foreign")

    def _held(self, number: int, raw: bytes) -> Place:
        with self._journal.database.reading() as connection:
            row = connection.execute(_MESSAGE.where(tables.journal.c.number == number)).first()
        if row is None or row.record != raw:
            raise ForkedError
        return Place(number, row.message_hash)
