"""A node of our own: what it acknowledged it still has after it was stopped or killed, and it never outlives us."""

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest
from aiokafka.admin import NewTopic

from infra.bus.kafka.client import Kafka, partition
from infra.bus.kafka.cluster import administered
from infra.deploy import artifacts as made_of
from infra.deploy.artifacts import VERSION, artifacts, why_not
from infra.deploy.broker import Broker, CannotStartError
from tests.broker import need_broker
from tests.house.tree import REPOSITORY

SECONDS_MAX: Final = 30.0
TOPIC: Final = "kept"
VALUES: Final = [f"value {number}".encode() for number in range(20)]
JAR: Final = f"kafka_2.13-{VERSION}.jar"


async def keep(kafka: Kafka) -> None:
    """Have these values acknowledged, one after the other."""
    async with administered(kafka, seconds_max=SECONDS_MAX) as admin:
        await admin.create_topics([NewTopic(TOPIC, 1, 1)])
    producer = kafka.producer()
    await producer.start()
    try:
        for value in VALUES:
            await producer.send_and_wait(TOPIC, value, key=b"key")
    finally:
        await producer.stop()


async def kept(kafka: Kafka) -> list[bytes]:
    """What is there from the first record to the last."""
    consumer = kafka.consumer()
    await consumer.start()
    try:
        consumer.assign([partition(TOPIC)])
        end = (await consumer.end_offsets([partition(TOPIC)]))[partition(TOPIC)]
        return [(await consumer.getone()).value for _ in range(end)]
    finally:
        await consumer.stop()


@pytest.mark.parametrize("end", [Broker.stop, Broker.kill], ids=["stopped", "killed"])
async def test_what_was_acknowledged_is_still_there(own_broker: Broker, end: Callable[[Broker], None]) -> None:
    kafka = Kafka(own_broker.servers)
    await keep(kafka)
    first = own_broker.pid
    await asyncio.to_thread(end, own_broker)
    await asyncio.to_thread(own_broker.start)

    assert kafka == Kafka(own_broker.servers)
    assert first != own_broker.pid
    assert VALUES == await kept(kafka)


async def test_another_broker_goes_on_with_what_is_in_the_directory(own_broker: Broker) -> None:
    await keep(Kafka(own_broker.servers))
    own_broker.stop()
    with Broker(own_broker.directory) as later:
        assert VALUES == await kept(Kafka(later.servers))


def test_started_twice_it_runs_once_and_stopped_twice_it_is_stopped(own_broker: Broker) -> None:
    first = own_broker.pid
    own_broker.start()

    assert first == own_broker.pid

    own_broker.stop()
    own_broker.stop()
    with pytest.raises(LookupError):
        _ = own_broker.pid


def test_a_directory_where_one_is_at_work_is_refused_to_another(own_broker: Broker) -> None:
    with pytest.raises(CannotStartError, match=rf"^another Kafka is at work in {own_broker.directory}$"):
        Broker(own_broker.directory).start()


def test_a_node_that_cannot_start_says_why(tmp_path: Path) -> None:
    need_broker()
    broker = Broker(tmp_path)
    host, port = broker.servers.split(":")
    with socket.socket() as other:
        other.bind((host, int(port)))
        with pytest.raises(CannotStartError, match=r"(?s)^Kafka ended with 1 while starting: .*Address already in use"):
            broker.start()


def test_a_node_with_settings_that_make_no_sense_says_which(tmp_path: Path) -> None:
    need_broker()
    with pytest.raises(CannotStartError, match=r"(?s)^Kafka cannot make its directory: .*num\.partitions"):
        Broker(tmp_path, settings=["num.partitions=many"]).start()


