"""SR-1 to SR-3 and SR-7 through the API: what the victims' side has not cleared, as it stands, reaches no agency."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.victim_liaison.domain.refusals import REFUSALS as LIAISON_SAYS
from tests.gate.journey import JOAN, RUTH, Journey, assert_refused, authorised, consulted
from tests.installation import CASE_MANAGER, LEAD, LENA, MAY, Installation, installed

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_sr_3_where_no_victim_is_known_and_nobody_is_named_the_gate_stays_shut(there: Installation) -> None:
    journey = Journey(there)
    await journey.refer()
    await journey.allocate()
    await journey.propose()
    as_lead = await journey.answer(by=LEAD, victim=None)
    waits = await journey.waits_for(LEAD)

    assert_refused(as_lead, "worker-not-named", sentence=LIAISON_SAYS["worker-not-named"])
    assert [("name-substitute", "role:liaison-lead", journey.action)] == [
        (item["code"], item["owner"], item["about"]) for item in waits
    ]
    await journey.refused("clearance-missing")


async def test_sr_3_where_no_victim_is_known_the_named_substitute_opens_the_gate(there: Installation) -> None:
    journey = Journey(there)
    await journey.refer()
    await journey.allocate()
    await journey.propose()
    await there.by(LEAD).say(f"/persons/{journey.person}/substitute", {"worker": MAY})
    await there.settled()
    await journey.refused("clearance-missing")
    await journey.answer(by=MAY, victim=None)
    await journey.authorise()
    task = await journey.task()

    assert [(task, "tasked")] == await journey.tasks()


async def test_sr_1_a_substitutes_word_does_not_stand_for_a_victim_who_is_known_later(there: Installation) -> None:
    journey = Journey(there)
    await journey.refer()
    await journey.allocate()
    await there.by(LEAD).say(f"/persons/{journey.person}/substitute", {"worker": MAY})
    await journey.propose()
    await journey.answer(by=MAY, victim=None)
    await journey.authorise()
    await journey.refer(RUTH)
    late = await journey.answer(by=LEAD, victim=None)
    await journey.refused("clearance-suspended")
    await journey.assign(LENA)
    await journey.answer()
    task = await journey.task()

    assert_refused(late, "not-asked-about", sentence=LIAISON_SAYS["not-asked-about"])
    assert [(task, "tasked")] == await journey.tasks()


async def test_sr_3_the_leads_being_lead_is_no_worker_for_the_victim(there: Installation) -> None:
    journey = Journey(there)
    await journey.refer(RUTH)
    await journey.allocate()
    await journey.propose()
    as_lead = await journey.answer(by=LEAD)

    assert_refused(as_lead, "worker-not-named", sentence=LIAISON_SAYS["worker-not-named"])
    await journey.refused("clearance-missing")


async def test_the_lead_answers_as_cover_where_somebody_is_named(there: Installation) -> None:
    journey = await consulted(there)
    await journey.answer(by=LEAD)
    await journey.authorise()

    assert [(await journey.task(), "tasked")] == await journey.tasks()


async def test_sr_2_an_objection_blocks(there: Installation) -> None:
    journey = await consulted(there)
    await journey.answer("objected", reason="He would know at once who told.")

    assert ("clearance-objected", "not-authorised") == await journey.refused("clearance-objected")


async def test_sr_2_one_objection_outweighs_every_agreement(there: Installation) -> None:
    journey = await consulted(there, RUTH, JOAN)
    await journey.answer()
    await journey.answer("objected", by=MAY, victim=1)

    await journey.refused("clearance-objected")


async def test_sr_3_a_victim_who_cannot_be_reached_has_not_agreed(there: Installation) -> None:
    journey = await consulted(there)
    await journey.answer("cannot-reach")

    await journey.refused("victim-not-reached")


async def test_sr_7_every_step_that_was_asked_for_is_done_first(there: Installation) -> None:
    journey = await consulted(there)
    await journey.answer("agreed-with-conditions", conditions=["alarm-in-place", "victim-told-first"])
    await journey.refused("conditions-not-met")
    await journey.meet("alarm-in-place")
    refusals = await journey.refused("conditions-not-met")
    await journey.meet("victim-told-first")
    await journey.authorise()
    task = await journey.task()

    assert ("conditions-not-met", "not-authorised") == refusals
    assert [(task, "tasked")] == await journey.tasks()


async def test_sr_7_a_step_done_for_one_victim_is_not_done_for_another(there: Installation) -> None:
    journey = await consulted(there, RUTH, JOAN)
    for by, victim in ((LENA, 0), (MAY, 1)):
        await journey.answer("agreed-with-conditions", by=by, victim=victim, conditions=["alarm-in-place"])
    await journey.meet("alarm-in-place")
    await journey.refused("conditions-not-met")
    await journey.meet("alarm-in-place", by=MAY, victim=1)
    await journey.authorise()

    assert [(await journey.task(), "tasked")] == await journey.tasks()


async def test_sr_1_what_was_cleared_was_another_version(there: Installation) -> None:
    journey = await authorised(there)
    await journey.change(1, tasking="Search the cells on C Wing for unlawful phones, all of them on one day.")
    refusals = await journey.refused("clearance-stale")
    to_the_old_one = await journey.answer(version=1)
    await journey.refused("clearance-stale")
    await journey.answer(version=2)
    of_the_new_one = await journey.refused("not-authorised")
    await journey.authorise(version=2)

    assert ("clearance-stale", "not-authorised") == refusals
    assert_refused(to_the_old_one, "version-stale", 412, LIAISON_SAYS["version-stale"])
    assert ("not-authorised",) == of_the_new_one, "what was authorised was another version, too"
    assert [(await journey.task(), "tasked")] == await journey.tasks()


async def test_a_change_and_a_change_back_are_asked_about_again(there: Installation) -> None:
    journey = await authorised(there)
    await journey.change(1, plan="He will take it for a search after a fight on the wing.")
    await journey.change(2)

    await journey.refused("clearance-stale")


async def test_sr_1_a_victim_who_is_named_later_is_asked_about_too(there: Installation) -> None:
    journey = await authorised(there)
    await journey.refer(JOAN)
    await journey.refused("clearance-suspended")
    await journey.assign(MAY, 1)
    await journey.refused("clearance-suspended")
    await journey.answer(by=MAY, victim=1)
    task = await journey.task()

    assert 2 == len(journey.victims)
    assert [(task, "tasked")] == await journey.tasks()


async def test_sr_1_a_victim_whom_the_lead_records_counts_like_one_whom_police_name(there: Installation) -> None:
    journey = await authorised(there)
    await there.by(LEAD).say("/victims", {"person": journey.person, **JOAN})

    await journey.refused("clearance-suspended")


async def test_the_same_victim_named_again_suspends_nothing(there: Installation) -> None:
    journey = await authorised(there)
    await journey.refer(RUTH)

    assert 1 == len(journey.victims)
    assert [(await journey.task(), "tasked")] == await journey.tasks()


async def test_a_late_answer_counts_and_the_lead_has_it_on_the_list_meanwhile(tmp_path: Path) -> None:
    async with installed(tmp_path) as there:
        journey = await consulted(there)
        there.pass_time(timedelta(days=4))
        waits = await there.until(lambda: journey.waits_for(LEAD))
        await journey.refused("clearance-missing")
        await journey.answer()
        await journey.authorise()

        assert [("answer-overdue", "role:liaison-lead", True, journey.action)] == [
            (item["code"], item["owner"], item["is_escalated"], item["about"]) for item in waits
        ]
        assert [(await journey.task(), "tasked")] == await journey.tasks()
        assert [] == await journey.waits_for(LEAD)


async def test_a_workers_second_thoughts_shut_the_gate_and_open_it_again(there: Installation) -> None:
    journey = await authorised(there)
    await journey.answer("objected")
    await journey.refused("clearance-objected")
    await journey.answer("agreed-with-conditions", conditions=["alarm-in-place"])
    await journey.refused("conditions-not-met")
    await journey.answer()

    assert [(await journey.task(), "tasked")] == await journey.tasks()


async def test_second_thoughts_while_another_worker_is_asked_suspend_what_was_cleared(there: Installation) -> None:
    journey = await authorised(there)
    await journey.refer(JOAN)
    await journey.answer("objected")
    await journey.refused("clearance-suspended")
    await journey.assign(MAY, 1)
    await journey.answer(by=MAY, victim=1)

    await journey.refused("clearance-objected")


async def test_nobody_but_who_is_asked_answers_for_her(there: Installation) -> None:
    journey = await consulted(there)
    nowhere = await there.by(LENA).get("/consultations/nowhere")
    for id in (MAY, CASE_MANAGER):
        answer = await journey.answer(by=id)

        assert (404, nowhere.content) == (answer.status_code, answer.content)
    await journey.refused("clearance-missing")
