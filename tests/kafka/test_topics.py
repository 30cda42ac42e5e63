"""Rule 19: topics are made as they must be, and one that could lose or reorder what it is given is named."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

import pytest
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from infra.bus.kafka.client import Kafka, messages_topic
from infra.bus.kafka.cluster import UnreachableError, administered, brokers
from infra.bus.kafka.topics import MESSAGES, RECEIPTS, REPORTS, Wanted, Wrong, check, create, faults, topics
from tests.broker import one_broker
from tests.house.tree import REPOSITORY

SECONDS_MAX: Final = 30.0
SERVICES: Final = ("intake", "casework")


async def made(kafka: Kafka, topic: str, settings: Mapping[str, str], *, partitions: int = 1) -> str:
    """A topic that somebody made by hand, as soon as the cluster knows it."""
    async with administered(kafka, seconds_max=SECONDS_MAX) as admin:
        await admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=dict(settings))])
        while topic not in await admin.list_topics():  # noqa: ASYNC110 - the cluster makes it true
            await asyncio.sleep(0.02)
    return topic


async def as_it_is(kafka: Kafka, topic: str) -> object:
    """Everything that can be read of a topic."""
    async with administered(kafka, seconds_max=SECONDS_MAX) as admin:
        (settings,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        return settings.resources, [one for one in await admin.describe_topics() if one["topic"] == topic]


async def test_what_is_made_is_right(kafka: Kafka, site: str) -> None:
    wanted = topics(site, SERVICES, [site])
    created = await create(kafka, site, SERVICES, [site], 1)

    assert (tuple(wanted), (), ()) == (created.made, created.right, created.wrong)
    assert [f"cordon.{site}.intake", f"cordon.{site}.casework", f"agency.{site}", f"agency.{site}.receipts"] == list(
        wanted
    )
    assert [()] * 4 == [await check(kafka, topic, kind) for topic, kind in wanted.items()]


async def test_what_is_made_can_be_written_to_at_once(kafka: Kafka, site: str) -> None:
    created = await create(kafka, site, SERVICES, [], 1)
    producer = kafka.producer()
    await producer.start()
    try:
        offsets = [(await producer.send_and_wait(topic, b"first", key=b"key")).offset for topic in created.made]
    finally:
        await producer.stop()

    assert [0, 0] == offsets


async def test_making_them_again_changes_nothing(kafka: Kafka, site: str) -> None:
    first = await create(kafka, site, SERVICES, [site], 1)
    before = [await as_it_is(kafka, topic) for topic in first.made]
    again = await create(kafka, site, SERVICES, [site], 1)

    assert ((), first.made, ()) == (again.made, again.right, again.wrong)
    assert before == [await as_it_is(kafka, topic) for topic in first.made]


async def test_two_may_make_them_at_once(kafka: Kafka, site: str) -> None:
    one, other = await asyncio.gather(
        create(kafka, site, SERVICES, [site], 1), create(kafka, site, SERVICES, [site], 1)
    )

    assert sorted(topics(site, SERVICES, [site])) == sorted({*one.made, *other.made})
    assert () == one.wrong + other.wrong


@pytest.mark.parametrize(
    ("kind", "setting", "is_", "wanted"),
    [
        (MESSAGES, "cleanup.policy", "compact", "delete"),
        (MESSAGES, "cleanup.policy", "compact,delete", "delete"),
        (MESSAGES, "retention.ms", "604800000", "-1"),
        (MESSAGES, "retention.bytes", "1073741824", "-1"),
        (MESSAGES, "message.timestamp.type", "CreateTime", "LogAppendTime"),
        (MESSAGES, "unclean.leader.election.enable", "true", "false"),
        (MESSAGES, "max.message.bytes", "100000", "at least 1114112"),
        (MESSAGES, "compression.type", "gzip", "producer"),
        (REPORTS, "retention.ms", "-1", "604800000"),
        (REPORTS, "segment.ms", "604800000", "86400000"),
        (RECEIPTS, "retention.ms", "604800000", "2592000000"),
    ],
    ids=lambda value: "" if isinstance(value, Wanted) else value,
)
async def test_a_wrong_setting_is_named(
    kafka: Kafka, site: str, kind: Wanted, setting: str, is_: str, wanted: str
) -> None:
    topic = await made(kafka, messages_topic(site, "intake"), {**kind.on(1), setting: is_})

    assert (Wrong(topic, setting, is_, wanted),) == await check(kafka, topic, kind)


async def test_more_room_than_is_needed_is_right(kafka: Kafka, site: str) -> None:
    topic = await made(kafka, messages_topic(site, "intake"), {**MESSAGES.on(1), "max.message.bytes": "9000000"})

    assert () == await check(kafka, topic, MESSAGES)


async def test_more_than_one_partition_is_named(kafka: Kafka, site: str) -> None:
    topic = await made(kafka, messages_topic(site, "intake"), MESSAGES.on(1), partitions=2)

    assert (Wrong(topic, "partitions", "2", "1"),) == await check(kafka, topic, MESSAGES)


async def test_fewer_replicas_than_asked_for_are_named(kafka: Kafka, site: str) -> None:
    topic = await made(kafka, messages_topic(site, "intake"), MESSAGES.on(1))

    assert (Wrong(topic, "replicas", "1", "at least 3"),) == await check(kafka, topic, MESSAGES, replicas=3)


def test_of_three_replicas_two_must_have_a_record_before_it_counts() -> None:
    is_ = {**MESSAGES.on(3), "partitions": "1", "replicas": "3"}

    assert "2" == is_["min.insync.replicas"]
    assert [] == faults("cordon.northmere.intake", is_, MESSAGES)
    assert ["min.insync.replicas is 1, must be at least 2"] == [
        str(one) for one in faults("cordon.northmere.intake", {**is_, "min.insync.replicas": "1"}, MESSAGES)
    ]


async def test_everything_that_is_wrong_with_a_topic_made_by_hand_is_named(kafka: Kafka, site: str) -> None:
    topic = await made(kafka, messages_topic(site, "intake"), {}, partitions=4)

    assert {
        "partitions",
        "retention.ms",
        "message.timestamp.type",
        "max.message.bytes",
    } == {one.setting for one in await check(kafka, topic, MESSAGES)}


async def test_a_topic_that_is_wrong_is_named_and_left_as_it_is(kafka: Kafka, site: str) -> None:
    topic = await made(kafka, messages_topic(site, "intake"), {**MESSAGES.on(1), "cleanup.policy": "compact"})
    before = await as_it_is(kafka, topic)
    created = await create(kafka, site, SERVICES, [], 1)

    assert ((messages_topic(site, "casework"),), ()) == (created.made, created.right)
    assert ["cleanup.policy is compact, must be delete"] == [str(one) for one in created.wrong]
    assert before == await as_it_is(kafka, topic)


async def test_a_topic_that_the_cluster_refuses_is_named_with_its_reason(site: str) -> None:
    with one_broker() as broker:
        created = await create(Kafka(broker.servers), site, ["intake"], [], 3)

    assert ((), ()) == (created.made, created.right)
    assert ["the topic"] == [one.setting for one in created.wrong]
    assert "replication factor of 3 cannot be reached" in created.wrong[0].is_


async def test_a_topic_that_is_not_there_is_named_and_not_made_by_looking_for_it(site: str) -> None:
    topic = messages_topic(site, "intake")
    with one_broker("auto.create.topics.enable=true") as broker:
        kafka = Kafka(broker.servers)

        assert (Wrong(topic, "the topic", "not there", "made"),) == await check(kafka, topic, MESSAGES)

        async with administered(kafka, seconds_max=SECONDS_MAX) as admin:
            assert topic not in await admin.list_topics()


async def test_a_cluster_that_nobody_listens_for_is_named() -> None:
    with pytest.raises(UnreachableError, match=r"^Kafka at 127\.0\.0\.1:9 cannot be reached \(KafkaConnectionError\)$"):
        await brokers(Kafka("127.0.0.1:9"), seconds_max=SECONDS_MAX)


async def test_a_cluster_that_never_answers_is_waited_for_so_long_and_no_longer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        servers = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(UnreachableError, match=rf"^Kafka at {servers} did not answer within 0\.2 seconds$"):
            await brokers(Kafka(servers), seconds_max=0.2)


def topics_create(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`cordon topics create`, with these settings and none of whoever runs the tests."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CORDON_")}
    return subprocess.run(
        [sys.executable, "-m", "services", "topics", "create", *arguments],
        cwd=REPOSITORY,
        env=inherited | {f"CORDON_{name.upper()}": value for name, value in settings.items()},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_makes_every_topic_and_says_a_line_for_each(kafka: Kafka, site: str) -> None:
    ended = topics_create("--replicas", "1", kafka=kafka.servers, site=site)
    lines = [line.split(maxsplit=1) for line in ended.stdout.splitlines()]

    assert (0, "") == (ended.returncode, ended.stderr)
    assert 6 == len([name for name, said in lines if name.startswith(f"cordon.{site}.") and said == "made"])
    assert ["agency.northmere-police", "agency.northmere-police.receipts"] == [
        name for name, said in lines if name.startswith("agency.northmere-police") and said in {"made", "is right"}
    ]

    again = topics_create("--replicas", "1", kafka=kafka.servers, site=site)

    assert {"is right"} == {line.split(maxsplit=1)[1] for line in again.stdout.splitlines()}


async def test_the_command_names_what_is_wrong_and_exits_1(kafka: Kafka, site: str) -> None:
    topic = await made(kafka, messages_topic(site, "intake"), {**MESSAGES.on(1), "retention.ms": "1000"}, partitions=2)
    ended = topics_create("--replicas", "1", kafka=kafka.servers, site=site)
    words = "wrong: partitions is 2, must be 1; retention.ms is 1000, must be -1"

    assert 1 == ended.returncode
    assert [words] == [line.split(maxsplit=1)[1] for line in ended.stdout.splitlines() if line.startswith(topic)]

    said = json.loads(topics_create("--replicas", "1", "--json", kafka=kafka.servers, site=site).stdout)

    assert [("partitions", "2", "1"), ("retention.ms", "1000", "-1")] == [
        (one["setting"], one["is"], one["wanted"]) for one in said["wrong"]
    ]
    assert topic not in said["right"]
    assert [] == said["made"]


@pytest.mark.parametrize(
    ("kafka", "said"),
    [
        ("127.0.0.1:9", "cordon: Kafka at 127.0.0.1:9 cannot be reached (KafkaConnectionError)\n"),
        ("", "cordon: CORDON_KAFKA must say where Kafka is: host:port, with commas between\n"),
    ],
    ids=["unreachable", "unset"],
)
def test_the_command_without_a_cluster_says_one_line_and_exits_2(kafka: str, said: str) -> None:
    ended = topics_create(kafka=kafka)

    assert (2, "", said) == (ended.returncode, ended.stdout, ended.stderr)
