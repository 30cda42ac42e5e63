"""SR-1 after the task: what was cleared and is not any more is recalled, and the agency sees that it is."""

from typing import Any

import pytest

from schemas.disruption import TaskRecalled
from tests.gate.journey import JOAN, Journey, tasked
from tests.installation import CASE_MANAGER, LEAD, LENA, MAY, PRISON, Installation

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def as_the_prison_sees_it(journey: Journey, task: str) -> tuple[str, str | None]:
    shown: Any = await journey.by(PRISON).read(f"/agencies/{PRISON}/tasks/{task}")
    return shown["task"]["standing"], shown["text"]


async def test_a_victim_named_right_after_the_task_recalls_it(there: Installation) -> None:
    journey, task = await tasked(there)
    await journey.tell_of(JOAN)
    recalled = await there.until(journey.tasks, lambda found: found != [(task, "tasked")])

    assert [(task, "recalled")] == recalled
    assert ("recalled", None) == await as_the_prison_sees_it(journey, task)
    assert ("recalled", "suspended") == ((await journey.shown())["standing"], (await journey.shown())["clearance"])
    await journey.refused("clearance-suspended")


async def test_a_victim_whom_the_lead_records_right_after_the_task_recalls_it(there: Installation) -> None:
    journey, task = await tasked(there)
    await there.by(LEAD).say("/victims", {"person": journey.person, **JOAN})
    await there.settled()

    assert ("recalled", None) == await as_the_prison_sees_it(journey, task)


@pytest.mark.parametrize("reply", ["agency.task-accepted.v1", "agency.task-started.v1"])
async def test_an_agency_that_has_begun_is_told_to_stop(there: Installation, reply: str) -> None:
    journey, task = await tasked(there)
    await there.by(PRISON).tell(reply, {"task": task})
    await there.settled()
    before = await as_the_prison_sees_it(journey, task)
    await journey.answer("objected")

    assert (reply.split("-")[1].removesuffix(".v1"), True) == (before[0], before[1] is not None)
    assert ("recalled", None) == await as_the_prison_sees_it(journey, task)


async def test_second_thoughts_after_the_task_recall_it_once(there: Installation) -> None:
    journey, task = await tasked(there)
    await journey.answer("objected")
    await journey.answer("cannot-reach")
    recalls = [each for each in await there.recorded("disruption", TaskRecalled) if each.action == journey.action]

    assert [(task, "clearance-suspended")] == [(each.task, each.why) for each in recalls]
    await journey.refused("victim-not-reached")


async def test_what_is_cleared_again_is_tasked_anew_under_another_reference(there: Installation) -> None:
    journey, first = await tasked(there)
    await journey.refer(JOAN)
    await journey.assign(MAY, 1)
    await journey.answer(by=MAY, victim=1)
    second = await journey.task()

    assert first != second
    assert [(first, "recalled"), (second, "tasked")] == await journey.tasks()


async def test_a_request_repeated_after_the_recall_gives_the_task_that_it_gave(there: Installation) -> None:
    """And tasks nothing: whoever repeats it asks what became of it."""
    journey, _ = await tasked(there)
    await journey.answer("objected")
    await journey.answer()
    second = await journey.task(key="second")
    await journey.answer("objected")
    await journey.answer()
    third = await journey.task(key="third")
    again = await journey.task(key="second")

    assert second != third
    assert second == again
    assert ["recalled", "recalled", "tasked"] == [standing for _, standing in await journey.tasks()]


async def test_a_worker_who_agrees_in_other_words_recalls_nothing(there: Installation) -> None:
    journey, task = await tasked(there)
    await journey.answer(reason="She asked again what is planned, and still agrees.")

    assert [(task, "tasked")] == await journey.tasks()


async def test_another_worker_for_her_recalls_nothing_until_there_is_another_answer(there: Installation) -> None:
    journey, task = await tasked(there)
    await journey.assign(MAY)
    before = await journey.tasks()
    await journey.answer("objected", by=MAY)
    gone = await journey.answer(by=LENA)

    assert [(task, "tasked")] == before
    assert [(task, "recalled")] == await journey.tasks()
    assert 404 == gone.status_code


async def test_a_withdrawn_action_is_recalled_and_nothing_opens_the_gate_for_it(there: Installation) -> None:
    journey, task = await tasked(there)
    await there.by(CASE_MANAGER).say(f"/actions/{journey.action}/withdraw", {"reason": "superseded"})
    await there.settled()
    answer = await there.by(CASE_MANAGER).post(f"/actions/{journey.action}/task")

    assert (409, "action-closed") == (answer.status_code, answer.json()["code"])
    assert ("recalled", None) == await as_the_prison_sees_it(journey, task)
