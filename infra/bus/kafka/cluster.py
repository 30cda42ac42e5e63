"""Whether a Kafka cluster can be reached at all: for whoever asks before there is anything to publish or to hear."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from infra.bus.kafka.client import Kafka, started

# What aiokafka logs goes where a program has said that logs go; nowhere else, so that a command's one line stays one.
logging.getLogger("aiokafka").addHandler(logging.NullHandler())


class UnreachableError(OSError):
    """The cluster cannot be spoken to: the sentence says which and why."""


@asynccontextmanager
async def administered(kafka: Kafka, *, seconds_max: float) -> AsyncIterator[AIOKafkaAdminClient]:
    """The cluster's admin client, for as long as the block takes and no longer than `seconds_max`.

    Raises UnreachableError where nothing answers, an answer is late, or the connection is lost.
    """
    admin = kafka.admin()
    try:
        async with asyncio.timeout(seconds_max):
            await started(admin)
            yield admin
    except TimeoutError:
        raise UnreachableError(f"Kafka at {kafka.servers} did not answer within {seconds_max:g} seconds") from None
    except (KafkaError, OSError) as error:
        raise UnreachableError(f"Kafka at {kafka.servers} cannot be reached ({type(error).__name__})") from error
    finally:
        await admin.close()


async def brokers(kafka: Kafka, *, seconds_max: float) -> int:
    """How many brokers the cluster has at this moment. Raises UnreachableError."""
    async with administered(kafka, seconds_max=seconds_max) as admin:
        return len((await admin.describe_cluster())["brokers"])
