"""How a Kafka cluster is spoken to: where aiokafka's defaults would lose or reorder, they are set here, once."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

Done = TypeVar("Done")

PARTITION: Final = 0
"""Every topic has one partition: order is the point."""
RECORD_BYTES_MAX: Final = 1_048_576
"""What one request may hold: a record of ours is smaller (`infra.journal.writing`), and so is an agency's event."""
REQUEST_MS: Final = 10_000
START_SECONDS: Final = 15.0
STOP_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Kafka:
    """A cluster by its `servers`, `host:port` with commas between. What is made here is still to be started, in the
    event loop that is to use it, and stopped by whoever made it.
    """

    servers: str

    def producer(self) -> AIOKafkaProducer:
        """Idempotent, acknowledged by every replica in step; nothing waits for company."""
        return AIOKafkaProducer(
            bootstrap_servers=self.servers,
            enable_idempotence=True,
            acks="all",
            linger_ms=0,
            max_batch_size=RECORD_BYTES_MAX,
            max_request_size=RECORD_BYTES_MAX,
            request_timeout_ms=REQUEST_MS,
        )

    def consumer(self) -> AIOKafkaConsumer:
        """Without a group: whoever reads keeps its place in its own journal, and goes there (rule 11)."""
        return AIOKafkaConsumer(
            bootstrap_servers=self.servers,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            request_timeout_ms=REQUEST_MS,
        )

    def admin(self) -> AIOKafkaAdminClient:
        """For topics and their settings."""
        return AIOKafkaAdminClient(bootstrap_servers=self.servers, request_timeout_ms=REQUEST_MS)


def messages_topic(site: str, service: str) -> str:
    """Where a service's messages are."""
    return f"cordon.{site}.{service}"


def agency_topic(code: str) -> str:
    """Where an agency tells us things."""
    return f"agency.{code}"


def receipts_topic(code: str) -> str:
    """Where it finds what became of them."""
    return f"agency.{code}.receipts"


def partition(topic: str) -> TopicPartition:
    """The one partition of a topic."""
    return TopicPartition(topic, PARTITION)


_STARTING: Final[WeakKeyDictionary[Any, "asyncio.Future[None]"]] = WeakKeyDictionary()
"""Starts under way. None is cut off half way, where it would leave a socket behind."""


async def started(client: Any) -> None:
    """Start a client. Raises TimeoutError where that comes to no end: most keep time themselves, but not a producer
    whose cluster goes away while it asks who it is.
    """
    starting = _STARTING[client] = asyncio.ensure_future(client.start())
    starting.add_done_callback(lambda task: task.cancelled() or task.exception())  # looked at, if nobody waits any more
    done, _ = await asyncio.wait({starting}, timeout=START_SECONDS)
    if not done:
        raise TimeoutError
    await starting


async def stopped(client: Any) -> None:
    """End a client, whatever state it is in: what cannot say goodbye in time is left to end by itself.

    In a task of its own: a client may raise the cancellation of one of its own tasks, which must not be taken for
    ours.
    """
    ending = asyncio.ensure_future(_ended(client))
    await asyncio.wait({ending}, timeout=STOP_SECONDS)


async def _ended(client: Any) -> None:
    """An idempotent producer's own `stop` would try for ever to send what nobody waits for any more, and might succeed
    when something newer had been sent by the next one: its sender is ended instead, and it sends nothing more.
    """
    starting = _STARTING.pop(client, None)
    if starting is not None and not starting.done():
        await asyncio.wait({starting}, timeout=START_SECONDS)
        starting.cancel()
    is_producer = isinstance(client, AIOKafkaProducer)
    with suppress(Exception, asyncio.CancelledError):
        if is_producer:
            client._closed = True  # noqa: SLF001 - as in its `stop`, but for the waiting
            await client._sender.close()  # noqa: SLF001 - as above
        else:
            await client.stop()
    with suppress(Exception, asyncio.CancelledError):  # what failed above has left its connections open
        await (client.client if is_producer else client._client).close()  # noqa: SLF001 - aiokafka shows no other way


def is_cancelled() -> bool:
    """Whether it is this very task that is to end: a client may raise the cancellation of one of its own."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def to_its_end(work: Awaitable[Done]) -> Done:
    """Do it whole, also where we are cancelled meanwhile: what is cut off half way leaves its connections behind."""
    doing = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait({doing})
        if not doing.cancelled():
            doing.exception()  # looked at: nobody waits for it any more
        raise
