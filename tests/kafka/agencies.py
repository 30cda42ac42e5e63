"""Intake on a host, its inbox on a cluster, and two agencies that tell it things over HTTP and over their topics."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import msgspec
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
from infra.openings import Openings
from infra.sealing.keyring import Keyring
from infra.sealing.keys import load_keys
from infra.sealing.sealer import Sealer
from infra.service import Inbox, Service
from infra.settings import Settings
from infra.web.desk import Delivered, Desk, Reply, Take
from infra.web.issuer import Issuer
from infra.web.service_desk import ServiceDesk
from infra.web.tokens import Tokens
from services.intake.feed import INBOX
from services.intake.service import INTAKE
from tests.domain.intake_examples import NOW, as_json
from tests.domain.test_intake_over_http import POLICE, PRISON, Site

AGENCIES: Final = (PRISON, POLICE)
OF_TWO: Final = replace(INBOX, topics={agency_topic(code): receipts_topic(code) for code in AGENCIES})
"""Intake's inbox with the topics of two agencies."""


class Halt:
    """An inbox that stands still at one record, before or after it is committed, until it is let go on."""

    def __init__(self, *, is_committed: bool, at: int = 1) -> None:
        self.stands: Final = asyncio.Event()
        self.goes_on: Final = asyncio.Event()
        self.inbox: Final = replace(OF_TWO, take=self._take)
        self._is_committed: Final = is_committed
        self._at: Final = at
        self._count = 0

    def _take(self, desk: Desk) -> Take:
        take = OF_TWO.take(desk)

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


@dataclass(frozen=True, slots=True)
class Said:
    """A receipt as it stands on its topic."""

    key: str
    of: Reached
    receipt: dict[str, Any]


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

    async def place(self, agency: str = PRISON) -> int:
        """The offset of the last record of this agency's that was acted on."""
        found = await self.host.runners["intake"].read(lambda connection: reached(connection, agency_topic(agency)))
        return found.offset


@asynccontextmanager
async def told(
    directory: Path, kafka: Kafka, *, inbox: Inbox = OF_TWO, compare_seconds: float = 86_400.0
) -> AsyncIterator[Told]:
    """A site in this directory, new or as it was left, with a disruption that says what it is given to say."""
    clock = ManualClock(NOW)
    issuer = Issuer("tests", "northmere", clock, {})
    tokens = Tokens("tests", "northmere", clock, issuer.keys)
    settings = Settings(
        data=directory / "site", retry_seconds_max=0.5, compare_seconds=compare_seconds, hear_seconds_max=0.5
    )
    services = [replace(INTAKE, inbox=inbox), Service(name="disruption")]
    async with Host(services, settings, tokens, clock=clock, entropy=SystemEntropy()) as host:
        assert host.app is not None
        keys = load_keys(settings.keys_directory(), "intake")
        keyring = Keyring(settings.keyring_url(), keys.public, clock, SystemEntropy())
        runner = host.runners["intake"]
        sealer = Sealer("intake", keyring, keys, SystemEntropy())
        desk = ServiceDesk(runner, sealer, keyring, keys, Openings(runner, sealer, SystemEntropy(), settings.data))
        reading, copy = (InboxRunner(runner, desk, kafka, keys.fingerprint) for _ in range(2))
        async with AsyncClient(transport=ASGITransport(host.app), base_url="http://cordon.example.org") as client:
            try:
                await reading.start()
                yield Told(host, client, issuer, reading, copy)
            finally:
                await copy.stop()
                await reading.stop()
                keyring.close()


async def send(kafka: Kafka, *told: object, agency: str = PRISON, key: bytes | None = None) -> None:
    """This agency's system writes to its topic: events, or bytes as they are, or nothing at all."""
    producer = kafka.producer()
    try:
        await started(producer)
        for one in told:
            value = one if isinstance(one, bytes) or one is None else as_json(one)
            await producer.send_and_wait(agency_topic(agency), value, key=key, partition=PARTITION)
    finally:
        await stopped(producer)


async def receipts(kafka: Kafka, agency: str = PRISON) -> list[Said]:
    """Every receipt that this agency finds on its topic."""
    found = []
    for record in await everything(kafka, receipts_topic(agency)):
        of = answered(record.headers)
        assert of is not None
        found.append(Said(record.key.decode(), of, msgspec.json.decode(record.value)))
    return found


async def everything(kafka: Kafka, topic: str) -> Sequence[Any]:
    """Every record of a topic."""
    consumer, whole = kafka.consumer(), partition(topic)
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


async def make_anew(kafka: Kafka, *topics: str) -> None:
    """These topics are deleted, with all that is in them, and made again as they should be."""
    async with administered(kafka, seconds_max=20) as admin:
        there = set(await admin.list_topics())
        await admin.delete_topics([topic for topic in topics if topic in there])
        while set(await admin.list_topics()) & set(topics):
            pass
    made = await create(kafka, "northmere", (), AGENCIES, 1)

    assert set(topics) == set(made.made)


def outcomes(said: Sequence[Said]) -> Mapping[str, list[str]]:
    """Event id -> what its receipts say, in their order."""
    found: dict[str, list[str]] = {}
    for one in said:
        found.setdefault(one.receipt["id"], []).append(one.receipt["receipt"])
    return found
