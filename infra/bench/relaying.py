"""From journal to topic: a journal's relay, and a producer by hand that sends the very same bytes."""

import asyncio
from time import perf_counter
from types import TracebackType
from typing import Final, Self

from infra.bench import sample
from infra.bench.source import Source
from infra.bench.vocabulary import CODEC
from infra.bus.kafka.client import Kafka, messages_topic, partition, started, stopped
from infra.bus.kafka.reader import HASH
from infra.bus.kafka.relay import Relay
from infra.journal.journal import Sent
from infra.metrics import Metrics

BARE: Final = "bare-source"
BATCH: Final = 500
LOOK_SECONDS: Final = 0.001


class Relaying:
    """The source's relay, and a producer beside it. `async with` it, because both must end."""

    def __init__(self, source: Source, kafka: Kafka) -> None:
        site = source.journal.site
        self._source: Final = source
        self._relay: Final = Relay(kafka, source.journal, messages_topic(site, sample.SOURCE.name), Metrics())
        self._bare: Final = partition(messages_topic(site, BARE))
        self._producer: Final = kafka.producer()
        self._task: asyncio.Task[None] | None = None
        self._said: list[tuple[bytes, Sent]] = []

    async def __aenter__(self) -> Self:
        await started(self._producer)
        self._task = asyncio.create_task(self._relay.run())
        while self._relay.trouble is not None:  # noqa: ASYNC110 - the cluster makes it true
            await asyncio.sleep(LOOK_SECONDS)
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await stopped(self._producer)

    async def relay(self, count: int) -> float:
        """Commit so many messages and have them relayed. Returns the seconds for one, from commit to acknowledged."""
        before = self._source.place
        self._source.say(count)
        started_at = perf_counter()
        self._relay.wake()
        while self._relay.published != self._source.place.number:  # noqa: ASYNC110 - the cluster makes it true
            await asyncio.sleep(LOOK_SECONDS)
        taken = perf_counter() - started_at
        self._said = [(CODEC.envelope(one.raw).subject.encode(), one) for one in self._source.after(before, count)]
        return taken / count

    async def send(self) -> float:
        """The same messages again, with key and header, by hand, as many at once. Returns the seconds for one."""
        started_at = perf_counter()
        for first in range(0, len(self._said), BATCH):
            futures = [
                await self._producer.send(
                    self._bare.topic,
                    value=sent.raw,
                    key=key,
                    partition=self._bare.partition,
                    headers=[(HASH, sent.hash)],
                )
                for key, sent in self._said[first : first + BATCH]
            ]
            await asyncio.gather(*futures)
        taken = (perf_counter() - started_at) / len(self._said)
        self._said = []  # or they would be in the way of what is measured next
        return taken
