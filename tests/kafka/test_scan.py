"""A topic is read whole, as it lies there, up to where it reached at the start; and silence is no empty topic."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from aiokafka.admin import RecordsToDelete

from infra.bench.vocabulary import CODEC
from infra.bus.kafka.client import Kafka, messages_topic, partition
from infra.bus.kafka.cluster import UnreachableError, administered
from infra.bus.kafka.scan import scan
from infra.bus.kafka.topics import create
from infra.deploy.broker import Broker
from infra.journal.copies import Copy, kafka_equals_messages
from infra.journal.history import History
from tests.verify.town import SAID, Town, town

SOURCE: Final = "source"
SECONDS_MAX: Final = 30.0


@pytest.fixture
async def topic(kafka: Kafka, site: str) -> str:
    """A new topic of the source's messages."""
    await create(kafka, site, (SOURCE,), (), 1)
    return messages_topic(site, SOURCE)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path, None) as built:
        yield built


async def put(kafka: Kafka, topic: str, copies: list[Copy]) -> None:
    """Lay these on the topic, in their order."""
    producer = kafka.producer()
    await producer.start()
    try:
        for copy in copies:
            headers = [] if copy.hash is None else [("hash", copy.hash)]
            await producer.send_and_wait(topic, copy.value, copy.key, partition=0, headers=headers)
    finally:
        await producer.stop()


def copies_of(place: Town) -> list[Copy]:
    """The source's messages as a relay lays them down."""
    found = []
    for offset, entry in enumerate(place.source.read(limit=1_000)):
        envelope, _ = place.source.envelope_and_event(entry)
        found.append(Copy(offset, envelope.subject.encode(), entry.raw, entry.message_hash))
    return found


async def scanned(kafka: Kafka, topic: str) -> list[Copy]:
    return [copy async for copy in scan(kafka, topic)]


def held_against(place: Town, copies: list[Copy]) -> list[str]:
    """What is wrong with the topic."""
    with place.source.database.reading() as connection:
        history = History(SOURCE, connection, CODEC)
        return [violation.what for violation in kafka_equals_messages(history, copies)]


async def test_what_was_laid_on_a_topic_is_found_as_it_was(kafka: Kafka, topic: str) -> None:
    laid = [
        Copy(0, b"key", b"value", bytes(32)),
        Copy(1, None, b"no key and no hash", None),
        Copy(2, b"key", b"", b"odd"),
    ]
    await put(kafka, topic, laid)

    assert laid == await scanned(kafka, topic)


async def test_a_topic_with_nothing_on_it_is_empty(kafka: Kafka, topic: str) -> None:
    assert [] == await scanned(kafka, topic)


async def test_a_topic_equals_the_journal_that_was_relayed_to_it(kafka: Kafka, topic: str, place: Town) -> None:
    await put(kafka, topic, copies_of(place))
    found = await scanned(kafka, topic)

    assert SAID == len(found)
    assert [] == held_against(place, found)


async def test_the_end_is_where_it_was_at_the_start(kafka: Kafka, topic: str) -> None:
    await put(kafka, topic, [Copy(0, b"key", b"%d" % number, None) for number in range(3)])
    reading = scan(kafka, topic)
    first = await anext(reading)
    await put(kafka, topic, [Copy(0, b"key", b"later", None)])

    assert [b"0", b"1", b"2"] == [first.value, *[copy.value async for copy in reading]]


async def test_a_topic_that_was_cut_begins_later_and_its_gap_is_found(kafka: Kafka, topic: str, place: Town) -> None:
    await put(kafka, topic, copies_of(place))
    async with administered(kafka, seconds_max=SECONDS_MAX) as admin:
        await admin.delete_records({partition(topic): RecordsToDelete(before_offset=5)})
    found = await scanned(kafka, topic)

    assert 5 == found[0].offset
    assert ["offset 5 holds message 6 where messages 1 to 5 should come first"] == held_against(place, found)


async def test_a_topic_that_is_not_there_is_no_empty_topic(kafka: Kafka, site: str) -> None:
    with pytest.raises(UnreachableError, match="there is no topic"):
        await scanned(kafka, messages_topic(site, "nobody"))


async def test_where_nothing_listens_nothing_is_read() -> None:
    with pytest.raises(UnreachableError, match="Kafka at 127"):
        await scanned(Kafka("127.0.0.1:1"), "topic")


async def test_a_broker_that_falls_silent_is_not_waited_for_for_ever(own_broker: Broker, site: str) -> None:
    kafka, topic = Kafka(own_broker.servers), messages_topic(site, SOURCE)
    await create(kafka, site, (SOURCE,), (), 1)
    await put(kafka, topic, [Copy(0, b"key", b"%d" % number, None) for number in range(3)])
    with held(own_broker):
        async with asyncio.timeout(SECONDS_MAX * 2):
            with pytest.raises(UnreachableError):
                await scanned(kafka, topic)


@contextmanager
def held(broker: Broker) -> Iterator[None]:
    """The broker's process stands still meanwhile."""
    os.kill(broker.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(broker.pid, signal.SIGCONT)
