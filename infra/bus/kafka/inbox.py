"""Reads the topics of a service's inbox: every record is acted on once, whatever happens to it, to the broker or to us.

The place is kept with the effect and moved from where it was read; answers are given at least once. Where in doubt a
record is taken again: it is then known by what it says. What cannot be acted on just now holds its topic.
"""

import asyncio
import hmac
import time
from collections.abc import Mapping
from contextlib import aclosing
from functools import partial
from hashlib import sha256
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from infra.bus.kafka.answered import answered, first_unanswered, headers
from infra.bus.kafka.client import PARTITION, Kafka, partition, started, stopped
from infra.bus.kafka.reader import SilentError, records_between
from infra.bus.kafka.topics import RECEIPTS, REPORTS, check
from infra.bus.port import UnreachableError
from infra.journal.arrivals import Arrival, Reached, reached
from infra.journal.place import StaleListenerError
from infra.lag import Lag
from infra.listener import UNKEEPABLE
from infra.logs import log
from infra.runner import Runner
from infra.web.asking import asking_by_topic
from infra.web.desk import Delivered, Desk, Reply, Take

ANSWER_SECONDS: Final = 10.0
CHECK_SECONDS: Final = 2.0
"""How often the cluster is asked how far the topic reaches: a consumer says nothing when its broker is gone."""
POLL_MS: Final = 500
AT_ONCE: Final = 100
LOOK_BACK: Final = 100
"""So many records of the answers' topic are looked through for the last answer, if others wrote there too."""
FIRST_RETRY_SECONDS: Final = 0.2
BROKER_RETRY_SECONDS_MAX: Final = 2.0

UNREACHABLE: Final = "unreachable"
TOPIC_WRONG: Final = "topic-wrong"
_UNREADABLE: Final = frozenset({"the topic", "partitions"})
"""What keeps us from reading, of all that can be wrong with a topic: a second partition would be left unread."""


class TopicWrongError(Exception):
    """The topic is not there, or has more than the one partition that is read."""


