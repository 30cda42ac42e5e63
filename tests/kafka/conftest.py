"""The Kafka that all tests of the run share, a site of the test's own on it, and a broker of its own where it asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.bus.kafka.client import Kafka
from infra.clock import ManualClock
from infra.deploy.broker import Broker
from infra.sealing.keys import init_keys
from tests.broker import kafka_servers, one_broker, unused_site
from tests.kernel.parish.journals import NOW


@pytest.fixture
def kafka() -> Kafka:
    return Kafka(kafka_servers())


@pytest.fixture
def site() -> str:
    return unused_site()


@pytest.fixture
def own_broker() -> Iterator[Broker]:
    with one_broker() as broker:
        yield broker


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("village") / "keys"
    init_keys(directory)
    return directory
