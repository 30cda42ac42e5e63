"""The whole of a topic read from its first record to where it reached when that began, to be held against a journal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final

from aiokafka.errors import KafkaError

from infra.bus.kafka.client import Kafka, partition, started, stopped
from infra.bus.kafka.cluster import UnreachableError
from infra.bus.kafka.reader import HASH, SilentError, records_between
from infra.journal.copies import Copy

ANSWER_SECONDS: Final = 10.0


async def scan(kafka: Kafka, topic: str) -> AsyncIterator[Copy]:
    """Every record that can be read, in its order.

    Raises UnreachableError where no broker answers, an answer does not come in time, or there is no such topic.
    """
    consumer = kafka.consumer()
    try:
        await started(consumer)
        start, end = await _reach(consumer, kafka, topic)
        async with aclosing(records_between(consumer, partition(topic), start, end)) as records:
            async for record in records:
                yield Copy(record.offset, record.key, record.value or b"", dict(record.headers).get(HASH))
    except UnreachableError:
        raise
    except (TimeoutError, SilentError):
        raise UnreachableError(f"Kafka at {kafka.servers} did not answer in time about {topic}") from None
    except (KafkaError, OSError) as error:
        raise UnreachableError(f"Kafka at {kafka.servers} cannot be read ({type(error).__name__})") from error
    finally:
        await stopped(consumer)


async def _reach(consumer: Any, kafka: Kafka, topic: str) -> tuple[int, int]:
    """The offsets of the first record there is and of the next one there will be."""
    whole = partition(topic)
    async with asyncio.timeout(ANSWER_SECONDS):
        if topic not in await consumer.topics():
            raise UnreachableError(f"there is no topic {topic} at {kafka.servers}")
        consumer.assign([whole])
        starts = await consumer.beginning_offsets([whole])
        ends = await consumer.end_offsets([whole])
    return starts[whole], ends[whole]
