"""Two services, each on a host of its own, hear each other over a real cluster: the ordinary day."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.bus.kafka.client import Kafka
from infra.sealing.keys import init_keys
from tests.kafka.village import Village, until, village
from tests.kernel.parish.events import SweepingPlanned
from tests.kernel.parish.journals import book, events
from tests.kernel.parish.services import PARISH, SEXTON


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("village") / "keys"
    init_keys(directory)
    return directory


@pytest.fixture
async def place_of(tmp_path: Path, keys: Path, kafka: Kafka, site: str) -> AsyncIterator[Village]:
    async with village(tmp_path, keys, kafka.servers, site, "parish", "sexton") as found:
        yield found


async def test_what_is_said_is_heard_by_way_of_the_topic(place_of: Village) -> None:
    async with place_of.living(PARISH) as parish, place_of.living(SEXTON) as sexton:

        def fetched() -> list[bytes]:
            return re.findall(rb'cordon_messages_fetched_total{source="parish"} (\S+)', sexton.metrics.shown())

        async def say(halls: range) -> None:
            for number in halls:
                book(place_of.journal("parish"), f"hall-{number}")
                parish.bus.wake("parish")
            await until(lambda: len(events(place_of.journal("sexton"), SweepingPlanned)) == halls.stop)

        await until(lambda: not any((*parish.health().values(), *sexton.health().values())))
        await say(range(1))  # at the start the source itself is asked, whatever its topic brings
        before = fetched()
        await say(range(1, 50))

        assert before == fetched()
