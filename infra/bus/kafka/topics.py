"""What each topic must be, so that nothing is lost or reordered on it (rule 19): made so, and looked at ever after."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import NoError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from infra.bus.kafka.client import RECORD_BYTES_MAX, Kafka, agency_topic, messages_topic, receipts_topic
from infra.bus.kafka.cluster import administered

ANSWER_SECONDS_MAX: Final = 10.0
LOOK_SECONDS: Final = 0.05
ROOM_BYTES: Final = 65_536
"""What stands around a record on its topic: its key, its headers, its batch."""

AT_LEAST: Final = frozenset({"max.message.bytes", "min.insync.replicas", "replicas"})
"""Of these more is right too."""


def _ms(time: timedelta) -> str:
    return str(time // timedelta(milliseconds=1))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What topics of one kind must be: settings by Kafka's names. One partition and its replicas go without saying."""

    settings: Mapping[str, str]

    def on(self, replicas: int) -> dict[str, str]:
        """The settings of a topic with so many replicas: from three on, two have a record before it counts."""
        return {**self.settings, "min.insync.replicas": "2" if replicas > 2 else "1"}  # noqa: PLR2004 - as it says


_EVERY_TOPIC: Final = {
    "cleanup.policy": "delete",  # compacting would keep one message a stream
    "retention.bytes": "-1",
    "message.timestamp.type": "LogAppendTime",  # by its own clock Kafka refuses what is an hour ahead
    "unclean.leader.election.enable": "false",  # a replica that is behind would cut off what was acknowledged
    "max.message.bytes": str(RECORD_BYTES_MAX + ROOM_BYTES),
    "compression.type": "producer",
}
MESSAGES: Final = Wanted({**_EVERY_TOPIC, "retention.ms": "-1"})
"""A service's messages: all of them, for ever."""
REPORTS: Final = Wanted(
    {
        **_EVERY_TOPIC,
        "retention.ms": _ms(timedelta(days=7)),
        "segment.ms": _ms(timedelta(days=1)),
        # So that the cluster limits what a record is, not what it was packed into: 48 kB can come to 50 MB.
        "compression.type": "uncompressed",
    }
)
"""What an agency tells us, and the one place where it stands in the clear: a week, in which we are surely up again, and
no longer. Kafka drops whole segments, so these end every day, or a record could stay for two weeks.
"""
RECEIPTS: Final = Wanted({**_EVERY_TOPIC, "retention.ms": _ms(timedelta(days=30))})
"""What became of it, without a word about anybody: a month, for an agency whose own system was down."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something about a topic, or that it is there, is not as it must be. `setting` is Kafka's name for it."""

    topic: str
    setting: str
    is_: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.setting} is {self.is_}, must be {self.wanted}"


@dataclass(frozen=True, slots=True)
class Created:
    """What came of making topics: those that were made, those that were there and are right, and what is wrong."""

    made: tuple[str, ...]
    right: tuple[str, ...]
    wrong: tuple[Wrong, ...]


def topics(site: str, services: Sequence[str], agencies: Sequence[str]) -> dict[str, Wanted]:
    """Every topic of a site, from its services' names and its agencies' codes."""
    wanted = {messages_topic(site, service): MESSAGES for service in services}
    for code in agencies:
        wanted |= {agency_topic(code): REPORTS, receipts_topic(code): RECEIPTS}
    return wanted


async def create(kafka: Kafka, site: str, services: Sequence[str], agencies: Sequence[str], replicas: int) -> Created:
    """Make those topics of a site that are not there, with so many replicas; look at those that are, and change none.

    What was made can be written to at once. Raises UnreachableError.
    """
    wanted = topics(site, services, agencies)
    async with administered(kafka, seconds_max=ANSWER_SECONDS_MAX) as admin:
        there = await _described(admin)
        missing = {topic: kind for topic, kind in wanted.items() if topic not in there}
        made, wrong = await _made(admin, missing, replicas) if missing else ([], [])
        refused = {one.topic for one in wrong}
        found = {topic: kind for topic, kind in wanted.items() if topic not in refused and topic not in made}
        wrong += await _wrong(admin, found, replicas)
    faulty = {one.topic for one in wrong}
    return Created(tuple(made), tuple(topic for topic in found if topic not in faulty), tuple(wrong))


