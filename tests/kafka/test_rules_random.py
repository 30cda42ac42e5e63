"""A broker and services that are stopped, killed and frozen at random while everybody works: in the end all agree.

The moments are drawn from a seed that is printed: `CORDON_SEED=… pytest tests/kafka/test_rules_random.py` draws the
same ones. `CORDON_RANDOM_SECONDS` says for how long; eight of them if it is not set.
"""

import asyncio
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random  # noqa: TID251 - moments are drawn from a seed that is printed
from typing import Final

import pytest

from infra.deploy.broker import Broker
from infra.entropy import SystemEntropy
from infra.journal.journal import Journal
from infra.verify import verified
from tests.broker import unused_site
from tests.kafka.apart import SERVICES, Apart, apart
from tests.kafka.hands import unlike
from tests.kafka.telling import eventually
from tests.kafka.village import Village, until, village
from tests.kernel.parish import sweeping
from tests.kernel.parish.events import CODEC, FloorWaxed, HallSwept, SweepingPlanned
from tests.kernel.parish.journals import book, events, opened, say
from tests.kernel.parish.sweeping import PlanSweeping

SECONDS: Final = 8.0
COMPARE_SECONDS: Final = 2.0
CALM_SECONDS_MAX: Final = 1.5
HELD_SECONDS_MAX: Final = 2.5

Ill = tuple[str, Callable[[], object], Callable[[], object]]
"""What becomes of somebody: its name, how it is done, and how it ends."""


@contextmanager
def opened_all(town: Village) -> Iterator[dict[str, Journal]]:
    """Every journal, as another process of its service has it: commands are taken whoever else runs."""
    journals = {}
    try:
        for name, service in SERVICES.items():
            settings = town.settings(name)
            settings.data.mkdir(exist_ok=True)
            journals[name] = opened(settings.database_url(name), service, site=town.site)
        yield journals
    finally:
        for journal in journals.values():
            journal.database.close()


def ills_of_a_broker(broker: Broker) -> list[Ill]:
    return [
        ("broker stopped", broker.stop, broker.start),
        ("broker killed", broker.kill, broker.start),
        (
            "broker frozen",
            lambda: os.kill(broker.pid, signal.SIGSTOP),
            lambda: os.kill(broker.pid, signal.SIGCONT),
        ),
    ]


def ills_of_a_service(one: Apart) -> list[Ill]:
    return [
        (f"{one.name} ended", one.end, one.start),
        (f"{one.name} killed", one.kill, one.start),
        (f"{one.name} frozen", one.freeze, one.thaw),
    ]


async def befall(chance: Random, ills: list[list[Ill]], until_at: float, done: Counter[str]) -> None:
    """Let one thing after the other happen to one after the other, with pauses; each ends before the next begins."""
    while time.monotonic() < until_at:
        await asyncio.sleep(chance.uniform(0.1, CALM_SECONDS_MAX))
        name, begin, end = chance.choice(chance.choice(ills))
        done[name] += 1
        await asyncio.to_thread(begin)
        try:
            await asyncio.sleep(chance.uniform(0.0, HELD_SECONDS_MAX))
        finally:
            await asyncio.to_thread(end)


async def command(chance: Random, journals: Mapping[str, Journal], until_at: float, told: list[str]) -> None:
    """Tell three services things; the halls that were told of are in `told` once that is recorded."""
    while time.monotonic() < until_at:
        await asyncio.sleep(chance.uniform(0.0, 0.3))
        name = chance.choice(("parish", "parish", "chapel", "sexton"))
        halls = [f"{name}-{len(told) + number}" for number in range(chance.choice((1, 1, 1, 2, 5, 30)))]
        if name == "sexton":
            plan = PlanSweeping(hall=halls[0], broom=halls[0], is_told=True)
            await asyncio.to_thread(say, journals[name], plan, halls[0], decider=sweeping)
            told.append(halls[0])
        else:
            await asyncio.to_thread(book, journals[name], *halls)
            told += halls


def done_once(journals: Mapping[str, Journal], told: list[str]) -> dict[str, bool]:
    """Of everything that follows from what was told: whether it was done, once for each hall."""
    halls = sorted(told)
    done = {
        "sexton plans": events(journals["sexton"], SweepingPlanned),
        "sexton sweeps": events(journals["sexton"], HallSwept),
        "sexton waxes": events(journals["sexton"], FloorWaxed),
        "vicar sweeps": events(journals["vicar"], HallSwept),
    }
    return {what: sorted(event.hall for event in found) == halls for what, found in done.items()}


async def test_whatever_befalls_broker_and_services_nothing_is_lost_or_doubled(
    tmp_path: Path, keys: Path, shaken_broker: Broker, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = int(os.environ.get("CORDON_SEED", "0")) or int.from_bytes(SystemEntropy().bytes(4), "big")
    seconds = float(os.environ.get("CORDON_RANDOM_SECONDS", SECONDS))
    happened: Counter[str] = Counter()
    told: list[str] = []
    async with village(tmp_path, keys, shaken_broker.servers, unused_site(), *SERVICES) as town:
        with opened_all(town) as journals, apart(town, COMPARE_SECONDS) as services:
            until_at = time.monotonic() + seconds
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(command(Random(seed), journals, until_at, told))
                    group.create_task(befall(Random(seed + 1), [ills_of_a_broker(shaken_broker)], until_at, happened))
                    all_services = [ills_of_a_service(one) for one in services.values()]
                    group.create_task(befall(Random(seed + 2), all_services, until_at, happened))
            finally:
                with capsys.disabled():
                    sys.stdout.write(f"\nCORDON_SEED={seed}: {len(told)} halls, {dict(happened)} ")
            await until(lambda: done_once(journals, told), lambda found: all(found.values()))
            for journal in journals.values():
                await eventually(partial(unlike, town.kafka, journal), lambda found: not found)
            ended = {name: await asyncio.to_thread(one.end) for name, one in services.items()}

            assert dict.fromkeys(SERVICES, 0) == ended
            assert () == verified({name: journal.database for name, journal in journals.items()}, codec=CODEC).findings
