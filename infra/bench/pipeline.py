"""`cordon bench pipeline`: from journal to topic, from topic to commits, and from report to notice over four services.

Each beside what could be written by hand with the same client, on the same broker and the same kind of database.
"""

import asyncio
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.bench import bare_station, relaying, station
from infra.bench.bare_hop import BareWay
from infra.bench.bare_station import PREFIX
from infra.bench.carrying import BARE as BARE_LISTENER
from infra.bench.carrying import Carrying
from infra.bench.figures import BenchReport
from infra.bench.hops import NAMES
from infra.bench.journal import BATCH, Report
from infra.bench.pipeline_figures import Carried, Gone
from infra.bench.posts import Posts
from infra.bench.relaying import Relaying
from infra.bench.sample import LISTENER, SOURCE
from infra.bench.source import Source
from infra.bench.stores import Stores, stores
from infra.bench.way import Way
from infra.bus.kafka.client import Kafka
from infra.bus.kafka.cluster import administered
from infra.bus.kafka.topics import create, topics
from infra.entropy import SystemEntropy
from infra.journal.place import Place

ROUNDS: Final = 10
ROUNDS_MIN: Final = 3
MESSAGES: Final = 10_000
MESSAGES_MIN: Final = 1_500
REPORTS: Final = 50
REPORTS_MIN: Final = 5
WARM_UP: Final = 20
A_SECOND: Final = 20.0
REMOVE_SECONDS_MAX: Final = 10.0
TOPICS: Final = (SOURCE.name, relaying.BARE, LISTENER.name, BARE_LISTENER, *NAMES, *(PREFIX + name for name in NAMES))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Size:
    """How much is measured."""

    rounds: int
    messages: int
    reports: int


def run(directory: Path, *, servers: str | None, url: str | None, scale: float, report: Report) -> BenchReport:
    """Measure over the Kafka at these servers, or over the local bus where there are none.

    `directory` is where keys and logs are made, and databases when `url` is None; `scale` 1.0 is ten rounds of 10,000
    messages and 50 reports; `report` is told how far it is. Takes minutes. Raises BrokenError where a process of the
    benchmark ends, UnreachableError where Kafka does not answer, and what the database raises.
    """
    size = _Size(
        rounds=max(ROUNDS_MIN, round(ROUNDS * scale)),
        messages=max(MESSAGES_MIN, round(MESSAGES * min(scale, 1))),
        reports=max(REPORTS_MIN, round(REPORTS * min(scale, 1))),
    )
    site = f"bench-{SystemEntropy().bytes(4).hex()}"
    with stores(directory, url) as opened:
        source = Source(opened, site)
        if servers is None:
            carried = asyncio.run(_carry_locally(opened, source, size, report))
            gone = _go_locally(opened, directory, site, size, report)
        else:
            with _topics(Kafka(servers), site):
                carried = asyncio.run(_carry(opened, source, Kafka(servers), size, report))
                gone = _go(opened, directory, site, servers, size, report)
        sent = source.after(Place(), BATCH)
        return BenchReport(
            database=f"{opened.dialect} and {'the local bus' if servers is None else 'Kafka'}",
            python=platform.python_version(),
            cores=os.cpu_count() or 1,
            rounds=size.rounds,
            batch=BATCH,
            record_bytes=sum(len(one.raw) for one in sent) // len(sent),
            figures=(*carried.figures(), *gone.figures()),
        )


async def _carry(opened: Stores, source: Source, kafka: Kafka, size: _Size, report: Report) -> Carried:
    carrying, found = Carrying(opened, source, kafka), Carried()
    await carrying.begin()
    async with Relaying(source, kafka) as relaying:
        for number in range(1, size.rounds + 1):
            report(f"messages: round {number} of {size.rounds}")
            found.relayed.append(await relaying.relay(size.messages))
            found.sent.append(await relaying.send())
            found.heard.append(await carrying.hear())
            found.bare.append(await carrying.hear_bare())
            found.telling.append(await carrying.hear_and_tell_bare())
    return found


async def _carry_locally(opened: Stores, source: Source, size: _Size, report: Report) -> Carried:
    carrying, found = Carrying(opened, source, None), Carried()
    await carrying.begin()
    for number in range(1, size.rounds + 1):
        report(f"messages: round {number} of {size.rounds}")
        source.say(size.messages)
        found.heard.append(await carrying.hear())
        found.bare.append(await carrying.hear_bare())
    return found


def _go(opened: Stores, directory: Path, site: str, servers: str, size: _Size, report: Report) -> Gone:
    """A process for each service and for each hop by hand; all of them are there all the time."""
    posts, found = Posts(opened, directory, site, servers), Gone()
    with Way(posts.apart(), station.serve) as way, Way(posts.by_hand(), bare_station.relay) as bare:
        for each in (way, bare):
            each.one_by_one(WARM_UP)
        for number in range(1, size.rounds + 1):
            report(f"reports: round {number} of {size.rounds}")
            found.alone.append(way.one_by_one(size.reports))
            found.alone_bare.append(bare.one_by_one(size.reports))
            found.steadily.append(way.steadily(size.reports, A_SECOND))
            found.steadily_bare.append(bare.steadily(size.reports, A_SECOND))
    return found


def _go_locally(opened: Stores, directory: Path, site: str, size: _Size, report: Report) -> Gone:
    """One process for all four services; by hand, one loop."""
    found = Gone()
    bare = BareWay([opened.open(f"bare_{name}") for name in NAMES])
    with Way(Posts(opened, directory, site, None).together(), station.serve) as way:
        for each in (way, bare):
            each.one_by_one(WARM_UP)
        for number in range(1, size.rounds + 1):
            report(f"reports: round {number} of {size.rounds}")
            found.alone.append(way.one_by_one(size.reports))
            found.alone_bare.append(bare.one_by_one(size.reports))
            found.steadily.append(way.steadily(size.reports, A_SECOND))
    return found


@contextmanager
def _topics(kafka: Kafka, site: str) -> Iterator[None]:
    """Topics of this run alone, which it takes away again."""
    asyncio.run(create(kafka, site, TOPICS, (), 1))
    try:
        yield
    finally:
        asyncio.run(_remove(kafka, site))


async def _remove(kafka: Kafka, site: str) -> None:
    async with administered(kafka, seconds_max=REMOVE_SECONDS_MAX) as admin:
        await admin.delete_topics(list(topics(site, TOPICS, ())))
