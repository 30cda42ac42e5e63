"""SR-6 and the two walls at the gate: a second person answers for an action, and nobody acts where they may not."""

import asyncio
from typing import Any

import pytest

from services.casework.domain.refusals import REFUSALS as CASEWORK_SAYS
from services.disruption.domain.action_commands import AuthoriseAction
from services.victim_liaison.domain.refusals import REFUSALS as LIAISON_SAYS
from tests.gate.journey import BLOCK, RUTH, WING, Journey, assert_refused, authorised, consulted
from tests.installation import (
    CASE_MANAGER,
    COORDINATOR,
    LEAD,
    LENA,
    MAY,
    OTHER_CASE_MANAGER,
    PRACTICE_MANAGER,
    TWO_HATS,
    Installation,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_what_nobody_has_authorised_reaches_no_agency(there: Installation) -> None:
    journey = await consulted(there)
    await journey.answer()

    assert ("not-authorised",) == await journey.refused("not-authorised")


async def test_nobody_authorises_what_they_proposed(there: Installation) -> None:
    journey = Journey(there)
    await journey.refer(RUTH)
    await journey.allocate()
    await journey.assign()
    await journey.propose(by=PRACTICE_MANAGER)
    await journey.answer()
    answer = await there.by(PRACTICE_MANAGER).post(f"/actions/{journey.action}/authorise", {"version": 1})

    assert_refused(answer, "authoriser-is-author")
    assert ("authoriser-is-author",) == await journey.explained(AuthoriseAction, "authoriser-is-author")
    await journey.refused("not-authorised")


async def test_nobody_authorises_what_they_changed_nor_another_version_than_they_read(there: Installation) -> None:
    journey = await consulted(there)
    changed = {"version": 1, **WING, "plan": "He will take it for a search after a fight on the wing."}
    await there.by(PRACTICE_MANAGER).say(f"/actions/{journey.action}/change", changed)
    await there.settled()
    await journey.answer(version=2)
    of_the_old_one = await there.by(PRACTICE_MANAGER).post(f"/actions/{journey.action}/authorise", {"version": 1})
    of_their_own = await there.by(PRACTICE_MANAGER).post(f"/actions/{journey.action}/authorise", {"version": 2})

    assert_refused(of_the_old_one, "version-stale", 412)
    assert_refused(of_their_own, "authoriser-is-author")


async def test_nothing_is_authorised_before_it_is_cleared(there: Installation) -> None:
    journey = await consulted(there)
    early = await there.by(PRACTICE_MANAGER).post(f"/actions/{journey.action}/authorise", {"version": 1})

    assert_refused(early, "clearance-missing")
    assert ("clearance-missing",) == await journey.explained(AuthoriseAction, "clearance-missing")


async def test_only_a_practice_manager_authorises(there: Installation) -> None:
    journey = await consulted(there)
    await journey.answer()
    nowhere = await there.by(PRACTICE_MANAGER).post("/actions/nowhere/authorise", {"version": 1})
    for id in (CASE_MANAGER, COORDINATOR, OTHER_CASE_MANAGER, LEAD, LENA):
        answer = await there.by(id).post(f"/actions/{journey.action}/authorise", {"version": 1})

        assert (404, nowhere.content) == (answer.status_code, answer.content)
    await journey.refused("not-authorised")


@pytest.mark.parametrize(
    ("verdict", "code"), [(None, "clearance-missing"), ("objected", "clearance-objected")], ids=["silence", "objection"]
)
async def test_sr_6_what_points_to_her_needs_her_sides_own_agreement(
    there: Installation, verdict: str | None, code: str
) -> None:
    journey = await consulted(there, plan=BLOCK)
    if verdict is not None:
        await journey.answer(verdict)
    refusals = await journey.refused(code)
    authorising = await there.by(PRACTICE_MANAGER).post(f"/actions/{journey.action}/authorise", {"version": 1})
    shown = await there.by(CASE_MANAGER).read(f"/actions/{journey.action}")

    assert (code, "not-authorised", "points-to-victim-without-agreement") == refusals
    assert_refused(authorising, code)
    assert (code, "points-to-victim-without-agreement") == await journey.explained(AuthoriseAction, code)
    assert refusals == tuple(each["code"] for each in shown["missing"])


async def test_sr_6_what_points_to_her_goes_ahead_once_her_step_is_done(there: Installation) -> None:
    journey = await consulted(there, plan=BLOCK)
    await journey.answer("agreed-with-conditions", conditions=["alarm-in-place"])
    refusals = await journey.refused("conditions-not-met")
    await journey.meet("alarm-in-place")
    await journey.authorise()

    assert ("conditions-not-met", "not-authorised", "points-to-victim-without-agreement") == refusals
    assert [(await journey.task(), "tasked")] == await journey.tasks()


async def test_sr_6_no_plan_makes_what_he_is_told_of_look_like_chance(there: Installation) -> None:
    journey = Journey(there)
    await journey.refer(RUTH)
    await journey.allocate()
    for rating in ("safe", "ambiguous"):
        proposal = {"person": journey.person, **BLOCK, "attribution": rating}
        answer = await there.by(CASE_MANAGER).post("/actions", proposal)

        assert_refused(answer, "attribution-understated")


async def test_nobody_proposes_or_moves_anything_about_a_person_who_is_not_theirs(there: Installation) -> None:
    journey = await authorised(there)
    proposal = {"person": journey.person, **WING}
    nowhere = await there.by(OTHER_CASE_MANAGER).post("/actions", proposal | {"person": "per_" + "a" * 26})
    moves: list[tuple[str, Any]] = [
        ("/actions", proposal),
        (f"/actions/{journey.action}/task", None),
        (f"/actions/{journey.action}/change", {"version": 1, **WING}),
        (f"/actions/{journey.action}/withdraw", {"reason": "superseded"}),
        (f"/actions/{journey.action}/conclude", {"code": "nothing-found"}),
    ]
    for id in (OTHER_CASE_MANAGER, LEAD, LENA):
        for path, body in moves:
            answer = await there.by(id).post(path, body)

            assert (404, nowhere.content) == (answer.status_code, answer.content), path
    assert "authorised" == (await journey.shown())["standing"]
    assert [] == await journey.tasks()


async def test_whoever_gave_the_case_away_moves_nothing_any_more(there: Installation) -> None:
    journey = await authorised(there)
    await journey.allocate(OTHER_CASE_MANAGER)
    before = await there.by(CASE_MANAGER).post(f"/actions/{journey.action}/task")
    task = await there.by(OTHER_CASE_MANAGER).say(f"/actions/{journey.action}/task")

    assert 404 == before.status_code
    assert [(task["task"], "tasked")] == await journey.tasks()


async def test_wall_2_who_manages_his_case_is_nobodys_liaison_worker(there: Installation) -> None:
    journey = Journey(there)
    await journey.refer(RUTH)
    await journey.allocate()
    for path in (f"/victims/{journey.victims[0]}/worker", f"/persons/{journey.person}/substitute"):
        answer = await there.by(LEAD).post(path, {"worker": CASE_MANAGER})

        assert_refused(answer, "worker-on-both-sides", sentence=LIAISON_SAYS["worker-on-both-sides"])


async def test_wall_2_who_stands_with_a_victim_is_given_no_case_of_his(there: Installation) -> None:
    journey = Journey(there)
    await journey.refer(RUTH)
    await journey.assign(MAY)
    answer = await there.by(COORDINATOR).post(f"/cases/{journey.person}/allocation", {"worker": MAY})

    assert_refused(answer, "worker-on-both-sides", sentence=CASEWORK_SAYS["worker-on-both-sides"])
    await journey.assign(LENA)
    await journey.allocate(MAY)


async def test_wall_2_named_on_both_sides_at_once_a_worker_is_kept_out_of_both(there: Installation) -> None:
    """Neither side can know of the other in time; both hear of it afterwards."""
    journey = Journey(there)
    await journey.refer(RUTH)
    await asyncio.gather(
        there.by(COORDINATOR).say(f"/cases/{journey.person}/allocation", {"worker": CASE_MANAGER}),
        there.by(LEAD).say(f"/victims/{journey.victims[0]}/worker", {"worker": CASE_MANAGER}),
    )
    await there.settled()
    case = await there.by(CASE_MANAGER).get(f"/cases/{journey.person}")
    proposal = await there.by(CASE_MANAGER).post("/actions", {"person": journey.person, **WING})
    waits = await journey.waits_for(LEAD)

    assert (404, 404) == (case.status_code, proposal.status_code)
    assert ["worker-on-both-sides"] == [item["code"] for item in waits]


async def test_wall_2_a_practice_manager_who_stands_with_a_victim_of_his_authorises_nothing(
    there: Installation,
) -> None:
    journey = await consulted(there)
    await journey.answer()
    await there.by(LEAD).say(f"/persons/{journey.person}/substitute", {"worker": PRACTICE_MANAGER})
    await there.settled()
    answer = await there.by(PRACTICE_MANAGER).post(f"/actions/{journey.action}/authorise", {"version": 1})

    assert 404 == answer.status_code
    await journey.refused("not-authorised")


async def test_wall_2_whoever_has_a_role_on_each_side_works_for_victims_alone(there: Installation) -> None:
    journey = Journey(there)
    await journey.refer(RUTH)
    await journey.allocate(TWO_HATS)
    proposal = await there.by(TWO_HATS).post("/actions", {"person": journey.person, **WING})
    await journey.allocate()
    await journey.assign(TWO_HATS)
    await journey.propose()
    await journey.answer(by=TWO_HATS)
    authorising = await there.by(TWO_HATS).post(f"/actions/{journey.action}/authorise", {"version": 1})
    await journey.authorise()

    assert (404, 404) == (proposal.status_code, authorising.status_code)
    assert [(await journey.task(), "tasked")] == await journey.tasks()


async def test_a_command_that_says_what_it_was_checked_against_moves_nothing_else(there: Installation) -> None:
    """The version in If-Match is that of the stream as it was read."""
    journey = await authorised(there)
    seen = await there.by(CASE_MANAGER).get(f"/actions/{journey.action}")
    await journey.answer("agreed-with-conditions", conditions=["alarm-in-place"])
    await journey.meet("alarm-in-place")
    headers = {"Idempotency-Key": "checked", "If-Match": seen.headers["etag"]}
    answer = await there.by(CASE_MANAGER).send("POST", f"/actions/{journey.action}/task", headers=headers)

    assert_refused(answer, "version-stale", 412)
    assert [] == await journey.tasks()
