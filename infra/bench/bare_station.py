"""One process of the way from report to notice by hand: a consumer, a producer, a database, and a loop."""

import asyncio
import signal
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any, Final

from infra.bench.bare_hop import LAST, BareHop
from infra.bench.hops import NAMES
from infra.bench.sample import breach
from infra.bench.station import READY, Post, Stamp, received
from infra.bus.kafka.client import Kafka, messages_topic, partition, started, stopped
from infra.journal.database import Database
from infra.memory import keep_for_good

AT_ONCE: Final = 500
POLL_MS: Final = 500
PREFIX: Final = "bare-"


def relay(post: Post, connection: Connection) -> None:
    """Do the part of the service that the post's name ends with, until the other end of the connection is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us
    asyncio.run(_relay(post, connection))


async def _relay(post: Post, connection: Connection) -> None:
    (name,) = post.names
    at = NAMES.index(name.removeprefix(PREFIX))
    database = Database(post.settings.database_url(name.replace("-", "_")))
    kafka = Kafka(post.settings.kafka)
    consumer, producer = kafka.consumer(), kafka.producer()
    await started(consumer)
    await started(producer)
    me = asyncio.current_task()
    assert me is not None
    numbers = received(connection, me.cancel)
    keep_for_good()
    out = messages_topic(post.settings.site, name)
    try:
        hop = BareHop(database, at + 1)
        if at == 0:
            connection.send(READY)
            await _take(hop, numbers, producer, out, connection)
        else:
            consumer.assign([partition(messages_topic(post.settings.site, PREFIX + NAMES[at - 1]))])
            connection.send(READY)
            await _hear(hop, consumer, producer, out, connection)
    except asyncio.CancelledError:
        return
    finally:
        await stopped(consumer)
        await stopped(producer)
        database.close()


async def _take(hop: BareHop, numbers: "asyncio.Queue[int]", producer: Any, out: str, connection: Connection) -> None:
    while True:
        number = await numbers.get()
        raw = hop.take(number)
        connection.send(Stamp(NAMES[0], breach(number).report, perf_counter()))
        await producer.send_and_wait(out, raw, partition=0)


async def _hear(hop: BareHop, consumer: Any, producer: Any, out: str, connection: Connection) -> None:
    while True:
        for records in (await consumer.getmany(timeout_ms=POLL_MS, max_records=AT_ONCE)).values():
            told = hop.hear([record.value for record in records])
            if hop.number == LAST:
                at = perf_counter()
                for report in hop.reports:
                    connection.send(Stamp(NAMES[-1], report, at))
            else:
                futures = [await producer.send(out, raw, partition=0) for raw in told]
                await asyncio.gather(*futures)
