"""The Kafka bus of one service's process: its own messages go out by a relay, others' come in by their topics.

A topic is the fast way to hear; the source itself, asked over HTTP, is the sure one (rules 9 and 10). One listens to
the topic as long as everything fits, and asks the source at the start, in doubt, and while the cluster is away.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from infra.bus.kafka.arriving import Arriving
from infra.bus.kafka.client import Kafka, messages_topic
from infra.bus.kafka.reader import Reader
from infra.bus.kafka.relay import UNREACHABLE, Relay
from infra.bus.local import LocalBus
from infra.bus.peers import Peers
from infra.bus.port import SourceHead, UnreachableError
from infra.bus.standing import Standing, source_head
from infra.health import ENDED
from infra.journal.journal import Journal, Sent
from infra.journal.place import Place
from infra.metrics import Metrics

HELD_MAX: Final = 2_000
"""Messages of one source in memory at most: a few batches, so that reading and acting overlap."""
REMIND_SECONDS: Final = 1.0
"""How often a source is asked while its topic cannot be read."""
AWAY_SECONDS: Final = 2.0
"""A source that did not answer is not asked again for so long, while its topic brings what fits: each time could cost
a batch the seconds that a stopped process makes us wait.
"""


class _Heard(NamedTuple):
    """How one source is heard."""

    arriving: Arriving
    reader: Reader


class KafkaBus:
    """Implements `infra.bus.port.Bus` for the service that joins it. Made in the event loop that starts it."""

    def __init__(self, site: str, kafka: Kafka, peers: Peers, metrics: Metrics) -> None:
        self._site: Final = site
        self._kafka: Final = kafka
        self._peers: Final = peers
        self._metrics: Final = metrics
        self._loop: Final = asyncio.get_running_loop()
        self._own: Final = LocalBus()
        self._relays: Final[dict[str, Relay]] = {}
        self._heard: Final[dict[str, _Heard]] = {}
        self._away_until: Final[defaultdict[str, float]] = defaultdict(float)
        self._tasks: Final[list[asyncio.Task[None]]] = []

    def join(self, journal: Journal) -> None:
        self._own.join(journal)
        name = journal.service.name
        if name not in self._relays:
            topic = messages_topic(self._site, name)
            self._relays[name] = Relay(self._kafka, journal, topic, self._metrics)
            for source in journal.service.hears.keys() - {name}:
                self._hear(source)

    def leave(self, service: str) -> None:
        self._own.leave(service)

    def _hear(self, source: str) -> _Heard:
        whose = f"/cordon/{self._site}/{source}"
        arriving = Arriving(whose, HELD_MAX)
        topic = messages_topic(self._site, source)
        reader = Reader(self._kafka, topic, whose, arriving, partial(self._own.wake, source), self._metrics)
        self._heard[source] = _Heard(arriving, reader)
        return self._heard[source]

    async def start(self) -> None:
        for name, relay in self._relays.items():
            self._tasks.append(asyncio.create_task(relay.run(), name=f"{name}-relay"))
        for source, heard in self._heard.items():
            self._tasks.append(asyncio.create_task(heard.reader.run(), name=f"reader-{source}"))
        self._tasks.append(asyncio.create_task(self._remind(), name="reminder"))

    async def _remind(self) -> None:
        """While a topic is not read, nothing tells its listener to ask the source itself but this."""
        while True:
            await asyncio.sleep(REMIND_SECONDS)
            for source, heard in self._heard.items():
                if not heard.reader.is_live:
                    self._own.wake(source)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._peers.close()

    @property
    def troubles(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for name, relay in self._relays.items():
            troubles = {"relay": relay.trouble} if relay.trouble is not None else {}
            if not all(heard.reader.is_live or heard.reader.is_idle for heard in self._heard.values()):
                troubles["kafka"] = UNREACHABLE
            ended = {task.get_name() for task in self._tasks if task.done()}
            if f"{name}-relay" in ended:
                troubles["relay"] = ENDED
            if any(f"reader-{source}" in ended for source in self._heard):
                troubles["kafka"] = ENDED
            if troubles:
                found[name] = troubles
        return found

    def tail(self, source: str, after: Place, limit: int) -> list[Sent]:
        heard = self._heard.get(source)
        if heard is None:
            return self._own.tail(source, after, limit)
        heard.arriving.begin(after)
        brought = heard.arriving.after(after, limit)
        self._loop.call_soon_threadsafe(heard.reader.ask)
        if brought or (brought is not None and heard.reader.is_live):
            return brought
        if time.monotonic() < self._away_until[source]:
            brought = heard.arriving.after(after, limit, in_doubt=True)
            if brought:
                return brought
        try:
            sent = self._peers.messages(source, after, limit)
        except UnreachableError:
            self._away_until[source] = time.monotonic() + AWAY_SECONDS
            brought = heard.arriving.after(after, limit, in_doubt=True)
            if not brought:
                raise
            return brought
        heard.arriving.fetched(after, sent, is_all=len(sent) < limit)
        self._metrics.fetched.labels(source).inc(len(sent))
        return sent

    def head(self, source: str, within: float = 0.0) -> SourceHead:
        if source not in self._heard:
            return source_head(self._own.journal(source), self.standing, within)
        head = self._peers.head(source, within)
        self._heard[source].arriving.compare(Place(head.number, head.hash))
        return head

    def standing(self, source: str) -> Standing:
        if source not in self._heard:
            return self._own.standing(source)
        at = self._peers.standing(source)
        self._heard[source].arriving.compare(Place(at.number, at.hash))
        return at

    def known(self, source: str) -> int | None:
        if source not in self._heard:
            return self._own.known(source)
        last = self._heard[source].arriving.last
        return None if last is None else last.number

    def measure(self) -> None:
        for name, relay in self._relays.items():
            self._metrics.relay_publishing.labels(name).set(relay.trouble is None)
            said = self._own.known(name)
            if said is not None and relay.published is not None:
                self._metrics.relay_lag.labels(name).set(max(0, said - relay.published))
        for source, heard in self._heard.items():
            self._metrics.reader_live.labels(source).set(heard.reader.is_live)

    def wake(self, source: str) -> None:
        if source in self._relays:
            self._loop.call_soon_threadsafe(self._relays[source].wake)
        self._own.wake(source)

    def on_wake(self, source: str, call: Callable[[], None]) -> None:
        self._own.on_wake(source, call)
