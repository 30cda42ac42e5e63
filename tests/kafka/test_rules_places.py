"""Rule 11: whoever reads a topic goes to where its service stands, and reads neither from the newest nor all of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import pytest

from infra.bus.kafka import reader as reader_settings
from infra.bus.kafka.arriving import Arriving, Brought
from infra.bus.kafka.client import Kafka, messages_topic
from infra.bus.kafka.reader import Reader
from infra.bus.kafka.topics import create
from infra.metrics import Metrics
from tests.kafka.hands import put, put_in_transactions
from tests.kafka.telling import counted
from tests.kafka.test_arriving import MESSAGES, PARISH, SAID, place
from tests.kafka.village import until

MOST: Final = 2_000
JUNK: Final = (b"no JSON", None)


class Watched(Arriving):
    """Remembers what it was brought: the numbers, 0 for what has none. `takes_seconds`: so long it is about each."""

    def __init__(self, takes_seconds: float) -> None:
        super().__init__(PARISH, MOST)
        self.brought: Final[list[int]] = []
        self.failures: Final[list[Exception]] = []
        """Each is raised once, as if reading had failed."""
        self._takes_seconds: Final = takes_seconds

    def bring(self, raw: bytes, hash_said: bytes | None) -> Brought:
        if self.failures:
            raise self.failures.pop()
        time.sleep(self._takes_seconds)
        self.brought.append({sent.raw: sent.number for sent in SAID}.get(raw, 0))
        return super().bring(raw, hash_said)


@pytest.fixture
async def topic(kafka: Kafka, site: str) -> str:
    await create(kafka, site, ["parish"], [], 1)
    return messages_topic(site, "parish")


@asynccontextmanager
async def reading(
    kafka: Kafka, topic: str, heard: int, takes_seconds: float = 0.0, metrics: Metrics | None = None
) -> AsyncIterator[Watched]:
    """A reader at work, for a listener that has heard so many."""
    arriving = Watched(takes_seconds)
    reader = Reader(kafka, topic, PARISH, arriving, lambda: None, metrics or Metrics())
    task = asyncio.create_task(reader.run())
    arriving.begin(place(heard))
    reader.ask()
    try:
        await until(lambda: reader.is_live)
        yield arriving
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def brought(arriving: Watched, until_number: int) -> list[int]:
    """What the reader has read when it has come to a message."""
    await until(lambda: until_number in arriving.brought)
    return arriving.brought


async def lay(kafka: Kafka, topic: str, *numbers: int) -> None:
    """Put these messages on the topic; 0 stands for what is none."""
    await put(kafka, topic, *(SAID[number - 1] if number else JUNK for number in numbers))


@pytest.mark.parametrize("heard", [0, 1, 7, 19])
async def test_rule_11_a_listener_goes_on_behind_the_last_message_it_heard(
    kafka: Kafka, topic: str, heard: int
) -> None:
    await lay(kafka, topic, *range(1, 21))
    async with reading(kafka, topic, heard) as arriving:
        assert list(range(heard + 1, 21)) == await brought(arriving, 20)
        assert [sent.number for sent in arriving.after(place(heard), MOST, in_doubt=True) or ()] == arriving.brought


@pytest.mark.parametrize(
    ("numbers", "heard", "read_max"),
    [
        ((*range(1, 16), *range(4, 16)), 15, 0),
        ((*range(1, 11), *range(1, 16)), 9, 17),
        ((*range(1, 6), 0, 0, 0, 0, 0, 0, *range(6, 16), 0), 12, 4),
        ((0, 0, 0, 0, *range(1, 6), 0, 0, 0, 0), 3, 6),
    ],
    ids=["copies-at-the-end", "copies-in-the-middle", "what-is-none-in-between", "what-is-none-around"],
)
async def test_rule_11_copies_and_what_is_no_message_mislead_nobody(
    kafka: Kafka, topic: str, numbers: Sequence[int], heard: int, read_max: int
) -> None:
    """All that is on the topic and was not heard is brought, and not all of it is read for that."""
    await lay(kafka, topic, *numbers)
    async with reading(kafka, topic, heard) as arriving:
        await lay(kafka, topic, 16)
        await brought(arriving, 16)

        assert set(range(heard + 1, max(numbers) + 1)) <= set(arriving.brought)
        assert len(arriving.brought) <= read_max + 1


async def test_rule_11_a_place_beyond_what_the_topic_holds_is_where_to_go_on(kafka: Kafka, topic: str) -> None:
    """It was emptied, or is being filled again: what was heard is not heard again, and what follows is not missed."""
    await lay(kafka, topic, *range(1, 6))
    async with reading(kafka, topic, 12) as arriving:
        await lay(kafka, topic, *range(6, 15))

        assert list(range(6, 15)) == await brought(arriving, 14)
        assert SAID[12:14] == arriving.after(place(12), MOST, in_doubt=True)


async def test_rule_11_marks_of_somebodys_transactions_mislead_nobody(kafka: Kafka, topic: str) -> None:
    """They take up offsets, and there is nothing to be read there."""
    await put_in_transactions(kafka, topic, b"no JSON", b"nor this")
    await lay(kafka, topic, 1, 2, 3)
    await put_in_transactions(kafka, topic, b"no JSON", b"nor this")
    async with reading(kafka, topic, 2) as arriving:
        await lay(kafka, topic, 4)

        assert [3, 0, 4] == await brought(arriving, 4)


async def test_rule_11_an_empty_topic_is_read_from_whatever_comes_first(kafka: Kafka, topic: str) -> None:
    async with reading(kafka, topic, 0) as arriving:
        await lay(kafka, topic, 1)

        assert [1] == await brought(arriving, 1)


async def test_rule_10_a_reader_that_begins_again_has_its_listener_ask(kafka: Kafka, topic: str) -> None:
    """What was said and lost while nobody read would be on no topic, and nothing would look missing."""
    await lay(kafka, topic, 1, 2, 3)
    async with reading(kafka, topic, 0) as arriving:
        await brought(arriving, 3)
        arriving.after(place(3), MOST)
        arriving.fetched(place(3), [], is_all=True)
        before = arriving.after(place(3), MOST)
        arriving.failures.append(OSError())
        await lay(kafka, topic, 3)
        await until(lambda: arriving.after(place(3), MOST), lambda found: found is None)

        assert [] == before


async def test_a_reader_with_much_before_it_is_not_taken_for_one_that_has_stopped(
    kafka: Kafka, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked at often here, and reads little at a time: each time it is where it should have been before."""
    monkeypatch.setattr(reader_settings, "CHECK_SECONDS", 0.05)
    monkeypatch.setattr(reader_settings, "AT_ONCE", 2)
    metrics = Metrics()
    await lay(kafka, topic, *range(1, MESSAGES + 1))
    async with reading(kafka, topic, 0, takes_seconds=0.02, metrics=metrics) as arriving:
        assert list(range(1, MESSAGES + 1)) == await brought(arriving, MESSAGES)
        assert 0 == counted(metrics, "cordon_broker_failures_total", topic=topic)
