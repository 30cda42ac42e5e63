"""From a topic full of messages to commits: a service that listens, and a consumer by hand with the same writes."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import closing
from time import perf_counter
from typing import Final

from infra.bench import sample
from infra.bench.bare import BareListener
from infra.bench.source import Source
from infra.bench.stores import Stores
from infra.bench.vocabulary import CODEC
from infra.bench.way import BrokenError
from infra.bus.kafka.bus import KafkaBus
from infra.bus.kafka.client import Kafka, messages_topic, partition, started, stopped
from infra.bus.local import LocalBus
from infra.bus.peers import Peers
from infra.bus.port import Bus
from infra.clock import ManualClock
from infra.entropy import SystemEntropy
from infra.journal import place
from infra.journal.journal import Journal
from infra.journal.place import Place
from infra.memory import keep_for_good
from infra.metrics import Metrics
from infra.runner import Runner
from infra.settings import Settings

BARE: Final = "bare-listener"
BATCH: Final = 500
POLL_MS: Final = 500
SECONDS_MAX: Final = 300.0
LOOPBACK: Final = "127.0.0.1"


class Pace:
    """How fast messages were committed, from the first batch's commit to the last one's: without what begins it."""

    def __init__(self, until: int, ended: Callable[[], object]) -> None:
        self._until: Final = until
        self._ended: Final = ended
        self._first: tuple[int, float] | None = None
        self._last: tuple[int, float] = (0, 0.0)

    def reached(self, number: int) -> None:
        """Committed up to there, now."""
        at = perf_counter()
        if self._first is None:
            self._first = number, at
        self._last = number, at
        if number >= self._until:
            self._ended()

    @property
    def seconds_each(self) -> float:
        """For one message."""
        assert self._first is not None
        if self._first == self._last:
            return 0.0
        return (self._last[1] - self._first[1]) / (self._last[0] - self._first[0])


class Carrying:
    """The listener's journal, which hears by the real bus, and bare listeners that hear the same. `kafka` None: the
    local bus.
    """

    def __init__(self, stores: Stores, source: Source, kafka: Kafka | None) -> None:
        self._source: Final = source
        self._kafka: Final = kafka
        self._site: Final = source.journal.site
        self._journal: Final = Journal(
            sample.LISTENER, stores.open("listener"), site=self._site, entropy=SystemEntropy(), codec=CODEC
        )
        self._quiet: Final = Bare(BareListener(stores.open("bare_quiet"), notes=True))
        self._telling: Final = Bare(BareListener(stores.open("bare_telling"), notes=True))

    async def begin(self) -> None:
        """Let the listener begin, in this process: to begin it must ask the source where that stands (rule 14)."""
        self._source.say(BATCH)
        await self._heard(self._local())
        keep_for_good()  # as every service does that runs in a process of its own

    async def hear(self) -> float:
        """All that the source has said and was not heard. Returns the seconds for one message.

        Over Kafka the source itself cannot be reached, so that nothing comes from anywhere but its topic.
        """
        if self._kafka is None:
            return await self._heard(self._local())
        with closing(socket.socket()) as nobody:
            nobody.bind((LOOPBACK, 0))  # and does not listen: whoever calls is refused at once
            nowhere = f"http://{LOOPBACK}:{nobody.getsockname()[1]}"
            peers = Peers(lambda _source: nowhere, nowhere, sample.LISTENER.name, "")
            return await self._heard(KafkaBus(self._site, self._kafka, peers, Metrics()))

    def _local(self) -> Bus:
        bus = LocalBus()
        bus.join(self._source.journal)
        return bus

    async def _heard(self, bus: Bus) -> float:
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        pace = Pace(self._source.place.number, lambda: loop.call_soon_threadsafe(ended.set))

        def committed() -> None:
            with self._journal.database.reading() as connection:
                pace.reached(place.read(connection, sample.SOURCE.name).number)

        bus.join(self._journal)
        bus.on_wake(sample.LISTENER.name, committed)
        runner = Runner(self._journal, bus, ManualClock(sample.NOW), Settings(site=self._site), Metrics())
        await bus.start()
        await runner.start()
        try:
            async with asyncio.timeout(SECONDS_MAX):
                await ended.wait()
        except TimeoutError:
            raise BrokenError(f"the listener has not heard everything after {SECONDS_MAX:g} seconds") from None
        finally:
            await runner.stop_listening()
            await bus.stop()
            await runner.stop()
        return pace.seconds_each

    async def hear_bare(self) -> float:
        """The same by hand. Returns the seconds for one message."""
        return await self._quiet.hear(self._source, self._kafka, None)

    async def hear_and_tell_bare(self) -> float:
        """The same, and what follows is published, as every service does. Returns the seconds for one message."""
        assert self._kafka is not None
        return await self._telling.hear(self._source, self._kafka, messages_topic(self._site, BARE))


class Bare:
    """A bare listener and how far it has heard."""

    def __init__(self, listener: BareListener) -> None:
        self._listener: Final = listener
        self._place = Place()

    async def hear(self, source: Source, kafka: Kafka | None, out: str | None) -> float:
        """All that is new. Returns the seconds for one message."""
        pace = Pace(source.place.number, lambda: None)
        if kafka is None:
            self._from_journal(source, pace)
        else:
            await self._from_topic(source, kafka, out, pace)
        self._place = source.place
        return pace.seconds_each

    def _from_journal(self, source: Source, pace: Pace) -> None:
        at = self._place
        while at != source.place:
            sent = source.after(at, BATCH)
            self._listener.hear([one.raw for one in sent])
            at = Place(sent[-1].number, sent[-1].hash)
            pace.reached(at.number)

    async def _from_topic(self, source: Source, kafka: Kafka, out: str | None, pace: Pace) -> None:
        number = self._place.number
        consumer, producer = kafka.consumer(), kafka.producer()
        await started(consumer)
        await started(producer)
        try:
            topic = partition(messages_topic(source.journal.site, sample.SOURCE.name))
            consumer.assign([topic])
            consumer.seek(topic, number)  # nothing is on it twice, so the offset follows from the number
            while number < source.place.number:
                for records in (await consumer.getmany(topic, timeout_ms=POLL_MS, max_records=BATCH)).values():
                    told = self._listener.hear([record.value for record in records])
                    number += len(records)
                    pace.reached(number)
                    if out is not None:
                        futures = [await producer.send(out, raw, partition=0) for raw in told]
                        await asyncio.gather(*futures)
        finally:
            await stopped(producer)
            await stopped(consumer)
