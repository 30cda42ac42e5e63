"""Rule 12 at the gate: while the victims' side cannot be heard to its present head, no agency is asked to act."""

from pathlib import Path
from time import perf_counter

import pytest

from schemas.casework import CaseAllocated
from schemas.event import Event
from schemas.intake import VictimNamed
from schemas.victim_liaison import ClearanceSuspended, WorkerAssigned
from tests.gate.journey import JOAN, Journey, authorised
from tests.installation import (
    COORDINATOR,
    LEAD,
    LENA,
    MAY,
    OTHER_CASE_MANAGER,
    Installation,
    installed,
    poisoned,
    without,
)

HEAR_SECONDS_MAX = 1.0
UNREACHABLE = "victim-liaison-unreachable"


async def left_at_the_gate(directory: Path) -> Journey:
    """Cleared and authorised, in an installation that has ended since."""
    async with installed(directory) as there:
        return await authorised(there)


async def test_unreachable_and_back(tmp_path: Path) -> None:
    async with installed(tmp_path, hear_seconds_max=HEAR_SECONDS_MAX) as there:
        journey = await authorised(there)
        with there.unreachable("victim_liaison"):
            refusals = await journey.refused(UNREACHABLE)
        await there.settled()
        task = await journey.task()

        assert (UNREACHABLE,) == refusals, "the last clearance it gave is not enough"
        assert [(task, "tasked")] == await journey.tasks()


async def test_not_running_and_back(tmp_path: Path) -> None:
    before = await left_at_the_gate(tmp_path)
    async with installed(tmp_path, services=without("victim_liaison"), hear_seconds_max=HEAR_SECONDS_MAX) as there:
        await before.gone_on(there).refused(UNREACHABLE)
    async with installed(tmp_path) as there:
        journey = before.gone_on(there)

        assert [(await journey.task(), "tasked")] == await journey.tasks()


async def test_a_victim_named_while_it_was_not_running_is_asked_about_when_it_is_back(tmp_path: Path) -> None:
    before = await left_at_the_gate(tmp_path)
    async with installed(tmp_path, services=without("victim_liaison"), hear_seconds_max=HEAR_SECONDS_MAX) as there:
        await before.gone_on(there).tell_of(JOAN)
    async with installed(tmp_path) as there:
        await before.gone_on(there).refused("clearance-suspended")


async def test_it_cannot_say_that_it_knows_all_while_what_it_hears_cannot_be_reached(tmp_path: Path) -> None:
    """Somebody may have told intake of one more victim."""
    async with installed(tmp_path, hear_seconds_max=HEAR_SECONDS_MAX) as there:
        journey = await authorised(there)
        with there.unreachable("intake"):
            await journey.refused(UNREACHABLE)


async def test_behind_what_was_said_to_it_the_answer_comes_within_the_set_time(tmp_path: Path) -> None:
    async with installed(tmp_path, hear_seconds_max=HEAR_SECONDS_MAX) as there:
        journey = await authorised(there)
        async with there.held("victim_liaison"):
            await journey.tell_of(JOAN)
            said = await there.until(lambda: repeat_is_known(journey))
            started = perf_counter()
            await journey.refused(UNREACHABLE)
            seconds = perf_counter() - started
        await there.settled()

        assert said
        assert HEAR_SECONDS_MAX <= seconds < HEAR_SECONDS_MAX + 10
        await journey.refused("clearance-suspended")


async def repeat_is_known(journey: Journey) -> bool:
    """Whether casework has heard of the second referral: then intake has said whom it names, too."""
    case = await journey.by(COORDINATOR).read(f"/cases/{journey.person}")
    return len(case["referrals"]) == 2


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param("victim_liaison", VictimNamed, id="it cannot act on what intake says"),
        pytest.param("victim_liaison", CaseAllocated, id="it cannot act on what casework says"),
        pytest.param("victim_liaison", WorkerAssigned, id="it cannot act on what it says itself"),
        pytest.param("disruption", ClearanceSuspended, id="disruption cannot act on what it says"),
    ],
)
async def test_stopped_until_somebody_has_seen_to_it(tmp_path: Path, name: str, kind: type[Event]) -> None:
    before = await left_at_the_gate(tmp_path)
    async with installed(tmp_path, services=poisoned(name, kind), hear_seconds_max=HEAR_SECONDS_MAX) as there:
        journey = before.gone_on(there)
        await there.by(COORDINATOR).say(f"/cases/{journey.person}/allocation", {"worker": OTHER_CASE_MANAGER})
        await journey.tell_of(JOAN)
        await there.by(LEAD).say(f"/victims/{journey.victims[0]}/worker", {"worker": MAY})
        await there.by(LEAD).say(f"/victims/{journey.victims[0]}/worker", {"worker": LENA})
        health = await there.until(lambda: is_stopped(there, name))
        await journey.refused(UNREACHABLE, by=COORDINATOR)
    async with installed(tmp_path) as there:
        journey = before.gone_on(there)
        await there.settled()
        await journey.refused("clearance-suspended", by=COORDINATOR)

        assert ["ZeroDivisionError"] == list(health.values())
        assert {} == await is_stopped(there, name)


async def is_stopped(there: Installation, name: str) -> dict[str, str]:
    """What this service has stopped hearing, with the code; as anybody sees it who asks whether all is well."""
    answer = await there.http.get("/health/readiness")
    stopped: dict[str, dict[str, str]] = answer.json()["stopped"]

    assert any(stopped.values()) is (answer.status_code == 503)
    return stopped[name]
