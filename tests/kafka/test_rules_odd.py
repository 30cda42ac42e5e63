"""What should not stand on a topic: it is named, and neither loses nor doubles anything."""

from collections.abc import AsyncIterator, Iterator, MutableMapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from structlog.testing import capture_logs

from infra.bus.kafka import relay
from infra.bus.kafka.client import Kafka
from infra.bus.kafka.topics import MESSAGES
from infra.hearing import FORKED, Trouble
from infra.host import Host
from infra.journal.chain import NOTHING, link
from infra.journal.journal import Sent
from tests.kafka.hands import administering, held, lacking, put, put_in_transactions, said, topic_of
from tests.kafka.telling import (
    IMPATIENT,
    counted,
    end_relay,
    eventually,
    findings,
    has_planned,
    tell,
    topics_equal,
    troubles,
    well,
)
from tests.kafka.village import Village, until, village
from tests.kernel.parish.journals import book
from tests.kernel.parish.services import PARISH, SEXTON

CHAPEL: Final = replace(PARISH, name="chapel")
HEARS_BOTH: Final = replace(SEXTON, hears={"parish": SEXTON.hears["parish"], "chapel": SEXTON.hears["parish"]})

Lines = list[MutableMapping[str, Any]]


@pytest.fixture
async def town(tmp_path: Path, keys: Path, kafka: Kafka, site: str) -> AsyncIterator[Village]:
    async with village(tmp_path, keys, kafka.servers, site, "parish", "chapel", "sexton") as found:
        yield found


@pytest.fixture
def lines() -> Iterator[Lines]:
    with capture_logs() as found:
        yield found


def altered(sent: Sent, **given: Any) -> bytes:
    """Another record, made of a message."""
    record = msgspec.json.decode(sent.raw)
    record["data"] |= given.pop("data", {})
    return msgspec.json.encode(record | given)


def forged(after: Sent, hall: str) -> Sent:
    """The message that somebody would say next who knows how it is done."""
    id = after.hash.hex()
    raw = altered(
        after,
        number=after.number + 1,
        id=f"{id[:8]}-{id[8:12]}-5{id[13:16]}-8{id[17:20]}-{id[20:32]}",
        data={"hall": hall},
    )
    return Sent(after.number + 1, link(after.hash, raw), raw)


def odd(lines: Lines, host: Host, topic: str) -> list[tuple[int, str]]:
    """Offsets and codes of the records of a topic that were named in the log; the metric must have counted them too."""
    found = [
        (line["offset"], line["code"]) for line in lines if line["event"] == "odd-record" and line["topic"] == topic
    ]
    for code in ("foreign", "gap", "different"):
        assert [one for _, one in found].count(code) == counted(
            host.metrics, "cordon_odd_records_total", topic=topic, code=code
        )
    return found


async def test_rule_8_what_is_no_message_of_the_source_is_named_and_passed_over(town: Village, lines: Lines) -> None:
    async with town.living(PARISH) as parish, town.living(SEXTON) as sexton:
        topic = topic_of(town.journal("parish"))
        await well(parish, sexton)
        tell(parish, "nave")
        await has_planned(sexton, "nave")
        await topics_equal(town, "parish", "sexton")
        asked_before = counted(sexton.metrics, "cordon_messages_fetched_total", source="parish")
        (nave,) = said(town.journal("parish"))
        (planning,) = said(town.journal("sexton"))
        nested = b'{"a":' + b"[" * 100_000
        elsewhere = altered(nave, source="/cordon/elsewhere/parish", number=2)
        values = [b"no JSON", b"", None, nested, elsewhere, planning.raw]
        await put(town.kafka, topic, *((value, link(nave.hash, value or b"")) for value in values))
        tell(parish, "aisle")
        await has_planned(sexton, "nave", "aisle")

        assert [(offset, "foreign") for offset in range(1, 7)] == odd(lines, sexton, topic)
        assert asked_before == counted(sexton.metrics, "cordon_messages_fetched_total", source="parish")
        assert {} == troubles(sexton) == troubles(parish)
        assert () == findings(town)


