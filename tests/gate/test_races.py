"""At the gate at the same moment: whatever the order, one task, and none that stands while her clearance does not."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from schemas.disruption import ActionTasked, TaskRecalled
from schemas.event import Message
from schemas.victim_liaison import ClearanceGiven, ClearanceSuspended, ConditionsMet
from tests.gate.journey import JOAN, Journey, authorised, tasked
from tests.installation import CASE_MANAGER, LEAD, LENA, Installation

pytestmark = pytest.mark.asyncio(loop_scope="module")

AT_ONCE = 20
TURNS = 12
"""How many turns of the loop one request is ahead of the other at most: enough for either to be first."""


async def test_asked_twenty_times_at_once_the_agency_gets_one_task(there: Installation) -> None:
    journey = await authorised(there)
    given = await asyncio.gather(*(journey.task() for _ in range(AT_ONCE)))
    await there.settled()
    tasked_events = [each for each in await there.recorded("disruption", ActionTasked) if each.action == journey.action]

    assert 1 == len(set(given))
    assert [(given[0], "tasked")] == await journey.tasks()
    assert 1 == len(tasked_events)


async def test_asked_under_one_key_twenty_times_at_once_the_answer_is_one(there: Installation) -> None:
    journey = await authorised(there)
    key = f"at-once-{journey.person}"
    given = await asyncio.gather(*(journey.task(key=key) for _ in range(AT_ONCE)))

    assert [(task, "tasked") for task in set(given)] == await journey.tasks()


async def police_name_her(journey: Journey) -> object:
    await journey.tell_of(JOAN)
    return None


async def the_lead_records_her(journey: Journey) -> object:
    return await journey.by(LEAD).say("/victims", {"person": journey.person, **JOAN})


async def a_worker_objects(journey: Journey) -> object:
    answer = {"version": 1, "victim": journey.victims[0], "verdict": "objected"}
    return await journey.by(LENA).say(f"/consultations/{journey.action}/answers", answer)


@pytest.mark.parametrize("doubt", [police_name_her, the_lead_records_her, a_worker_objects])
async def test_sr_1_in_whatever_order_no_task_stands_without_its_clearance(
    there: Installation, doubt: Callable[[Journey], Awaitable[object]]
) -> None:
    for ahead in (*range(-TURNS, TURNS + 1, 6), None):
        journey = await authorised(there)
        ask = journey.by(CASE_MANAGER).post(f"/actions/{journey.action}/task")
        if ahead is None:  # the doubt has been taken, and word of it is still on its way
            await doubt(journey)
            await ask
        else:
            await asyncio.gather(late_by(ask, ahead), late_by(doubt(journey), -ahead))
        await there.settled()
        shown = await journey.shown()

        assert shown["clearance"] in {"suspended", "objected"}
        assert (shown["standing"], await journey.tasks()) in [
            ("authorised", []),
            ("recalled", [(shown["task"], "recalled")]),
        ]
    assert [] == tasks_without_clearance(await there.recorded("disruption", Message))


async def late_by(work: Awaitable[object], turns: int) -> object:
    """The work, begun this many turns of the loop later; at once for less than one."""
    for _ in range(turns):
        await asyncio.sleep(0)
    return await work


async def test_two_who_move_an_action_at_once_leave_no_task_behind(there: Installation) -> None:
    """One asks the agency, the other withdraws the action."""
    for ahead in range(-TURNS, TURNS + 1, 8):
        journey = await authorised(there)
        withdraw = journey.by(CASE_MANAGER).post(f"/actions/{journey.action}/withdraw", {"reason": "superseded"})
        ask = journey.by(CASE_MANAGER).post(f"/actions/{journey.action}/task")
        await asyncio.gather(late_by(ask, ahead), late_by(withdraw, -ahead))
        await there.settled()

        assert (await journey.shown())["standing"] in {"withdrawn", "stopped"}
        assert {"recalled"} >= {standing for _, standing in await journey.tasks()}


def tasks_without_clearance(history: list[Message]) -> list[str]:
    """Tasks given, in the order in which disruption learnt and decided, while no clearance of that version was in
    force; and those for which the clearance ended later without a recall in the end.
    """
    in_force: dict[str, int | None] = {}
    standing: dict[str, str] = {}
    violations = []
    for event in history:
        match event:
            case ClearanceGiven(verdict="agreed", conditions=()):
                in_force[event.action] = event.version
            case ClearanceGiven() | ClearanceSuspended():
                in_force[event.action] = None
            case ConditionsMet():
                in_force[event.action] = event.version
            case ActionTasked():
                standing[event.task] = event.action
                if in_force.get(event.action) != event.version:
                    violations.append(event.task)
            case TaskRecalled():
                del standing[event.task]
            case _:
                pass
    return [*violations, *(task for task, action in standing.items() if in_force[action] is None)]


async def test_the_judge_of_histories_sees_a_task_without_a_clearance(there: Installation) -> None:
    """Shown to be awake: each of the two things it looks for, cut out of a true history."""
    journey, task = await tasked(there)
    await journey.answer("objected")
    history = [each for each in await there.recorded("disruption", Message) if about(journey, each)]
    unclear = [each for each in history if not isinstance(each, ClearanceGiven) or each.verdict == "objected"]
    unrecalled = [each for each in history if not isinstance(each, TaskRecalled)]

    assert [] == tasks_without_clearance(history)
    assert [task] == tasks_without_clearance(unclear)
    assert [task] == tasks_without_clearance(unrecalled)


def about(journey: Journey, event: Message) -> bool:
    return getattr(event, "action", "") == journey.action