def test_it_never_outlives_whoever_started_it(tmp_path: Path) -> None:
    need_broker()
    text = (
        "import sys; from pathlib import Path; from infra.deploy.broker import Broker\n"
        "broker = Broker(Path(sys.argv[1])); broker.start(); print(broker.servers, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", text, str(tmp_path)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert parent.stdout is not None
    host, port = parent.stdout.readline().decode().strip().split(":")

    assert answers(host, int(port))

    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + SECONDS_MAX
    while answers(host, int(port)) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert not answers(host, int(port))


def answers(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """A machine that has no programs but these: `(name, what it does)`, in words of the shell's own."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()

    def install(name: str, does: str) -> None:
        program = tmp_path / "bin" / name
        program.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        program.chmod(0o755)

    return install


JAVA_17: Final = """echo 'openjdk version "17.0.15" 2025-04-15' >&2"""


def test_why_not_names_what_is_missing(tools: Callable[[str, str], None], tmp_path: Path) -> None:
    jars = tmp_path / "jars"
    needs = f"Kafka {VERSION} needs Java 17 or newer"

    assert f"there is no java; {needs}" == why_not(jars)

    tools("java", """echo 'java version "1.8.0_201"' >&2""")

    assert f"java is version 8; {needs}" == why_not(jars)

    tools("java", "exit 1")

    assert f"java does not say which version it is; {needs}" == why_not(jars)

    tools("java", JAVA_17)

    assert f"there is no mvn to fetch Kafka {VERSION} with, and it is not in {jars} yet" == why_not(jars)

    jars.mkdir()
    (jars / JAR).touch()

    assert why_not(jars) is None
    assert jars == artifacts(jars)


def test_what_is_missing_is_said_before_anything_is_fetched(tools: Callable[[str, str], None], tmp_path: Path) -> None:
    tools("mvn", "exit 1")
    with pytest.raises(CannotStartError, match=r"^Kafka cannot be started: there is no java"):
        artifacts(tmp_path / "jars")

    assert not (tmp_path / "jars").exists()


def test_where_maven_fails_its_last_lines_are_shown_and_nothing_is_left(
    tools: Callable[[str, str], None], tmp_path: Path
) -> None:
    jars = tmp_path / "kept" / "jars"
    tools("java", JAVA_17)
    tools("mvn", "echo first; echo the repository does not answer; exit 1")
    with pytest.raises(CannotStartError, match=r"(?s)^Maven cannot fetch Kafka: .*the repository does not answer$"):
        artifacts(jars)

    assert ["jars.lock"] == [path.name for path in (tmp_path / "kept").iterdir()]


def test_two_that_want_the_jars_at_once_fetch_them_once_and_see_them_whole(
    tools: Callable[[str, str], None], tmp_path: Path
) -> None:
    jars = tmp_path / "jars"
    tools("java", JAVA_17)
    fetch = (
        f'for word; do case $word in -DoutputDirectory=*) out=${{word#*=}};; esac; done; mkdir "$out"; : >"$out/{JAR}"'
    )
    tools("mvn", f"PATH=/bin:/usr/bin; echo fetched >>{tmp_path}/fetches; {fetch}; sleep 0.2; : >$out/last.jar")
    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(lambda _: sorted(path.name for path in artifacts(jars).iterdir()), range(4)))

    assert [sorted([JAR, "last.jar"])] * 4 == seen
    assert "fetched\n" == (tmp_path / "fetches").read_text()


def test_the_pom_and_the_code_name_the_same_version() -> None:
    pom = ET.parse(Path(made_of.__file__).with_name("kafka.pom.xml"))  # noqa: S314 - our own file
    versions = {one.findtext("artifactId"): one.findtext("version") for one in pom.iter("dependency")}

    assert VERSION == versions["kafka_2.13"]


@pytest.mark.parametrize(
    ("required", "code", "said"),
    [
        ("0", 0, "SKIPPED \\[1\\] .*Kafka cannot be started: there is no java"),
        ("1", 1, "CORDON_REQUIRE_KAFKA=1, but Kafka cannot be started: there is no java"),
    ],
    ids=["skipped", "failed"],
)
def test_a_test_without_kafka_is_skipped_by_name_or_fails(required: str, code: int, said: str, tmp_path: Path) -> None:
    asking = "tests/kafka/test_topics.py::test_what_is_made_is_right"
    environment = {name: value for name, value in os.environ.items() if name != "KAFKA_BOOTSTRAP_SERVERS"}
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", asking],
        cwd=REPOSITORY,
        env={**environment, "PATH": str(tmp_path), "CORDON_REQUIRE_KAFKA": required},
        capture_output=True,
        text=True,
        check=False,
    )

    assert code == ended.returncode
    assert re.search(said, ended.stdout), ended.stdout
