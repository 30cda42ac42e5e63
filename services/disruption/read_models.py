"""How events change what disruption shows: who may see whom, orders, actions, and an agency's tasks."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from infra.service import Change, ReadModel, Recorded
from schemas.casework import CaseAllocated, CaseOpened
from schemas.disruption import (
    ActionAuthorised,
    ActionChanged,
    ActionConcluded,
    ActionProposed,
    ActionTasked,
    ActionWithdrawn,
    OrderBreached,
    OrderGranted,
    OrderServed,
    TaskAnswered,
    TaskOverdue,
    TaskRecalled,
)
from schemas.victim_liaison import (
    ClearanceGiven,
    ClearanceSuspended,
    ConditionsMet,
    LiaisonNamed,
    LiaisonStoodDown,
)
from services.disruption import tables
from services.disruption.domain import action_state as state
from services.disruption.domain import clearance


def project_people(recorded: Recorded) -> Iterable[Change]:
    """How an event changes who works with whom."""
    match recorded.event:
        case CaseOpened() as event:
            yield tables.OPEN_PERSON, {"new_person": event.person}
        case CaseAllocated() as event:
            yield tables.OPEN_PERSON, {"new_person": event.person}
            yield tables.ALLOCATE, {"of": event.person, "worker": event.worker}
        case LiaisonNamed() as event:
            yield tables.STAND_DOWN, {"of": event.person, "by": event.worker}
            yield tables.STAND_WITH_VICTIM, {"person": event.person, "worker": event.worker}
        case LiaisonStoodDown() as event:
            yield tables.STAND_DOWN, {"of": event.person, "by": event.worker}
        case _:
            return


def project_orders(recorded: Recorded) -> Iterable[Change]:
    """How an event changes the register."""
    match recorded.event:
        case OrderGranted() as event:
            yield _opened(recorded, event)
            yield (
                tables.GRANT,
                {
                    "of": event.order,
                    "by_grant_person": event.person,
                    "kind": event.order_kind,
                    "known_as": event.reference,
                    "at": event.occurred_at,
                    "until": event.expires_on,
                    "says": msgspec.json.encode(event.terms).decode(),
                },
            )
        case OrderServed() as event:
            yield _opened(recorded, event)
            yield tables.SERVE, {"of": event.order, "at": event.occurred_at, "how": event.method}
        case OrderBreached() as event:
            yield _opened(recorded, event)
            yield tables.BREACH, {"of": event.order, "whose": event.person, "at": event.occurred_at}
        case _:
            return


def _opened(recorded: Recorded, event: OrderGranted | OrderServed | OrderBreached) -> Change:
    return (
        tables.OPEN_ORDER,
        {
            "new_order_id": event.order,
            "new_sequence": recorded.sequence,
            "new_person": event.person,
            "new_breaches": 0,
        },
    )


def project_actions(recorded: Recorded) -> Iterable[Change]:
    """How an event changes an action. Whatever it is, the stream has moved on: its version is the action's ETag."""
    event = recorded.event
    if isinstance(event, ActionProposed):
        yield tables.OPEN_ACTION, _row(recorded, event)
        return
    of = {"of": getattr(event, "action", "")}
    yield tables.MOVE, {**of, "to": recorded.version}
    for statement, values in _of_action(event):
        yield statement, {**of, **values}


def _row(recorded: Recorded, event: ActionProposed) -> dict[str, Any]:
    return {
        "action": event.action,
        "sequence": recorded.sequence,
        "person": event.person,
        "stream_version": recorded.version,
        "version": event.version,
        "tactic": event.tactic,
        "agency": event.agency,
        "attribution": event.attribution,
        "standing": state.Proposed.CODE,
        "clearance": clearance.Awaited.CODE,
        "is_overdue": False,
    }


def _of_action(event: object) -> Iterable[Change]:
    match event:
        case ActionChanged():
            changed = {
                "new_version": event.version,
                "new_tactic": event.tactic,
                "new_agency": event.agency,
                "new_attribution": event.attribution,
                "now": state.Proposed.CODE,
            }
            yield tables.CHANGE, changed
        case ActionAuthorised():
            yield tables.STAND, {"now": state.Authorised.CODE}
        case ActionTasked():
            yield tables.TASK, {"now": state.Tasked.CODE, "new_task": event.task, "by": event.due_at}
        case TaskAnswered():
            yield tables.ANSWER, {"now": event.answer, "why": event.reason, **_outcome(event.outcome)}
        case TaskOverdue():
            yield tables.BE_OVERDUE, {}
        case TaskRecalled():
            yield tables.STAND, {"now": state.Recalled.CODE}
        case ActionConcluded():
            yield tables.CONCLUDE, {"now": state.Concluded.CODE, **_outcome(event.outcome)}
        case ActionWithdrawn():
            yield tables.WITHDRAW, {"now": state.Withdrawn.CODE, "why": event.reason}
        case ClearanceGiven() | ClearanceSuspended():
            stands = clearance.after(clearance.Awaited(), event).CODE
            yield tables.CLEAR, {"for_version": event.version, "now": stands}
        case ConditionsMet():
            yield tables.MEET_CONDITIONS, {"for_version": event.version}
        case _:
            return


def _outcome(outcome: Any) -> dict[str, Any]:
    if outcome is None:
        return {"what": None, "how_many": None}
    return {"what": outcome.code, "how_many": outcome.count}


def project_tasks(recorded: Recorded) -> Iterable[Change]:
    """How an event changes what an agency is asked."""
    match recorded.event:
        case ActionTasked() as event:
            row = {
                "task": event.task,
                "sequence": recorded.sequence,
                "agency": event.agency,
                "action": event.action,
                "announced_as": event.announced_as,
                "standing": state.Tasked.CODE,
                "tasked_at": recorded.record.time,
                "due_at": event.due_at,
            }
            yield tables.OPEN_TASK, row
        case TaskAnswered() as event:
            yield tables.MOVE_TASK, {"of": event.task, "now": event.answer}
        case TaskRecalled() as event:
            yield tables.MOVE_TASK, {"of": event.task, "now": state.Recalled.CODE}
        case _:
            return


ALL: Final = (
    ReadModel(
        name="people",
        version=1,
        tables=(tables.people, tables.people_liaison),
        reads=(CaseOpened, CaseAllocated, LiaisonNamed, LiaisonStoodDown),
        project=project_people,
    ),
    ReadModel(
        name="orders",
        version=1,
        tables=(tables.orders,),
        reads=(OrderGranted, OrderServed, OrderBreached),
        project=project_orders,
    ),
    ReadModel(
        name="actions",
        version=1,
        tables=(tables.actions,),
        reads=(
            ActionProposed,
            ActionChanged,
            ActionAuthorised,
            ActionTasked,
            TaskAnswered,
            TaskOverdue,
            TaskRecalled,
            ActionConcluded,
            ActionWithdrawn,
            ClearanceGiven,
            ClearanceSuspended,
            ConditionsMet,
        ),
        project=project_actions,
    ),
    ReadModel(
        name="tasks",
        version=1,
        tables=(tables.tasks,),
        reads=(ActionTasked, TaskAnswered, TaskRecalled),
        project=project_tasks,
    ),
)