async def test_rule_17_a_relay_passes_over_what_is_foreign_at_the_end_of_its_topic(town: Village, lines: Lines) -> None:
    async with town.living(PARISH) as parish:
        topic = topic_of(town.journal("parish"))
        tell(parish, "nave")
        await topics_equal(town, "parish")
    await put(town.kafka, topic, *((value, None) for value in (b"no JSON", None, b'{"a":' + b"[" * 100_000)))
    await put_in_transactions(town.kafka, topic, b"nor this", b"nor that")
    async with town.living(PARISH) as parish:
        await well(parish)
        tell(parish, "aisle")
        await eventually(partial(lacking, town.kafka, town.journal("parish")), lambda found: not found)

        assert {(1, "foreign"), (2, "foreign"), (3, "foreign"), (4, "foreign")} == set(odd(lines, parish, topic))
        assert 1 == counted(parish.metrics, "cordon_messages_relayed_total", service="parish")


async def test_rule_8_a_gap_and_a_message_without_its_hash_are_named_and_asked_of_the_source(
    town: Village, lines: Lines
) -> None:
    """At once: the listeners compare themselves once a day."""
    async with town.living(PARISH) as parish, town.living(SEXTON) as sexton:
        topic = topic_of(town.journal("parish"))
        await well(parish, sexton)
        tell(parish, "nave")
        await has_planned(sexton, "nave")
        await topics_equal(town, "parish")
        await end_relay("parish")
        tell(parish, "aisle", "tower")
        _, aisle, tower = said(town.journal("parish"))
        await put(town.kafka, topic, tower)
        await has_planned(sexton, "nave", "aisle", "tower")
        tell(parish, "porch")
        porch = said(town.journal("parish"))[3]
        await put(town.kafka, topic, (porch.raw, None))
        await has_planned(sexton, "nave", "aisle", "tower", "porch")
        await put(town.kafka, topic, aisle, tower, porch)
        tell(parish, "font")
        await put(town.kafka, topic, said(town.journal("parish"))[4])
        await has_planned(sexton, "nave", "aisle", "tower", "porch", "font")

        assert [(1, "gap"), (2, "different")] == odd(lines, sexton, topic)
        assert () == findings(town)


@pytest.mark.parametrize("is_first", [True, False], ids=["before-the-true-one", "after-it"])
async def test_rule_8_another_message_under_a_number_is_named_and_the_sources_own_is_acted_on(
    town: Village, lines: Lines, *, is_first: bool
) -> None:
    """Its header says another hash than its bytes have, or the true one is known by then."""
    async with town.living(PARISH) as parish, town.living(SEXTON) as sexton:
        topic = topic_of(town.journal("parish"))
        await well(parish, sexton)
        tell(parish, "nave")
        await has_planned(sexton, "nave")
        await topics_equal(town, "parish")
        await end_relay("parish")
        fork = forged(said(town.journal("parish"))[0], "barn")
        tell(parish, "aisle")
        aisle = said(town.journal("parish"))[1]
        both = [(fork.raw, aisle.hash), aisle] if is_first else [aisle, fork]
        await put(town.kafka, topic, *both)
        await has_planned(sexton, "nave", "aisle")
        await until(lambda: odd(lines, sexton, topic))
        tell(parish, "tower")
        await put(town.kafka, topic, said(town.journal("parish"))[2])
        await has_planned(sexton, "nave", "aisle", "tower")

        assert [(1 if is_first else 2, "different")] == odd(lines, sexton, topic)
        assert {} == sexton.runners["sexton"].stopped
        assert () == findings(town)


