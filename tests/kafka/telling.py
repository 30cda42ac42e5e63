"""Short words for what the rules' tests do: the parish tells of bookings, the sexton plans a sweeping for each."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, TypeVar

from infra.bus.kafka.bus import KafkaBus
from infra.clock import Clock
from infra.host import Host
from infra.metrics import Metrics
from infra.runner import Runner
from infra.service import Service
from infra.verify import Finding, verified
from tests.kafka.hands import unlike
from tests.kafka.village import LOOK_SECONDS, SECONDS_MAX, Village, until
from tests.kernel.parish.events import CODEC, SweepingPlanned
from tests.kernel.parish.journals import book, events, opened

Found = TypeVar("Found")

IMPATIENT: Final = 0.5
"""`compare_seconds` of listeners that are to notice by themselves what their topic does not bring."""


def tell(host: Host, *halls: str) -> None:
    """Book these halls, in one transaction: a message each."""
    book(host.runners["parish"].journal, *halls)
    host.bus.wake("parish")


def planned(host: Host) -> list[str]:
    """For which halls a sweeping was planned, as often as it was and in that order."""
    (runner,) = host.runners.values()
    return [event.hall for event in events(runner.journal, SweepingPlanned)]


async def has_planned(host: Host, *halls: str) -> None:
    """Until it has acted on all of these, once each and in this order."""
    await until(lambda: planned(host), lambda found: found == list(halls))


def troubles(host: Host) -> dict[str, str]:
    """What of its carrying does not work."""
    (name,) = host.runners
    return dict(host.bus.troubles.get(name, {}))


async def well(*hosts: Host) -> None:
    """Until nothing is amiss with their carrying."""
    await until(lambda: [troubles(host) for host in hosts], lambda found: not any(found))


async def topics_equal(village: Village, *services: str) -> None:
    """Until the topics of these services hold what their journals do, and nothing else."""
    for service in services:
        await eventually(partial(unlike, village.kafka, village.journal(service)), lambda found: not found)


async def eventually(look: Callable[[], Awaitable[Found]], holds: Callable[[Found], bool]) -> Found:
    """As `until`, for what has to be waited for itself."""
    found = await look()
    try:
        async with asyncio.timeout(SECONDS_MAX):
            while not holds(found):
                await asyncio.sleep(LOOK_SECONDS)
                found = await look()
    except TimeoutError:
        raise AssertionError(f"never came true; the last look found {found!r}") from None
    return found


async def end_relay(service: str) -> None:
    """Let what publishes for the one host of this service end, as by a mistake of ours: nobody else notices."""
    (relay,) = (task for task in asyncio.all_tasks() if task.get_name() == f"{service}-relay")
    relay.cancel()
    await asyncio.wait({relay})


@asynccontextmanager
async def beside(town: Village, service: Service, clock: Clock | None = None) -> AsyncIterator[Runner]:
    """Another process of a service meanwhile, on the same database: it publishes and hears, and answers nobody."""
    settings = town.settings(service.name)
    settings.data.mkdir(exist_ok=True)
    metrics = Metrics()
    bus = KafkaBus(town.site, town.kafka, town.peers(service.name), metrics)
    journal = opened(settings.database_url(service.name), service, site=town.site)
    runner = Runner(journal, bus, clock or town.clock, settings, metrics)
    bus.join(journal)
    try:
        await bus.start()
        await runner.start()
        yield runner
    finally:
        await runner.stop_listening()
        await bus.stop()
        await runner.stop()


def counted(metrics: Metrics, name: str, **labels: str) -> float:
    """What a metric says, as Prometheus would read it."""
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    lines = [line for line in metrics.shown().decode().splitlines() if line.startswith(f"{name}{{")]
    return sum(float(line.rpartition(" ")[2]) for line in lines if all(label in line for label in wanted))


def findings(village: Village) -> tuple[Finding, ...]:
    """What is wrong with the journals of all that run, each by itself and against each other: what was heard was said,
    and nothing was acted on twice.
    """
    journals = {name: host.runners[name].journal.database for name, host in village.hosts.items()}
    return verified(journals, codec=CODEC).findings
