"""Kafka for tests, a real one: of `KAFKA_BOOTSTRAP_SERVERS`, or started at first use and stopped when Python ends.

Where neither can be had a test is skipped, and says why; with `CORDON_REQUIRE_KAFKA=1` it fails instead.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final, NoReturn

import pytest

from infra.deploy.artifacts import artifacts
from infra.deploy.broker import Broker, CannotStartError
from infra.entropy import SystemEntropy

SERVERS: Final = "KAFKA_BOOTSTRAP_SERVERS"
REQUIRE: Final = "CORDON_REQUIRE_KAFKA"


def kafka_servers() -> str:
    """Where the Kafka is that all tests of this run share: `host:port`. Skips the test where there is none."""
    return os.environ.get(SERVERS) or _of_this_run()


def unused_site() -> str:
    """A site that no other test has, in this run or on the same Kafka before it: so its topics are its own."""
    return f"test-{SystemEntropy().bytes(6).hex()}"


@contextmanager
def one_broker(*settings: str) -> Iterator[Broker]:
    """A broker of the test's own, started, that it may stop, kill and start again; `settings` as for `Broker`. Skips
    the test where none can be started, also where there is a shared one.
    """
    need_broker()
    with (
        tempfile.TemporaryDirectory(prefix="cordon-kafka-") as directory,
        Broker(Path(directory), settings=settings) as broker,
    ):
        yield broker


def need_broker() -> None:
    """Skip the test where no broker can be started; else one starts at once, since what it is made of is there."""
    if reason := _why_not():
        _do_without(reason)


@cache
def _of_this_run() -> str:
    need_broker()
    directory = tempfile.mkdtemp(prefix="cordon-kafka-")
    atexit.register(shutil.rmtree, directory)
    broker = Broker(Path(directory))
    broker.start()
    atexit.register(broker.stop)
    return broker.servers


@cache
def _why_not() -> str | None:
    """Fetches what is missing; asked once, since Maven may take its time to find that it reaches nothing."""
    try:
        artifacts()
    except CannotStartError as error:
        return str(error)
    return None


def _do_without(reason: str) -> NoReturn:
    if os.environ.get(REQUIRE) == "1":
        pytest.fail(f"{REQUIRE}=1, but {reason}", pytrace=False)
    pytest.skip(reason)
