"""Whatever becomes of the broker, services go on: commands are taken, and what is said is asked of its source."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from infra.deploy.broker import Broker
from tests.broker import unused_site
from tests.kafka.telling import eventually, findings, has_planned, planned, tell, topics_equal, troubles, well
from tests.kafka.village import Village, until, village
from tests.kernel.parish.services import PARISH, SEXTON

ASKED_SECONDS_MAX: Final = 15.0
"""A listener notices within four seconds that its topic is silent; a busy machine may need longer."""


@pytest.fixture
async def town(tmp_path: Path, keys: Path, shaken_broker: Broker) -> AsyncIterator[Village]:
    async with village(tmp_path, keys, shaken_broker.servers, unused_site(), "parish", "sexton") as found:
        yield found


async def readiness(town: Village, service: str) -> tuple[int, dict[str, Any]]:
    """What a service tells whoever asks whether it is ready."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{town.peer_url(service)}/health/readiness")
        return answer.status_code, answer.json()["stopped"][service]


async def test_rule_10_a_broker_that_is_stopped_or_killed_in_mid_story_loses_and_doubles_nothing(
    town: Village, shaken_broker: Broker
) -> None:
    async with town.living(PARISH) as parish, town.living(SEXTON) as sexton:
        await well(parish, sexton)
        tell(parish, "nave")
        await has_planned(sexton, "nave")
        await asyncio.to_thread(shaken_broker.stop)
        stopped_at = time.monotonic()
        tell(parish, "aisle")
        await has_planned(sexton, "nave", "aisle")

        assert time.monotonic() - stopped_at < ASKED_SECONDS_MAX

        unreachable = {"relay": "unreachable"}

        assert (503, unreachable) == await eventually(partial(readiness, town, "parish"), lambda found: found[0] == 503)

        await until(lambda: troubles(sexton), lambda found: found == {**unreachable, "kafka": "unreachable"})
        tell(parish, "tower")

        assert await sexton.runners["sexton"].hear_to_head("parish")
        assert ["nave", "aisle", "tower"] == planned(sexton)

        await asyncio.to_thread(shaken_broker.start)
        tell(parish, "porch")
        await well(parish, sexton)
        tell(parish, "crypt-stairs")
        await asyncio.to_thread(shaken_broker.kill)
        tell(parish, "vestry")
        await asyncio.to_thread(shaken_broker.start)
        tell(parish, "font")
        await has_planned(sexton, "nave", "aisle", "tower", "porch", "crypt-stairs", "vestry", "font")
        await topics_equal(town, "parish", "sexton")
        await well(parish, sexton)

        assert (200, {}) == await eventually(partial(readiness, town, "sexton"), lambda found: found[0] == 200)
        assert () == findings(town)


async def test_rule_10_a_broker_that_is_away_at_the_start_keeps_nobody_from_working(
    town: Village, shaken_broker: Broker
) -> None:
    await asyncio.to_thread(shaken_broker.stop)
    async with town.living(PARISH) as parish, town.living(SEXTON) as sexton:
        tell(parish, "nave")
        await has_planned(sexton, "nave")

        assert {"relay": "unreachable"} == troubles(parish)
        assert {"relay": "unreachable", "kafka": "unreachable"} == troubles(sexton)

        await asyncio.to_thread(shaken_broker.start)
        await well(parish, sexton)
        tell(parish, "aisle")
        await has_planned(sexton, "nave", "aisle")
        await topics_equal(town, "parish", "sexton")

        assert () == findings(town)


async def test_rule_10_a_broker_that_does_not_answer_is_one_that_is_away(town: Village, shaken_broker: Broker) -> None:
    async with town.living(PARISH) as parish, town.living(SEXTON) as sexton:
        await well(parish, sexton)
        os.kill(shaken_broker.pid, signal.SIGSTOP)
        held_at = time.monotonic()
        tell(parish, "nave")
        await has_planned(sexton, "nave")
        tell(parish, "aisle")
        await has_planned(sexton, "nave", "aisle")

        assert time.monotonic() - held_at < ASKED_SECONDS_MAX

        await until(lambda: troubles(parish), lambda found: found == {"relay": "unreachable"})
        os.kill(shaken_broker.pid, signal.SIGCONT)
        tell(parish, "tower")
        await has_planned(sexton, "nave", "aisle", "tower")
        await well(parish, sexton)
        await topics_equal(town, "parish", "sexton")

        assert () == findings(town)
