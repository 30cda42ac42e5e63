"""Intake on a host, its inbox on a cluster, and two agencies that tell it things over HTTP and over their topics."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from aiokafka.admin import NewTopic, RecordsToDelete
from fastapi import APIRouter
from httpx import ASGITransport, AsyncClient

from infra.bus.kafka.answered import answered
from infra.bus.kafka.client import PARTITION, Kafka, agency_topic, partition, receipts_topic, started, stopped
from infra.bus.kafka.cluster import administered
from infra.bus.kafka.inbox import InboxRunner
from infra.bus.kafka.topics import create
from infra.clock import ManualClock
from infra.entropy import SystemEntropy
from infra.host import Host
from infra.journal.arrivals import Reached, reached
from infra.journal.journal import Journal
from infra.sealing.keys import load_keys
from infra.service import Inbox, Service
from infra.settings import Settings
from infra.web.desk import Delivered, Desk, Reply, Take
from infra.web.issuer import Issuer
from infra.web.tokens import Tokens
from schemas.intake import ReportReceived
from services.intake.feed import INBOX
from services.intake.service import INTAKE
from tests.domain.intake_examples import NOW, as_json
from tests.domain.test_intake_over_http import POLICE, PRISON, Site

Found = TypeVar("Found")

SECONDS_MAX: Final = 30.0
LOOK_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Said:
    """A receipt as it stands on its topic."""

    key: str
    of: Reached
    receipt: dict[str, Any]


class Topics:
    """Two agencies' topics on a cluster, named as theirs are and for one test: no other one has them."""

    def __init__(self, kafka: Kafka, site: str) -> None:
        self.kafka: Final = kafka
        self._codes: Final = {agency: f"{agency}.{site}" for agency in (PRISON, POLICE)}
        self.told: Final = agency_topic(self._codes[PRISON])
        self.receipts_of_prison: Final = receipts_topic(self._codes[PRISON])

    @property
    def inbox(self) -> Inbox:
        """Intake's, which takes what is on these as if it were on the agencies' own."""
        own = {agency_topic(code): agency_topic(agency) for agency, code in self._codes.items()}

        def taking(desk: Desk) -> Take:
            take = INBOX.take(desk)
            return lambda delivered: take(replace(delivered, topic=own[delivered.topic]))

        return Inbox(topics={agency_topic(code): receipts_topic(code) for code in self._codes.values()}, take=taking)

    async def make(self) -> None:
        """Those that are not there, as they should be."""
        await create(self.kafka, "any", (), tuple(self._codes.values()), 1)

    async def make_anew(self, topic: str) -> None:
        """One of them is deleted, with all that is in it, and made again."""
        await self.delete(topic)
        await self.make()

    async def make_wrong(self, topic: str) -> None:
        """One of them is deleted, and made again with two partitions."""
        await self.delete(topic)
        async with administered(self.kafka, seconds_max=SECONDS_MAX) as admin:
            await admin.create_topics([NewTopic(topic, 2, 1)])

    async def expire(self, topic: str, before: int) -> None:
        """What is before this offset has grown too old to be kept."""
        async with administered(self.kafka, seconds_max=SECONDS_MAX) as admin:
            await admin.delete_records({partition(topic): RecordsToDelete(before_offset=before)})

    async def delete(self, topic: str) -> None:
        """It is gone, with all that is in it."""
        async with administered(self.kafka, seconds_max=SECONDS_MAX) as admin:
            await admin.delete_topics([topic])
            while topic in await admin.list_topics():  # noqa: ASYNC110 - the cluster makes it untrue
                await asyncio.sleep(LOOK_SECONDS)

    async def send(self, *told: object, agency: str = PRISON, key: bytes | None = None, topic: str = "") -> None:
        """This agency's system writes to its topic: events, or bytes as they are, or nothing at all."""
        producer = self.kafka.producer()
        try:
            await started(producer)
            for one in told:
                value = one if isinstance(one, bytes) or one is None else as_json(one)
                to = topic or agency_topic(self._codes[agency])
                await producer.send_and_wait(to, value, key=key, partition=PARTITION)
        finally:
            await stopped(producer)

    async def everything(self, topic: str) -> Sequence[Any]:
        """Every record of a topic."""
        consumer, whole = self.kafka.consumer(), partition(topic)
        found: list[Any] = []
        try:
            await started(consumer)
            consumer.assign([whole])
            end = (await consumer.end_offsets([whole]))[whole]
            await consumer.seek_to_beginning(whole)
            while await consumer.position(whole) < end:
                found += (await consumer.getmany(whole, timeout_ms=200)).get(whole, ())
        finally:
            await stopped(consumer)
        return found

    async def receipts(self, agency: str = PRISON) -> list[Said]:
        """Every receipt that this agency finds on its topic."""
        found = []
        for record in await self.everything(receipts_topic(self._codes[agency])):
            of = answered(record.headers)
            assert of is not None
            found.append(Said(record.key.decode(), of, msgspec.json.decode(record.value)))
        return found

    async def answers(self, count: int, agency: str = PRISON) -> list[Said]:
        """They, once there are so many."""
        return await awaited(lambda: self.receipts(agency), lambda found: len(found) >= count)


