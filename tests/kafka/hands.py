"""What somebody with access to the cluster can do to a topic by hand, and what it holds afterwards."""

import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.admin import RecordsToDelete

from infra.bus.kafka.client import PARTITION, Kafka, messages_topic, partition, started, stopped
from infra.bus.kafka.cluster import administered
from infra.bus.kafka.reader import HASH
from infra.bus.kafka.scan import scan
from infra.bus.kafka.topics import create
from infra.journal.chain import NOTHING
from infra.journal.copies import Copy, kafka_equals_messages
from infra.journal.history import History
from infra.journal.journal import Journal, Sent, messages

SECONDS_MAX: Final = 30.0
_BATCH: Final = struct.Struct(">qi")
"""How a batch begins in a segment's file: the offset of its first record, and how many bytes follow these twelve."""


def said(journal: Journal) -> list[Sent]:
    """Every message of a journal."""
    with journal.database.reading() as connection:
        return messages(connection, 0, NOTHING, 100_000)


def topic_of(journal: Journal) -> str:
    """Where its messages are."""
    return messages_topic(journal.site, journal.service.name)


async def held(kafka: Kafka, topic: str) -> list[Copy]:
    """Everything on a topic, in its order."""
    return [copy async for copy in scan(kafka, topic)]


async def unlike(kafka: Kafka, journal: Journal) -> list[str]:
    """In what a topic is not what its journal's messages are."""
    copies = await held(kafka, topic_of(journal))
    with journal.database.reading() as connection:
        history = History(journal.service.name, connection, journal.codec)
        return [violation.what for violation in kafka_equals_messages(history, copies)]


async def lacking(kafka: Kafka, journal: Journal) -> list[int]:
    """The numbers of the messages that a topic does not hold at all, as they are and with their hash."""
    there = {(copy.value, copy.hash) for copy in await held(kafka, topic_of(journal))}
    return [sent.number for sent in said(journal) if (sent.raw, sent.hash) not in there]


async def put(kafka: Kafka, topic: str, *records: Sent | tuple[bytes | None, bytes | None]) -> None:
    """Write these by hand, past any relay: messages as a relay would, or `(value, what its header says)`."""
    producer = kafka.producer()
    await started(producer)
    try:
        for record in records:
            raw, hash = (record.raw, record.hash) if isinstance(record, Sent) else record
            key = msgspec.json.decode(record.raw)["subject"].encode() if isinstance(record, Sent) else b"by hand"
            headers = [] if hash is None else [(HASH, hash)]
            await producer.send_and_wait(topic, raw, key=key, partition=PARTITION, headers=headers)
    finally:
        await stopped(producer)


async def put_in_transactions(kafka: Kafka, topic: str, committed: bytes, undone: bytes) -> None:
    """Write one record in a transaction, and another in one that is given up. Nobody of ours does that."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka.servers, transactional_id=f"by hand on {topic}")
    await started(producer)
    try:
        async with producer.transaction():
            await producer.send_and_wait(topic, committed, partition=PARTITION)
        await producer.begin_transaction()
        await producer.send_and_wait(topic, undone, partition=PARTITION)
        await producer.abort_transaction()
    finally:
        await stopped(producer)


@asynccontextmanager
async def administering(kafka: Kafka) -> AsyncIterator[Any]:
    """The cluster's admin client."""
    async with administered(kafka, seconds_max=SECONDS_MAX) as admin:
        yield admin


async def emptied(kafka: Kafka, topic: str) -> None:
    """Delete every record: offsets go on where they were."""
    async with administering(kafka) as admin:
        everything = RecordsToDelete(before_offset=-1)
        await admin.delete_records({partition(topic): everything})


async def deleted(kafka: Kafka, site: str, service: str) -> None:
    """Delete a service's topic."""
    async with administering(kafka) as admin:
        await admin.delete_topics([messages_topic(site, service)])


async def made(kafka: Kafka, site: str, service: str) -> None:
    """Make it again. The cluster needs a moment before it has forgotten the one before."""
    while True:
        created = await create(kafka, site, [service], [], 1)
        if created.made:
            return


def cut(directory: Path, topic: str, batches: int = 1) -> None:
    """Take the last batches off a topic whose broker is stopped, as if it had lost them with its machine's memory."""
    log = directory / "logs" / f"{topic}-{PARTITION}"
    (segment,) = log.glob("*.log")
    content = segment.read_bytes()
    starts = _starts(content)
    segment.write_bytes(content[: starts[-batches]])
    for path in (*log.glob("*.index"), *log.glob("*.timeindex"), *log.glob("*.snapshot"), *log.glob("leader-epoch*")):
        path.unlink()
    for name in ("recovery-point-offset-checkpoint", "replication-offset-checkpoint"):  # what it noted of them
        (directory / "logs" / name).unlink(missing_ok=True)


def _starts(content: bytes) -> Sequence[int]:
    starts, at = [], 0
    while at < len(content):
        starts.append(at)
        _, length = _BATCH.unpack_from(content, at)
        at += _BATCH.size + length
    return starts
