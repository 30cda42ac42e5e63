"""The Kafka that all tests of the run share, a site of the test's own on it, and a broker of its own where it asks."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
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


@pytest.fixture(scope="session")
def one_to_shake() -> Iterator[Broker]:
    with one_broker() as broker:
        yield broker


@pytest.fixture
def shaken_broker(one_to_shake: Broker) -> Iterator[Broker]:
    """One that a test may stop, kill and freeze, and whose files it may cut: it runs again for the next test. What is
    on it is of sites of their own.
    """
    yield one_to_shake
    with suppress(LookupError):
        os.kill(one_to_shake.pid, signal.SIGCONT)
    one_to_shake.start()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("village") / "keys"
    init_keys(directory)
    return directory