class Told(Site):
    """A site whose agencies may also use their topics; `inbox` reads them from `start` to `stop`."""

    def __init__(self, host: Host, client: AsyncClient, issuer: Issuer, inbox: InboxRunner, copy: InboxRunner) -> None:
        super().__init__(host, client, issuer)
        self.inbox: Final = inbox
        self.copy: Final = copy
        """Another one that reads the same, as of a process that was thought to have ended; not started."""

    @property
    def journal(self) -> Journal:
        """Intake's."""
        return self.host.runners["intake"].journal

    async def place(self, topic: str) -> int:
        """The offset of the last record of this topic that was acted on."""
        return (await self.host.runners["intake"].read(lambda connection: reached(connection, topic))).offset

    async def reached(self, topic: str, offset: int) -> None:
        """Wait until our place is there."""
        await awaited(lambda: self.place(topic), lambda place: place == offset)

    async def taken(self) -> list[str]:
        """The ids of the events that were taken, in their order."""
        return [one.event_id for one in await self.recorded(ReportReceived)]


@asynccontextmanager
async def told(
    directory: Path, topics: Topics, *, inbox: Inbox | None = None, compare_seconds: float = 86_400.0
) -> AsyncIterator[Told]:
    """A site in this directory, new or as it was left, with a disruption that says what it is given to say."""
    clock = ManualClock(NOW)
    issuer = Issuer("tests", "northmere", clock, {})
    tokens = Tokens("tests", "northmere", clock, issuer.keys)
    settings = Settings(
        data=directory / "site", retry_seconds_max=0.5, compare_seconds=compare_seconds, hear_seconds_max=0.5
    )
    desks: list[Desk] = []

    def routes(desk: Desk) -> APIRouter:
        desks.append(desk)
        assert INTAKE.routes is not None
        return INTAKE.routes(desk)

    services = [replace(INTAKE, inbox=inbox or topics.inbox, routes=routes), Service(name="disruption")]
    async with Host(services, settings, tokens, clock=clock, entropy=SystemEntropy()) as host:
        (desk,) = desks
        secret = load_keys(settings.keys_directory(), "intake").fingerprint
        reading, copy = (InboxRunner(host.runners["intake"], desk, topics.kafka, secret) for _ in range(2))
        async with AsyncClient(transport=ASGITransport(host.app), base_url="http://cordon.example.org") as client:
            try:
                await reading.start()
                yield Told(host, client, issuer, reading, copy)
            finally:
                await copy.stop()
                await reading.stop()


class Halt:
    """An inbox that stands still at one record, before or after it is committed, until it is let go on."""

    def __init__(self, inbox: Inbox, *, is_committed: bool, at: int = 1) -> None:
        self.stands: Final = asyncio.Event()
        self.goes_on: Final = asyncio.Event()
        self.inbox: Final = replace(inbox, take=self._take)
        self._whole: Final = inbox
        self._is_committed: Final = is_committed
        self._at: Final = at
        self._count = 0

    def _take(self, desk: Desk) -> Take:
        take = self._whole.take(desk)

        async def halting(delivered: Delivered) -> Reply:
            self._count += 1
            is_here = self._count == self._at
            if is_here and not self._is_committed:
                await self._stand()
            reply = await take(delivered)
            if is_here and self._is_committed:
                await self._stand()
            return reply

        return halting

    async def _stand(self) -> None:
        self.stands.set()
        await self.goes_on.wait()


async def awaited(look: Callable[[], Awaitable[Found]], holds: Callable[[Found], bool]) -> Found:
    """What `look` finds, once it holds. Raises AssertionError, with the last of it, if it never does."""
    found = await look()
    try:
        async with asyncio.timeout(SECONDS_MAX):
            while not holds(found):
                await asyncio.sleep(LOOK_SECONDS)
                found = await look()
    except TimeoutError:
        raise AssertionError(f"never came true; the last look found {found!r}") from None
    return found


def outcomes(said: Sequence[Said]) -> Mapping[str, list[str]]:
    """Event id -> what its receipts say, in their order."""
    found: dict[str, list[str]] = {}
    for one in said:
        found.setdefault(one.receipt["id"], []).append(one.receipt["receipt"])
    return found
