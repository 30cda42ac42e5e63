"""Over Kafka too health tells the truth, and a host ends in time, whatever the cluster does."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from infra.deploy.broker import Broker
from infra.host import Host
from infra.web.issuer import Client
from tests.broker import unused_site
from tests.kafka.telling import end_relay, eventually, has_planned, tell
from tests.kafka.village import Village, until, village
from tests.kernel.parish.services import PARISH, SEXTON

END_SECONDS_MAX: Final = 20.0
"""What docs/operations.md promises where the cluster is away."""
OPAL: Final = Client(id="wrk_opal", roles=("operator",), agency="partnership", secret="secret of an operator")
KAFKA: Final = {"relay": "unreachable", "kafka": "unreachable"}
Ready = tuple[int, dict[str, str]]


@pytest.fixture
async def town(tmp_path: Path, keys: Path, own_broker: Broker) -> AsyncIterator[Village]:
    async with village(tmp_path, keys, own_broker.servers, unused_site(), "parish", "sexton") as found:
        yield found


async def asked(town: Village, service: str, path: str) -> httpx.Response:
    """What a service answers an operator."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        headers = {"Authorization": f"Bearer {town.issuer.token(OPAL)}"}
        return await client.get(f"{town.peer_url(service)}{path}", headers=headers)


async def ready(town: Village, service: str) -> Ready:
    """Whether it is, and what is amiss."""
    answer = await asked(town, service, "/health/readiness")
    codes: dict[str, str] = answer.json()["stopped"][service]
    return answer.status_code, codes


async def until_ready(town: Village, *services: str) -> None:
    for service in services:
        await eventually(partial(ready, town, service), lambda found: found == (200, {}))


async def metrics(town: Village, service: str) -> dict[str, float]:
    """The gauges and counters of a service without those of requests, by their name."""
    shown = (await asked(town, service, "/metrics")).text
    families = text_string_to_metric_families(shown)
    return {sample.name: sample.value for family in families for sample in family.samples if "le" not in sample.labels}


async def test_what_is_carried_is_measured_and_told_while_the_cluster_is_there_away_and_back(
    town: Village, own_broker: Broker
) -> None:
    async with town.living(PARISH) as parish, town.living(SEXTON) as sexton:
        await until_ready(town, "parish", "sexton")
        tell(parish, "nave")
        await has_planned(sexton, "nave")
        spoken = await eventually(
            partial(metrics, town, "parish"), lambda found: found["cordon_messages_relayed_total"] == 1
        )
        hearing = await metrics(town, "sexton")
        await asyncio.to_thread(own_broker.stop)
        amiss = await eventually(partial(ready, town, "sexton"), lambda found: found[1] == KAFKA)
        tell(parish, "aisle", "tower")
        await has_planned(sexton, "nave", "aisle", "tower")
        waiting = await eventually(
            partial(metrics, town, "parish"), lambda found: found["cordon_relay_publishing"] == 0
        )
        asking = await metrics(town, "sexton")
        await asyncio.to_thread(own_broker.start)
        await until_ready(town, "parish", "sexton")
        back = await eventually(partial(metrics, town, "parish"), lambda found: found["cordon_relay_lag_messages"] == 0)

    assert (1.0, 0.0) == (spoken["cordon_relay_publishing"], spoken["cordon_relay_lag_messages"])
    assert (1.0, 0.0, 0.0) == tuple(
        hearing[name] for name in ("cordon_reader_live", "cordon_lag_messages", "cordon_lag_seconds")
    )
    assert 503 == amiss[0]
    assert (0.0, 2.0) == (waiting["cordon_relay_publishing"], waiting["cordon_relay_lag_messages"])
    assert (0.0, 0.0, 0.0) == tuple(
        asking[name] for name in ("cordon_reader_live", "cordon_lag_messages", "cordon_ready")
    )
    assert 2.0 <= asking["cordon_messages_fetched_total"]
    assert (1.0, 1.0) == (back["cordon_relay_publishing"], back["cordon_ready"])


async def test_what_a_topic_has_brought_and_was_not_heard_is_lag_without_asking(town: Village) -> None:
    """The source is gone by then: what is known of it is what its topic brought."""
    async with town.living(SEXTON) as sexton:
        async with town.living(PARISH) as parish:
            await until_ready(town, "parish", "sexton")
            tell(parish, "nave")
            await has_planned(sexton, "nave")
            runner = sexton.runners["sexton"]
            await runner.stop_listening()
            tell(parish, "aisle", "tower")
            await eventually(partial(metrics, town, "sexton"), lambda found: found["cordon_lag_messages"] == 2)
        behind = await metrics(town, "sexton")
        later = await metrics(town, "sexton")

    assert 2.0 == later["cordon_lag_messages"]
    assert 0.0 < behind["cordon_lag_seconds"] < later["cordon_lag_seconds"]


async def test_a_peer_that_is_away_is_told_and_no_lag_of_it_is_invented(town: Village) -> None:
    async with town.living(SEXTON, compare_seconds=0.2):
        found = await eventually(partial(ready, town, "sexton"), lambda found: found[1] == {"parish": "unreachable"})
        shown = await metrics(town, "sexton")
        async with town.living(PARISH):
            await until_ready(town, "sexton")

    assert 503 == found[0]
    assert 0.0 == shown["cordon_lag_messages"]
    assert 1.0 <= shown["cordon_retries_total"]


async def test_a_relay_that_has_ended_though_it_should_run_is_told(town: Village) -> None:
    async with town.living(PARISH):
        await until_ready(town, "parish")
        await end_relay("parish")

        assert (503, {"relay": "ended"}) == await ready(town, "parish")


def goodbyes() -> list[Any]:
    """Clients that are ending by themselves, since nobody waits for them any more."""
    coroutines = [task.get_coro() for task in asyncio.all_tasks()]
    return [one for one in coroutines if getattr(one, "__name__", "") == "_ended"]


@pytest.mark.parametrize("how", ["stopped", "paused"])
async def test_a_host_ends_in_time_though_its_cluster_is_away(town: Village, own_broker: Broker, how: str) -> None:
    """Paused: it takes connections and answers nothing, which is the worst a cluster can do."""
    host: Host
    async with town.living(PARISH), town.living(SEXTON) as host:
        await until_ready(town, "parish", "sexton")
        if how == "stopped":
            await asyncio.to_thread(own_broker.stop)
        else:
            os.kill(own_broker.pid, signal.SIGSTOP)
        tell(town.hosts["parish"], "nave")
        await has_planned(host, "nave")
        started = time.monotonic()
    seconds = time.monotonic() - started
    if how == "paused":
        os.kill(own_broker.pid, signal.SIGCONT)
    await until(lambda: not goodbyes())
    sys.stdout.write(f"\nended after {seconds:.2f} s\n")

    assert seconds < 2 * END_SECONDS_MAX  # two hosts, one after the other