class InboxRunner:
    """The inbox of one running service. Made in the event loop that starts it; `start` and `stop` once each."""

    def __init__(self, runner: Runner, desk: Desk, kafka: Kafka, secret: bytes) -> None:
        """`secret` keys the digests: that by which requests are told apart, since an event may come both ways."""
        inbox = runner.service.inbox
        assert inbox is not None, f"{runner.name} has no inbox"
        take = inbox.take(desk)
        self._takers: Final = [
            TopicTaker(runner, kafka, topic, answers, take, secret) for topic, answers in inbox.topics.items()
        ]
        self._tasks: Final[list[asyncio.Task[None]]] = []

    async def start(self) -> None:
        """Begin to take what is there."""
        for taker in self._takers:
            self._tasks.append(asyncio.create_task(taker.run(), name=f"inbox-{taker.topic}"))

    async def stop(self) -> None:
        """Take nothing any more. What was handed to the writer is committed; its answer is given at the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    @property
    def troubles(self) -> Mapping[str, str]:
        """Topic -> a code, for topics that are not read just now, or whose next record cannot be acted on."""
        return {taker.topic: taker.trouble for taker in self._takers if taker.trouble is not None}

    def measure(self) -> None:
        """Let the metrics say what is known now; `source` is the topic."""
        for taker in self._takers:
            taker.show()


class TopicTaker:
    """Takes the records of one topic, in order. `trouble` is a code while it cannot."""

    def __init__(self, runner: Runner, kafka: Kafka, topic: str, answers: str, take: Take, secret: bytes) -> None:
        self.topic: Final = topic
        self.trouble: str | None = UNREACHABLE
        self._runner: Final = runner
        self._kafka: Final = kafka
        self._told: Final = partition(topic)
        self._answers: Final = partition(answers)
        self._take: Final = take
        self._secret: Final = secret
        self._lag: Final = Lag(runner.settings.compare_seconds)
        self._end = 0
        self._at = Reached()
        self._known_to = -1
        """Records up to this offset were acted on before: they are taken again for their answers alone."""
        self._not_found: Reached | None = None

    async def run(self) -> None:
        """Take until cancelled. On any failure the clients are made anew, and the place is looked for again."""
        pause = FIRST_RETRY_SECONDS
        while True:
            consumer, producer = self._kafka.consumer(), self._kafka.producer()
            try:
                await started(consumer)
                await started(producer)
                await self._look_at_topics()
                while True:
                    start = await self._place(consumer)
                    self.trouble, pause = None, FIRST_RETRY_SECONDS
                    await self._read(consumer, producer, start)
            except TopicWrongError:
                self._failed(TOPIC_WRONG, TopicWrongError.__name__)
            except Exception as error:  # noqa: BLE001 - the cluster or the database failed: begin again, and say so
                self._failed(UNREACHABLE, type(error).__name__)
            finally:
                await stopped(producer)
                await stopped(consumer)
            await asyncio.sleep(pause)
            pause = min(pause * 2, BROKER_RETRY_SECONDS_MAX)

    def _failed(self, trouble: str, error: str) -> None:
        self.trouble = trouble
        self._runner.metrics.broker_failures.labels(self.topic).inc()
        log("failed", level="warning", service=self._runner.name, topic=self.topic, error=error)

    async def _look_at_topics(self) -> None:
        """Say what is wrong with them. Raises TopicWrongError where records would be left unread."""
        found = await check(self._kafka, self.topic, REPORTS)
        for wrong in (*found, *await check(self._kafka, self._answers.topic, RECEIPTS)):
            log("topic-wrong", level="error", topic=wrong.topic, setting=wrong.setting)
        if any(wrong.setting in _UNREADABLE for wrong in found):
            raise TopicWrongError

    async def _place(self, consumer: Any) -> int:
        """The offset from which to read: behind the last record acted on, if that is still where it was, and every
        record up to it was answered; else from the first that may not have been.
        """
        at = self._at = await self._runner.read(lambda connection: reached(connection, self.topic))
        first, self._end = await self._reach(consumer, self._told)
        is_there = first <= at.offset < self._end and await self._holds(consumer, at)
        if not is_there:
            self._known_to = -1
            if at.offset >= 0 and at != self._not_found:  # emptied, made anew, or grown too old: all of it is read
                self._not_found = at
                log("failed", level="warning", service=self._runner.name, topic=self.topic, code="place-not-there")
            return first
        self._known_to = at.offset
        answers_first, answers_end = await self._reach(consumer, self._answers)
        found = await self._between(consumer, self._answers, max(answers_first, answers_end - LOOK_BACK), answers_end)
        last = next((said for record in reversed(found) if (said := answered(record.headers)) is not None), None)
        return max(first, first_unanswered(at, last, is_unused=answers_end == 0))

    async def _reach(self, consumer: Any, topic: Any) -> tuple[int, int]:
        """The first offset of a topic, and the one behind its last."""
        async with asyncio.timeout(ANSWER_SECONDS):
            first = await consumer.beginning_offsets([topic])
            end = await consumer.end_offsets([topic])
        return first[topic], end[topic]

    async def _holds(self, consumer: Any, at: Reached) -> bool:
        """Whether the topic still has, at that offset, the very record that was acted on."""
        found = await self._between(consumer, self._told, at.offset, at.offset + 1)
        return bool(found) and found[0].offset == at.offset and self._digest(found[0]) == at.digest

    async def _between(self, consumer: Any, topic: Any, start: int, end: int) -> list[Any]:
        """The records from one offset up to another that the topic reaches."""
        consumer.assign([topic])
        async with aclosing(records_between(consumer, topic, start, end)) as records:
            return [record async for record in records]

    async def _read(self, consumer: Any, producer: Any, start: int) -> None:
        """Take what comes, until it is time to look for the place again, or the topic turns out to be another."""
        consumer.assign([self._told])
        consumer.seek(self._told, start)
        now = time.monotonic()
        until, checked_at, end_before, is_quiet = now + self._runner.settings.compare_seconds, 0.0, 0, True
        while now < until:
            batch = await consumer.getmany(self._told, timeout_ms=POLL_MS, max_records=AT_ONCE)
            for record in batch.get(self._told, ()):
                is_quiet = False
                if record.offset < start:
                    return
                await self._handle(producer, record)
                start = record.offset + 1
                self._lag.seen(start, max(0, self._end - start))
            now = time.monotonic()
            if now - checked_at > CHECK_SECONDS:
                _, self._end = await self._reach(consumer, self._told)
                position = await consumer.position(self._told)
                if position > self._end:
                    return
                if is_quiet and position < end_before:
                    raise SilentError
                self._lag.seen(position, self._end - position)
                checked_at, end_before, is_quiet = now, self._end, True

    async def _handle(self, producer: Any, record: Any) -> None:
        """Act on one record, and answer it."""
        to = Reached(record.offset, self._digest(record))
        is_new = record.offset > self._known_to
        reply = await self._reply(record, Arrival(topic=self.topic, after=self._at, to=to) if is_new else None)
        self._at = to if is_new else self._at
        async with asyncio.timeout(ANSWER_SECONDS):  # an idempotent client would try for ever
            await producer.send_and_wait(
                self._answers.topic, reply.body, key=reply.key.encode(), partition=PARTITION, headers=headers(to)
            )
        self._runner.metrics.heard.labels(self._runner.name, self.topic).inc()
        log("heard", service=self._runner.name, topic=self.topic, offset=record.offset)

    async def _reply(self, record: Any, arrival: Arrival | None) -> Reply:
        """Act on one record, however long that takes: neither what is behind it nor its answer goes before it.

        Raises StaleListenerError where it was acted on elsewhere meanwhile.
        """
        pause = FIRST_RETRY_SECONDS
        while True:
            now = self._runner.clock.now()
            asking = partial(asking_by_topic, secret=self._secret, now=now, arrival=arrival)
            try:
                reply = await self._take(Delivered(topic=self.topic, value=record.value or b"", asking=asking))
            except StaleListenerError:
                raise
            except Exception as error:  # noqa: BLE001 - nothing that is told may be lost: it is tried again, and seen
                self._held_by(error, record.offset)
            else:
                self.trouble = None
                return reply
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._runner.settings.retry_seconds_max)

    def _held_by(self, error: Exception, offset: int) -> None:
        name = type(error).__name__
        self.trouble = UNREACHABLE if _may_pass(error) else name
        self._runner.metrics.retries.labels(self._runner.name, self.topic).inc()
        log("failed", level="error", service=self._runner.name, topic=self.topic, offset=offset, error=name)

    def show(self) -> None:
        """Let the metrics say what is known now."""
        metrics, labels = self._runner.metrics, (self._runner.name, self.topic)
        metrics.lag.labels(*labels).set(self._lag.messages)
        metrics.lag_seconds.labels(*labels).set(self._lag.seconds)
        metrics.stalled.labels(*labels).set(self.trouble is None and self._lag.is_stalled)
        metrics.stopped.labels(*labels).set(self.trouble not in {None, UNREACHABLE})

    def _digest(self, record: Any) -> bytes:
        """Keyed, since what it is of is personal and a plain digest could be guessed at. With the broker's time of the
        record, so that another one of the same words is another.
        """
        parts = (self.topic.encode(), str(record.timestamp).encode(), record.key or b"", record.value or b"")
        return hmac.digest(self._secret, b"\x00".join(parts), sha256)


def _may_pass(error: Exception) -> bool:
    """Whether the infrastructure is at fault, and not the record or a mistake of ours."""
    return isinstance(error, OSError | SQLAlchemyError | UnreachableError) and not isinstance(error, UNKEEPABLE)
