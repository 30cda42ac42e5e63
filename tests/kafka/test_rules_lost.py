"""What a broker loses after it said that it has it: the relay sees to it that the topic holds it again."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from infra.bus.kafka.client import Kafka, messages_topic
from infra.deploy.broker import Broker
from tests.broker import unused_site
from tests.kafka.hands import cut, deleted, emptied, lacking, made, put, said, topic_of, unlike
from tests.kafka.telling import (
    IMPATIENT,
    end_relay,
    eventually,
    findings,
    has_planned,
    tell,
    topics_equal,
    well,
)
from tests.kafka.village import Village, village
from tests.kernel.parish.services import PARISH, SEXTON


@pytest.fixture
async def town(tmp_path: Path, keys: Path, kafka: Kafka, site: str) -> AsyncIterator[Village]:
    async with village(tmp_path, keys, kafka.servers, site, "parish", "sexton") as found:
        yield found


async def test_rule_17_what_the_broker_lost_is_published_again_whether_the_relay_ran_or_was_restarted_meanwhile(
    tmp_path: Path, keys: Path, shaken_broker: Broker
) -> None:
    """Of the parish's topic while its relay runs on; of the sexton's while he is away."""
    async with (
        village(tmp_path, keys, shaken_broker.servers, unused_site(), "parish", "sexton") as town,
        town.living(PARISH) as parish,
    ):
        async with town.living(SEXTON) as sexton:
            tell(parish, "nave")
            await has_planned(sexton, "nave")
            await topics_equal(town, "parish", "sexton")
            tell(parish, "aisle")
            await has_planned(sexton, "nave", "aisle")
            await topics_equal(town, "parish", "sexton")
        tell(parish, "tower")
        await topics_equal(town, "parish")
        await asyncio.to_thread(shaken_broker.stop)
        for service in ("parish", "sexton"):
            cut(shaken_broker.directory, messages_topic(town.site, service))
        await asyncio.to_thread(shaken_broker.start)
        async with town.living(SEXTON) as sexton:
            await has_planned(sexton, "nave", "aisle", "tower")
            await topics_equal(town, "parish", "sexton")

            assert () == findings(town)


async def test_rule_17_what_was_put_behind_a_lost_message_hides_no_hole(
    tmp_path: Path, keys: Path, shaken_broker: Broker
) -> None:
    """The relay had sent the next one already, and was never told that it arrived: so it seems to stand at the end."""
    async with (
        village(tmp_path, keys, shaken_broker.servers, unused_site(), "parish") as town,
        town.living(PARISH) as parish,
    ):
        for hall in ("nave", "aisle"):
            tell(parish, hall)
            await topics_equal(town, "parish")
        await asyncio.to_thread(shaken_broker.stop)
        cut(shaken_broker.directory, topic_of(town.journal("parish")))
        tell(parish, "tower")
        with Broker(shaken_broker.directory) as elsewhere:
            await put(Kafka(elsewhere.servers), topic_of(town.journal("parish")), said(town.journal("parish"))[2])
        await asyncio.to_thread(shaken_broker.start)
        await eventually(partial(lacking, town.kafka, town.journal("parish")), lambda found: not found)

        assert ["offset 1 holds message 3 where message 2 should come first"] == await unlike(
            town.kafka, town.journal("parish")
        )


async def test_rule_17_a_topic_that_is_made_anew_in_mid_run_holds_every_message_again(town: Village) -> None:
    async with town.living(PARISH) as parish, town.living(SEXTON) as sexton:
        tell(parish, "nave", "aisle", "tower")
        await has_planned(sexton, "nave", "aisle", "tower")
        await topics_equal(town, "parish", "sexton")
        await deleted(town.kafka, town.site, "parish")
        await made(town.kafka, town.site, "parish")
        tell(parish, "porch")
        await has_planned(sexton, "nave", "aisle", "tower", "porch")
        await eventually(partial(lacking, town.kafka, town.journal("parish")), lambda found: not found)
        await well(parish, sexton)

        assert () == findings(town)


@pytest.mark.parametrize("regrown", [2, 5], ids=["below-the-old-offset", "above-it"])
async def test_rule_10_a_topic_that_is_made_anew_and_regrown_neither_loses_nor_doubles(
    town: Village, regrown: int
) -> None:
    """By hand, with the relay held: so that what the reader finds at its old offset is nothing, or another message."""
    async with town.living(PARISH) as parish, town.living(SEXTON, compare_seconds=IMPATIENT) as sexton:
        tell(parish, "nave", "aisle", "tower")
        await has_planned(sexton, "nave", "aisle", "tower")
        await end_relay("parish")
        tell(parish, "porch", "font")
        await deleted(town.kafka, town.site, "parish")
        await made(town.kafka, town.site, "parish")
        await put(town.kafka, topic_of(town.journal("parish")), *said(town.journal("parish"))[:regrown])
        await has_planned(sexton, "nave", "aisle", "tower", "porch", "font")
        tell(parish, "vestry")
        await has_planned(sexton, "nave", "aisle", "tower", "porch", "font", "vestry")

        assert () == findings(town)

    async with town.living(PARISH):
        await topics_equal(town, "parish")


async def test_rule_10_a_topic_that_is_emptied_costs_nobody_a_message(town: Village) -> None:
    """Neither a listener who has read it, nor one who begins only then, nor what is said afterwards."""
    async with town.living(PARISH) as parish:
        async with town.living(SEXTON) as sexton:
            tell(parish, "nave")
            await has_planned(sexton, "nave")
        tell(parish, "aisle", "tower")
        await topics_equal(town, "parish")
        await emptied(town.kafka, topic_of(town.journal("parish")))
        async with town.living(SEXTON) as sexton:
            await has_planned(sexton, "nave", "aisle", "tower")
            tell(parish, "porch")
            await has_planned(sexton, "nave", "aisle", "tower", "porch")
            await well(parish, sexton)

            assert () == findings(town)
            assert [1, 2, 3] == await lacking(town.kafka, town.journal("parish"))