async def test_rule_8_who_has_acted_on_a_fork_stops_that_source_alone(town: Village, lines: Lines) -> None:
    """Nobody can tell: it is chained to what was heard. It shows as soon as the source says something else."""
    async with (
        town.living(PARISH) as parish,
        town.living(CHAPEL) as chapel,
        town.living(HEARS_BOTH) as sexton,
    ):
        topic = topic_of(town.journal("parish"))
        tell(parish, "nave")
        await has_planned(sexton, "nave")
        await topics_equal(town, "parish")
        await end_relay("parish")
        await put(town.kafka, topic, forged(said(town.journal("parish"))[0], "barn"))
        await has_planned(sexton, "nave", "barn")
        tell(parish, "aisle")
        await put(town.kafka, topic, said(town.journal("parish"))[1])
        await until(lambda: sexton.runners["sexton"].stopped)
        book(town.journal("chapel"), "altar")
        chapel.bus.wake("chapel")
        await has_planned(sexton, "nave", "barn", "altar")

        assert {"parish": Trouble(number=2, code=FORKED)} == sexton.runners["sexton"].stopped
        assert [(2, "different")] == odd(lines, sexton, topic)
        assert [("sexton", "parish", 2, FORKED, "error")] == [
            (line["service"], line["source"], line["number"], line["code"], line["log_level"])
            for line in lines
            if line["event"] == "stopped"
        ]
        assert ["it heard another message 2 of parish than stands there now: parish has forked"] == [
            finding.what for finding in findings(town) if finding.invariant == "what_was_heard_was_said"
        ]


@pytest.mark.parametrize("number", [2, 7], ids=["the-next", "one-beyond"])
async def test_rule_17_a_relay_that_finds_a_fork_at_the_end_of_its_topic_publishes_nothing(
    town: Village, lines: Lines, number: int
) -> None:
    async with town.living(PARISH) as parish:
        topic = topic_of(town.journal("parish"))
        tell(parish, "nave")
        await topics_equal(town, "parish")
        nave = said(town.journal("parish"))[0]
    await put(town.kafka, topic, (altered(nave, number=number), NOTHING))
    before = await held(town.kafka, topic)
    async with town.living(PARISH) as parish, town.living(SEXTON, compare_seconds=IMPATIENT) as sexton:
        await until(lambda: troubles(parish), lambda found: found == {"relay": "forked"})
        tell(parish, "aisle")
        await has_planned(sexton, "nave", "aisle")

        assert before == await held(town.kafka, topic)
        assert {"relay": "forked"} == troubles(parish)
        assert ("failed", "error", "forked") in {
            (line["event"], line["log_level"], line.get("error")) for line in lines if line.get("service") == "parish"
        }
        assert () == findings(town)


async def altering(kafka: Kafka, topic: str, **settings: str) -> None:
    """Let these of a topic's settings be otherwise than they must be, and the others as they must."""
    wanted = MESSAGES.on(1) | {name.replace("_", "."): value for name, value in settings.items()}
    async with administering(kafka) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=wanted)])


async def test_rule_19_a_relay_refuses_a_topic_that_could_lose_or_reorder_and_its_listeners_hear_all_the_same(
    town: Village, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "MEND_SECONDS", 0.5)
    async with town.living(PARISH) as parish:
        topic = topic_of(town.journal("parish"))
    await altering(town.kafka, topic, retention_ms="604800000", cleanup_policy="compact")
    async with town.living(PARISH) as parish, town.living(SEXTON, compare_seconds=IMPATIENT) as sexton:
        await until(lambda: troubles(parish), lambda found: found == {"relay": "topic-wrong"})
        tell(parish, "nave")
        await has_planned(sexton, "nave")

        assert [] == await held(town.kafka, topic)
        assert {"cleanup.policy", "retention.ms"} == {
            line["setting"] for line in lines if line["event"] == "topic-wrong" and line["topic"] == topic
        }

        await altering(town.kafka, topic)
        await well(parish, sexton)
        await topics_equal(town, "parish")
        tell(parish, "aisle")
        await has_planned(sexton, "nave", "aisle")

        assert () == findings(town)