async def check(kafka: Kafka, topic: str, wanted: Wanted, *, replicas: int = 1) -> tuple[Wrong, ...]:
    """What is wrong with a topic, which must have at least so many replicas. Nothing is changed.

    Raises UnreachableError.
    """
    async with administered(kafka, seconds_max=ANSWER_SECONDS_MAX) as admin:
        return tuple(await _wrong(admin, {topic: wanted}, replicas))


async def _made(
    admin: AIOKafkaAdminClient, wanted: Mapping[str, Wanted], replicas: int
) -> tuple[list[str], list[Wrong]]:
    """The topics made here, and those that the cluster would not make. Neither names one that somebody else has made
    meanwhile; the cluster knows them all by now.
    """
    asked = [NewTopic(topic, 1, replicas, topic_configs=kind.on(replicas)) for topic, kind in wanted.items()]
    answer = await admin.create_topics(asked)
    made, wrong = [], []
    for topic, code, reason in answer.topic_errors:
        error = for_code(code)
        if error is NoError:
            made.append(topic)
        elif error is not TopicAlreadyExistsError:
            wrong.append(Wrong(topic, "the topic", f"not made ({reason or error.__name__})", "there"))
    there = wanted.keys() - {one.topic for one in wrong}
    while not _are_led(await _described(admin), there):  # noqa: ASYNC110 - the cluster makes it true
        await asyncio.sleep(LOOK_SECONDS)
    return made, wrong


async def _wrong(admin: AIOKafkaAdminClient, wanted: Mapping[str, Wanted], replicas: int) -> list[Wrong]:
    described = await _described(admin)
    known = [topic for topic in wanted if topic in described]
    settings = await _settings(admin, known) if known else {}
    wrong = [Wrong(topic, "the topic", "not there", "made") for topic in wanted if topic not in settings]
    for topic in settings:
        copies = min(len(part["replicas"]) for part in described[topic])
        is_ = {"partitions": str(len(described[topic])), "replicas": str(copies), **settings[topic]}
        wrong += faults(topic, is_, wanted[topic], replicas=replicas)
    return wrong


def faults(topic: str, is_: Mapping[str, str], wanted: Wanted, *, replicas: int = 1) -> list[Wrong]:
    """What is wrong with a topic, from its settings, `partitions` and `replicas`, of which it must have so many."""
    must_be = {"partitions": "1", "replicas": str(replicas), **wanted.on(int(is_["replicas"]))}
    return [
        Wrong(topic, name, is_.get(name, "unknown"), f"at least {value}" if name in AT_LEAST else value)
        for name, value in must_be.items()
        if not _is_right(name, is_.get(name, "unknown"), value)
    ]


def _is_right(name: str, is_: str, wanted: str) -> bool:
    return is_ == wanted or (name in AT_LEAST and is_.isdecimal() and int(is_) >= int(wanted))


async def _described(admin: AIOKafkaAdminClient) -> dict[str, list[dict[str, Any]]]:
    """The partitions of every topic of the cluster. To ask for one by its name would make it, on a cluster that makes
    topics by itself.
    """
    return {topic["topic"]: topic["partitions"] for topic in await admin.describe_topics()}


def _are_led(described: Mapping[str, list[dict[str, Any]]], topics: Collection[str]) -> bool:
    """Whether the cluster knows these topics by now, and who leads each."""
    return all(topic in described and all(part["leader"] >= 0 for part in described[topic]) for topic in topics)


async def _settings(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> dict[str, dict[str, str]]:
    """What is in force on each topic, by Kafka's names, wherever it was set; of one that is not there, nothing."""
    found: dict[str, dict[str, str]] = {}
    for answer in await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics]):
        for code, _reason, _type, topic, entries, *_ in answer.resources:
            error = for_code(code)
            if error is NoError:
                found[topic] = {name: value for name, value, *_ in entries}
            elif error is not UnknownTopicOrPartitionError:  # another broker may be the last to hear of it
                raise error(topic)
    return found
