"""Rule 14 of the protocol: what a service comes to hear, it learns from the start, once, and tells nobody of."""

from dataclasses import replace
from pathlib import Path

from infra.service import Service
from tests.kernel.parish.events import FloorWaxed, HallBooked, HallFreed, HallSwept, SweepingPlanned
from tests.kernel.parish.hall import FreeHall
from tests.kernel.parish.journals import NOW, book, events, say
from tests.kernel.parish.running import at_work, has_begun, heard, until
from tests.kernel.parish.services import ITSELF, PARISH, SEXTON

FREED_ALONE = replace(SEXTON, hears={"parish": (HallFreed,)})
BOOKED_TOO = replace(SEXTON, hears={"parish": (HallFreed, HallBooked)})
NOBODY = replace(SEXTON, hears={})


async def has_heard(directory: Path, service: Service, number: int) -> None:
    async with at_work(directory, PARISH, service) as (_, sexton):
        await has_begun(sexton)

        assert await heard(sexton, number)


async def test_rule_14_a_new_kind_is_caught_up_with_once_and_nobody_is_told(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH) as (parish,):
        book(parish.journal, "nave", "aisle")
        say(parish.journal, FreeHall(hall="nave", now=NOW), "free")
    await has_heard(tmp_path, FREED_ALONE, 3)
    for _ in range(2):
        await has_heard(tmp_path, BOOKED_TOO, 3)
    async with at_work(tmp_path, PARISH, BOOKED_TOO) as (parish, sexton):
        book(parish.journal, "tower")
        parish.bus.wake("parish")

        assert await heard(sexton, 4)
        assert [("nave", False), ("aisle", False), ("tower", True)] == [
            (event.hall, event.is_told) for event in events(sexton.journal, SweepingPlanned)
        ]
        assert 1 == len(events(sexton.journal, HallSwept))


async def test_rule_14_a_new_source_of_an_old_installation_is_old_up_to_its_head(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, NOBODY) as (parish, _):
        book(parish.journal, "nave")
    async with at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
        assert await heard(sexton, 1)

        book(parish.journal, "aisle")
        parish.bus.wake("parish")

        assert await heard(sexton, 2)
        assert [("nave", False), ("aisle", True)] == [
            (event.hall, event.is_told) for event in events(sexton.journal, SweepingPlanned)
        ]


async def test_rule_14_a_service_hears_itself_in_the_same_way(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
        book(parish.journal, "nave")
        parish.bus.wake("parish")

        assert await heard(sexton, 1)

    for _ in range(2):
        hears_itself = replace(SEXTON, hears={**SEXTON.hears, "sexton": ITSELF})
        async with at_work(tmp_path, PARISH, hears_itself) as (parish, sexton):
            await until(lambda runner=sexton: 1 == len(events(runner.journal, FloorWaxed)))  # type: ignore[misc]
            await until(lambda bus=parish.bus: bus.head("sexton").is_settled)  # type: ignore[misc]

            assert (1, 1) == (len(events(sexton.journal, HallSwept)), len(events(sexton.journal, FloorWaxed)))
