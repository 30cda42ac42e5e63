"""Services that ask each other while a topic is late, and hear a topic while they cannot ask each other."""

import socket
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Final

import pytest

from infra.bus.kafka.client import Kafka
from infra.runner import Runner
from infra.service import Ask, Heard, Known, Note
from tests.kafka.telling import (
    IMPATIENT,
    beside,
    counted,
    end_relay,
    findings,
    has_planned,
    planned,
    tell,
    topics_equal,
    troubles,
    well,
)
from tests.kafka.village import ADDRESS, Village, until, village
from tests.kernel.parish.events import SweepingPlanned
from tests.kernel.parish.journals import book
from tests.kernel.parish.services import PARISH, SEXTON, react

VICAR: Final = replace(SEXTON, name="vicar", hears={"sexton": (SweepingPlanned,)})
HELD_SECONDS_MAX: Final = 20
HEAR_SECONDS: Final = 1.0


@pytest.fixture
async def town(tmp_path: Path, keys: Path, kafka: Kafka, site: str) -> AsyncIterator[Village]:
    async with village(tmp_path, keys, kafka.servers, site, "parish", "sexton", "vicar") as found:
        yield found


@contextmanager
def silent(town: Village, service: str) -> Iterator[None]:
    """In the place of a service somebody takes every connection and never answers, like one that is frozen."""
    port = int(town.peer_url(service).rpartition(":")[2])
    with socket.create_server((ADDRESS, port)):
        yield


def tell_beside(parish: Runner, *halls: str) -> None:
    """As `tell`, in a process that nobody can ask."""
    book(parish.journal, *halls)
    parish.bus.wake("parish")


async def test_rule_12_what_is_not_on_the_topic_yet_is_heard_before_a_decision(town: Village) -> None:
    """The relay is held, and nothing wakes the listener: only the head tells that there is something."""
    async with town.living(PARISH) as parish, town.living(SEXTON) as sexton:
        await well(parish, sexton)
        tell(parish, "nave")
        await has_planned(sexton, "nave")
        await end_relay("parish")
        book(town.journal("parish"), "aisle")
        before = planned(sexton)
        is_heard = await sexton.runners["sexton"].hear_to_head("parish")

        assert (["nave"], True, ["nave", "aisle"]) == (before, is_heard, planned(sexton))
        assert () == findings(town)


async def test_rule_12_a_peer_that_is_behind_is_waited_for_and_one_that_cannot_say_so_is_refused_in_time(
    town: Village,
) -> None:
    """The vicar hears the sexton, who hears the parish. It is their own answers over HTTP that say how they stand."""
    goes_on = Event()

    def held_up(heard: Heard, known: Known) -> Sequence[Note | Ask]:
        assert goes_on.wait(HELD_SECONDS_MAX)
        return react(heard, known)

    async with town.living(VICAR, hear_seconds_max=HEAR_SECONDS) as hearing:
        vicar = hearing.runners["vicar"]
        async with town.living(replace(SEXTON, react=held_up)) as sexton:
            async with town.living(PARISH) as parish:
                await well(parish, sexton, hearing)
                tell(parish, "nave")
                await until(lambda: sexton.bus.known("parish"))
                while_held = await vicar.hear_to_head("sexton")
                goes_on.set()
                afterwards = await vicar.hear_to_head("sexton")

                assert (False, True) == (while_held, afterwards)
                assert 1 == (await vicar.listeners["sexton"].place()).number

            without_the_parish = await vicar.hear_to_head("sexton")
        with silent(town, "sexton"):
            asked_at = time.monotonic()
            of_one_that_is_frozen = await vicar.hear_to_head("sexton")
            took = time.monotonic() - asked_at

    assert (False, False) == (without_the_parish, of_one_that_is_frozen)
    assert took < 2 * HEAR_SECONDS


async def test_rule_10_while_a_source_cannot_be_asked_what_its_topic_brings_is_heard(town: Village) -> None:
    """Also by a listener that begins then. As soon as it can ask, it learns what the topic has kept from it."""
    async with town.living(PARISH) as parish, town.living(SEXTON) as sexton:
        tell(parish, "nave")
        await has_planned(sexton, "nave")
        await topics_equal(town, "parish")
    async with beside(town, PARISH) as parish_alone, town.living(SEXTON) as sexton:
        tell_beside(parish_alone, "aisle")
        await has_planned(sexton, "nave", "aisle")
        tell_beside(parish_alone, "tower")
        await has_planned(sexton, "nave", "aisle", "tower")

        assert {} == troubles(sexton)
        assert 0 == counted(sexton.metrics, "cordon_messages_fetched_total", source="parish")

        await end_relay("parish")
        tell_beside(parish_alone, "porch")
        async with town.living(PARISH) as parish:
            await end_relay("parish")
            await has_planned(sexton, "nave", "aisle", "tower", "porch")

            assert () == findings(town)


async def test_rule_10_where_neither_answers_it_is_tried_again_with_pauses_and_nothing_is_lost(town: Village) -> None:
    """Nobody is at the parish, and its topic holds nothing more: what was said there waits for both."""
    async with town.living(PARISH) as parish, town.living(SEXTON) as sexton:
        tell(parish, "nave")
        await has_planned(sexton, "nave")
    async with town.living(PARISH) as parish:
        await end_relay("parish")
        book(town.journal("parish"), "aisle")
    async with town.living(SEXTON, compare_seconds=IMPATIENT) as sexton:
        await until(lambda: counted(sexton.metrics, "cordon_retries_total", source="parish"), lambda found: found > 2)

        assert ["nave"] == planned(sexton)

        async with town.living(PARISH) as parish:
            await has_planned(sexton, "nave", "aisle")
            await topics_equal(town, "parish", "sexton")
            await well(parish, sexton)

            assert () == findings(town)


async def test_rule_10_a_source_that_was_never_reached_is_not_the_clusters_fault(town: Village) -> None:
    """From where on it is to be heard only the source can say: what it said before is old, and nobody is told of it."""
    async with town.living(SEXTON, compare_seconds=IMPATIENT) as sexton:
        await well(sexton)
        async with town.living(PARISH) as parish:
            await well(parish)
            tell(parish, "nave")
            await has_planned(sexton, "nave")

            assert () == findings(town)
