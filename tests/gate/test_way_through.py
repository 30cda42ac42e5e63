"""The one way through the gate, from a referral to the task that an agency reads, and who else sees it: nobody."""

from pathlib import Path

import pytest

from schemas.ids import derive
from schemas.journal import PersonalDataOpened
from tests.gate.journey import JOAN, RUTH, WING, Journey, authorised, consulted
from tests.installation import (
    CASE_MANAGER,
    CLIENTS,
    COORDINATOR,
    LEAD,
    LENA,
    POLICE,
    PRACTICE_MANAGER,
    PRISON,
    Installation,
    installed,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_cleared_and_authorised_action_reaches_its_agency(tmp_path: Path) -> None:
    """Every step is taken as soon as the API shows that its moment has come."""
    async with installed(tmp_path) as there:
        police, coordinator, lead = there.by(POLICE), there.by(COORDINATOR), there.by(LEAD)
        manager, lena, practice, prison = (there.by(who) for who in (CASE_MANAGER, LENA, PRACTICE_MANAGER, PRISON))
        about = {"identifiers": [{"type": "PNC", "value": "2009/0417382M"}]}
        await police.tell(
            "police.referral-made.v1",
            {"about": about, "route": "visible-high-risk", "reason": "He rings her every night.", "victims": [RUTH]},
        )
        case = (await there.until(lambda: coordinator.read("/cases"), lambda found: bool(found["cases"])))["cases"][0]
        await coordinator.say(f"/cases/{case['person']}/allocation", {"worker": CASE_MANAGER})
        victim = (await there.until(lambda: lead.read("/victims"), lambda found: bool(found["victims"])))["victims"][0]
        await lead.say(f"/victims/{victim['victim']}/worker", {"worker": LENA})
        proposal = {"person": case["person"], **WING}
        proposed = await there.until(
            lambda: manager.post("/actions", proposal), lambda answer: answer.status_code != 404
        )
        action = proposed.json()["action"]
        question = await there.until(lambda: lena.read(f"/consultations/{action}"))
        await lena.say(
            f"/consultations/{action}/answers",
            {"version": question["version"], "victim": victim["victim"], "verdict": "agreed"},
        )
        cleared = await there.until(
            lambda: practice.read(f"/actions/{action}"), lambda found: found["action"]["clearance"] == "agreed"
        )
        await practice.say(f"/actions/{action}/authorise", {"version": cleared["action"]["version"]})
        task = (await manager.say(f"/actions/{action}/task"))["task"]
        listed = (await prison.read(f"/agencies/{PRISON}/tasks"))["tasks"]
        read = await prison.read(f"/agencies/{PRISON}/tasks/{task}")

        assert ["not-authorised"] == [each["code"] for each in cleared["missing"]]
        assert [(task, "tasked", "cell-search.requested")] == [
            (each["task"], each["standing"], each["announced_as"]) for each in listed
        ]
        assert WING["tasking"] == read["text"]
        assert not {"action", "person", "victim"} & read["task"].keys()


async def test_the_task_is_there_for_its_agency_and_for_nobody_else(there: Installation) -> None:
    journey = await authorised(there)
    task = await journey.task()
    path = f"/agencies/{PRISON}/tasks/{task}"
    nowhere = await there.by(PRISON).get(f"/agencies/{PRISON}/tasks/{derive('tsk', 'none')}")
    for id in CLIENTS:
        if id == PRISON:
            continue
        for address in (path, f"/agencies/{PRISON}/tasks", f"/agencies/{id}/tasks/{task}"):
            answer = await there.by(id).get(address)

            assert (404, nowhere.content, nowhere.headers) == (answer.status_code, answer.content, answer.headers), id
    assert 200 == (await there.by(PRISON).get(path)).status_code


async def test_the_words_of_a_task_are_opened_for_the_agency_and_that_is_recorded(there: Installation) -> None:
    journey = await authorised(there)
    task = await journey.task()
    await there.by(PRISON).read(f"/agencies/{PRISON}/tasks/{task}")
    opened = (await there.recorded("disruption", PersonalDataOpened))[-1]

    assert (PRISON, "task-text") == (opened.reader, opened.purpose)
    assert (f"person/{journey.person}/tasking",) == opened.fields


@pytest.mark.parametrize("others", [(), (JOAN,)], ids=["one victim", "two victims"])
async def test_sr_1_every_known_victims_worker_answers_before_anybody_is_asked(
    there: Installation, others: tuple[dict[str, str], ...]
) -> None:
    journey = await consulted(there, RUTH, *others)
    missing = await journey.refused("clearance-missing")
    await journey.answer()
    if others:
        await journey.refused("clearance-missing")
        await journey.answer(by="wrk_may-east", victim=1)
    await journey.authorise()
    task = await journey.task()

    assert ("clearance-missing", "not-authorised") == missing
    assert [(task, "tasked")] == await journey.tasks()


async def test_said_again_under_the_same_keys_nothing_happens_twice(there: Installation) -> None:
    journey = Journey(there)
    await journey.refer(RUTH)
    await journey.allocate()
    await journey.assign()
    manager, lena, practice = there.by(CASE_MANAGER), there.by(LENA), there.by(PRACTICE_MANAGER)
    proposal = {"person": journey.person, **WING}
    proposed = [await manager.say("/actions", proposal, key="propose") for _ in range(2)]
    action = journey.action = proposed[0]["action"]
    await there.settled()
    answer = {"version": 1, "victim": journey.victims[0], "verdict": "agreed"}
    for _ in range(2):
        await lena.say(f"/consultations/{action}/answers", answer, key="answer")
    await there.settled()
    for _ in range(2):
        await practice.say(f"/actions/{action}/authorise", {"version": 1}, key="authorise")
    tasks = {await journey.task(key=key) for key in ("task", "task", "another", "task")}
    await there.settled()
    listed = (await manager.read("/actions", person=journey.person))["actions"]

    assert proposed[0] == proposed[1]
    assert [action] == [each["action"] for each in listed]
    assert [(task, "tasked") for task in tasks] == await journey.tasks()
    assert listed == [await journey.shown()]


async def test_a_refusal_is_the_answer_for_ever_under_its_key(there: Installation) -> None:
    """Whoever asks again later asks under another key: a request that was cut off must not be decided anew."""
    journey = await consulted(there)
    early = await there.by(CASE_MANAGER).post(f"/actions/{journey.action}/task", key="early")
    await journey.answer()
    await journey.authorise()
    again = await there.by(CASE_MANAGER).post(f"/actions/{journey.action}/task", key="early")
    reused = await there.by(CASE_MANAGER).post(
        f"/actions/{journey.action}/withdraw", {"reason": "superseded"}, key="early"
    )

    assert ("clearance-missing", early.content) == (again.json()["code"], again.content)
    assert "idempotency-key-reused" == reused.json()["code"]
    assert [] == await journey.tasks()
