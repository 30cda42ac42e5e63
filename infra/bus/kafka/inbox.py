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

from aiokafka.errors import KafkaError, KafkaTimeoutError
from sqlalchemy.exc import SQLAlchemyError

from infra.bus.kafka.answered import answered, first_unanswered, headers
from infra.bus.kafka.client import PARTITION, Kafka, is_cancelled, partition, started, stopped, to_its_end
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

ANSWER_SECONDS: Final = 5.0
CHECK_SECONDS: Final = 2.0
"""How often the cluster is asked how far the topic reaches: a consumer says nothing when its broker is gone."""
POLL_SECONDS: Final = 0.5
LOOK_BACK: Final = 100
"""So many records of the answers' topic are looked through for the last answer, if others wrote there too."""
FIRST_RETRY_SECONDS: Final = 0.2
BROKER_RETRY_SECONDS_MAX: Final = 2.0

UNREACHABLE: Final = "unreachable"
TOPIC_WRONG: Final = "topic-wrong"
MISSING: Final = "the topic"
"""What `infra.bus.kafka.topics` says is wrong with a topic that is not there."""


class TopicWrongError(Exception):
    """A topic is not there, or has more than the one partition that is read."""


class InboxRunner:
    """The inbox of one running service. Made in the event loop that starts it; `start` and `stop` once each.

    `secret` keys the digests: that by which requests are told apart at the edge, since an event may come both ways.
    """

    def __init__(self, runner: Runner, desk: Desk, kafka: Kafka, secret: bytes) -> None:
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
        self._first: int | None = 0
        """Where to begin, as long as the record at our place is not there to begin behind."""
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
                    await self._answer_again(consumer, producer, await self._place(consumer))
                    self.trouble, pause = None, FIRST_RETRY_SECONDS
                    await self._read(consumer, producer)
            except TopicWrongError:
                self._failed(TOPIC_WRONG, TopicWrongError.__name__)
            except asyncio.CancelledError as error:
                if is_cancelled():
                    raise
                self._failed(UNREACHABLE, type(error).__name__)  # the client's own, which must not end us
            except Exception as error:  # noqa: BLE001 - the cluster or the database failed: begin again, and say so
                self._failed(_code_of(error), type(error).__name__)
            finally:
                await to_its_end(asyncio.gather(stopped(producer), stopped(consumer)))
            await asyncio.sleep(pause)
            pause = min(pause * 2, BROKER_RETRY_SECONDS_MAX)

    def _failed(self, trouble: str, error: str) -> None:
        self.trouble = trouble
        self._runner.metrics.broker_failures.labels(self.topic).inc()
        log("failed", level="warning", service=self._runner.name, topic=self.topic, error=error)

    async def _look_at_topics(self) -> None:
        """Say what is wrong with them. Raises TopicWrongError where records would be left unread, or unanswered."""
        told = await to_its_end(check(self._kafka, self.topic, REPORTS))
        answers = await to_its_end(check(self._kafka, self._answers.topic, RECEIPTS))
        for wrong in (*told, *answers):
            log("topic-wrong", level="error", topic=wrong.topic, setting=wrong.setting)
        if any(wrong.setting in {MISSING, "partitions"} for wrong in told):  # a second one would be left unread
            raise TopicWrongError
        if any(wrong.setting == MISSING for wrong in answers):
            raise TopicWrongError

    async def _place(self, consumer: Any) -> int:
        """Look for our place. Returns the first offset up to there whose record may be without an answer."""
        at = self._at = await self._runner.read(lambda connection: reached(connection, self.topic))
        first, self._end = await self._reach(consumer, self._told)
        self._first = None if first <= at.offset < self._end and await self._holds(consumer, at) else first
        if self._first is not None:
            if at.offset >= 0 and at != self._not_found:  # emptied, made anew, or grown too old: all of it is read
                self._not_found = at
                log("failed", level="warning", service=self._runner.name, topic=self.topic, code="place-not-there")
            return at.offset + 1
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
        """Whether the topic still has the record that was acted on last."""
        found = await self._between(consumer, self._told, at.offset, at.offset + 1)
        return bool(found) and self._reached_by(found[0]) == at

    async def _between(self, consumer: Any, topic: Any, start: int, end: int) -> list[Any]:
        """The records from one offset up to another that the topic reaches."""
        consumer.assign([topic])
        async with aclosing(records_between(consumer, topic, start, end)) as records:
            return [record async for record in records]

    async def _answer_again(self, consumer: Any, producer: Any, unanswered: int) -> None:
        """Take again what was acted on and may be without an answer. Our place stays where it is."""
        consumer.assign([self._told])
        async with aclosing(records_between(consumer, self._told, unanswered, self._at.offset + 1)) as records:
            async for record in records:
                await self._answer(producer, record, await self._reply(record, None))

    async def _read(self, consumer: Any, producer: Any) -> None:
        """Take what comes, until it is time to look for our place again, or this turns out to be another topic."""
        consumer.assign([self._told])
        until = time.monotonic() + self._runner.settings.compare_seconds
        while time.monotonic() < until:
            batch = await self._behind_place(consumer)
            if batch is None:
                return
            for record in batch:
                to = self._reached_by(record)
                reply = await self._reply(record, Arrival(topic=self.topic, after=self._at, to=to))
                self._at, self._first = to, None
                self._runner.metrics.heard.labels(self._runner.name, self.topic).inc()
                await self._answer(producer, record, reply)
                self._lag.seen(to.offset, max(0, self._end - to.offset - 1))
            if not batch and not await self._comes(consumer, until):
                return

    async def _behind_place(self, consumer: Any) -> list[Any] | None:
        """What one fetch brings behind our place. None where it is not the topic in which our place is.

        The fetch begins with the record acted on last: a topic that was made anew and has grown beyond our place would
        give what is behind it without a word of what is before.
        """
        if self._first is None:
            consumer.seek(self._told, self._at.offset)
            head, *batch = await self._fetch(consumer, ANSWER_SECONDS) or [None]
            self._end = consumer.highwater(self._told) or self._end
            return batch if head is not None and self._reached_by(head) == self._at else None
        consumer.seek(self._told, self._first)
        batch = await self._fetch(consumer, POLL_SECONDS)
        first, self._end = await self._reach(consumer, self._told)
        return batch if first == self._first else None

    async def _fetch(self, consumer: Any, seconds_max: float) -> list[Any]:
        batch: list[Any] = (await consumer.getmany(self._told, timeout_ms=int(seconds_max * 1000))).get(self._told, [])
        return batch

    async def _comes(self, consumer: Any, until: float) -> bool:
        """Wait for something behind our place. False where it is time to look for that again.

        Raises SilentError where something is there and does not come.
        """
        consumer.seek(self._told, self._at.offset + 1 if self._first is None else self._first)
        checked_at, before, end_before = time.monotonic(), 0, 0
        while (now := time.monotonic()) < until:
            if await self._fetch(consumer, POLL_SECONDS):
                return True
            if now - checked_at > CHECK_SECONDS:
                _, self._end = await self._reach(consumer, self._told)
                position = await consumer.position(self._told)
                if position == before < end_before:
                    raise SilentError
                self._lag.seen(position, max(0, self._end - position))
                checked_at, before, end_before = now, position, self._end
        return False

    async def _answer(self, producer: Any, record: Any, reply: Reply) -> None:
        """Publish what became of a record. Returns once it is acknowledged."""
        said = headers(self._reached_by(record))
        async with asyncio.timeout(ANSWER_SECONDS):  # an idempotent client would try for ever
            await producer.send_and_wait(
                self._answers.topic, reply.body, key=reply.key.encode(), partition=PARTITION, headers=said
            )
        self.trouble = None
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
                return await self._take(Delivered(topic=self.topic, value=record.value or b"", asking=asking))
            except StaleListenerError:
                raise
            except Exception as error:  # noqa: BLE001 - nothing that is told may be lost: it is tried again, and seen
                self._held_by(error, record.offset)
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._runner.settings.retry_seconds_max)

    def _held_by(self, error: Exception, offset: int) -> None:
        self.trouble, name = _code_of(error), type(error).__name__
        self._runner.metrics.retries.labels(self._runner.name, self.topic).inc()
        log("failed", level="error", service=self._runner.name, topic=self.topic, offset=offset, error=name)

    def show(self) -> None:
        """Let the metrics say what is known now."""
        metrics, labels = self._runner.metrics, (self._runner.name, self.topic)
        metrics.lag.labels(*labels).set(self._lag.messages)
        metrics.lag_seconds.labels(*labels).set(self._lag.seconds)
        metrics.stalled.labels(*labels).set(self.trouble is None and self._lag.is_stalled)
        metrics.stopped.labels(*labels).set(self.trouble not in {None, UNREACHABLE})

    def _reached_by(self, record: Any) -> Reached:
        """Our place when this record was acted on. The digest is keyed, since what it is of is personal and a plain one
        could be guessed at; and has the broker's time in it, so that the same words told again are another record.
        """
        parts = (self.topic.encode(), str(record.timestamp).encode(), record.key or b"", record.value or b"")
        return Reached(record.offset, hmac.digest(self._secret, b"\x00".join(parts), sha256))


_PASSES: Final = (OSError, SQLAlchemyError, UnreachableError, StaleListenerError, SilentError, KafkaTimeoutError)


def _code_of(error: Exception) -> str:
    """`unreachable` where the infrastructure is away and will be back; else what is wrong, by its name: the record, a
    mistake of ours, or something that the cluster does not allow us.
    """
    is_passing = isinstance(error, _PASSES) or (isinstance(error, KafkaError) and error.retriable)
    return UNREACHABLE if is_passing and not isinstance(error, UNKEEPABLE) else type(error).__name__
