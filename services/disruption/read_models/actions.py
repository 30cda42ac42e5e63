"""Actions in codes: how each stands, what the victims' side has said to it, and what came of it."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    Table,
    Text,
    bindparam,
    case,
    insert,
    select,
    update,
)

from infra.journal.tables import Counter
from infra.service import Change, ReadModel, Recorded
from infra.web.reader import Reader
from schemas.disruption import (
    ActionAuthorised,
    ActionChanged,
    ActionConcluded,
    ActionProposed,
    ActionTasked,
    ActionWithdrawn,
    Outcome,
    TaskAnswered,
    TaskOverdue,
    TaskRecalled,
)
from schemas.ids import ActionId, AgencyCode, PersonId, TaskId
from schemas.reports.report import Code, Moment
from schemas.victim_liaison import ClearanceGiven, ClearanceSuspended, ConditionsMet, ImpactRecorded
from services.disruption.domain import action_state as state
from services.disruption.domain import clearance
from services.disruption.read_models.people import works_with
from services.disruption.read_models.rows import PAGE_MAX, metadata

actions: Final = Table(
    "actions",
    metadata,
    Column("action", Text, primary_key=True),
    Column("sequence", Counter, nullable=False),
    Column("person", Text, nullable=False),
    Column("stream_version", Counter, nullable=False),
    Column("version", Counter, nullable=False),
    Column("tactic", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("attribution", Text, nullable=False),
    Column("standing", Text, nullable=False),
    Column("clearance", Text, nullable=False),
    Column("task", Text),
    Column("due_at", Text),
    Column("is_overdue", Boolean, nullable=False),
    Column("reason", Text),
    Column("outcome", Text),
    Column("outcome_count", Integer),
    Index("actions_of_person", "person", "sequence"),
)

_OF: Final = update(actions).where(actions.c.action == bindparam("of"))
_OPEN: Final = insert(actions)
_MOVE: Final = _OF.values(stream_version=bindparam("to"))
_CHANGE: Final = _OF.values(
    version=bindparam("new_version"),
    tactic=bindparam("new_tactic"),
    agency=bindparam("new_agency"),
    attribution=bindparam("new_attribution"),
    standing=bindparam("now"),
    clearance=case((actions.c.clearance == clearance.Awaited.CODE, clearance.Awaited.CODE), else_=clearance.Stale.CODE),
)
_STAND: Final = _OF.values(standing=bindparam("now"))
_CLEAR: Final = _OF.where(actions.c.version == bindparam("for_version")).values(clearance=bindparam("now"))
_MEET_CONDITIONS: Final = _OF.where(
    actions.c.version == bindparam("for_version"), actions.c.clearance == clearance.AgreedOnConditions.CODE
).values(clearance=clearance.ConditionsDone.CODE)
_TASK: Final = _OF.values(
    standing=bindparam("now"), task=bindparam("new_task"), due_at=bindparam("by"), is_overdue=False
)
_ANSWER: Final = _OF.values(
    standing=bindparam("now"),
    reason=bindparam("why"),
    outcome=bindparam("what"),
    outcome_count=bindparam("how_many"),
)
_BE_OVERDUE: Final = _OF.values(is_overdue=True)
_CONCLUDE: Final = _OF.values(standing=bindparam("now"), outcome=bindparam("what"), outcome_count=bindparam("how_many"))
_WITHDRAW: Final = _OF.values(
    standing=case((actions.c.standing == state.Recalled.CODE, state.Stopped.CODE), else_=bindparam("now")),
    reason=bindparam("why"),
)


def project(recorded: Recorded) -> Iterable[Change]:
    """How an event changes an action. Whatever it is, the stream has moved on: its version is the action's ETag."""
    event = recorded.event
    if isinstance(event, ActionProposed):
        yield _OPEN, _row(recorded, event)
        return
    of = {"of": getattr(event, "action", "")}
    yield _MOVE, {**of, "to": recorded.version}
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
            yield _CHANGE, changed
        case ActionAuthorised():
            yield _STAND, {"now": state.Authorised.CODE}
        case ActionTasked():
            yield _TASK, {"now": state.Tasked.CODE, "new_task": event.task, "by": event.due_at}
        case TaskAnswered():
            yield _ANSWER, {"now": event.answer, "why": event.reason, **_outcome(event.outcome)}
        case TaskOverdue():
            yield _BE_OVERDUE, {}
        case TaskRecalled():
            yield _STAND, {"now": state.Recalled.CODE}
        case ActionConcluded():
            yield _CONCLUDE, {"now": state.Concluded.CODE, **_outcome(event.outcome)}
        case ActionWithdrawn():
            yield _WITHDRAW, {"now": state.Withdrawn.CODE, "why": event.reason}
        case ClearanceGiven() | ClearanceSuspended():
            stands = clearance.after(clearance.Awaited(), event).CODE
            yield _CLEAR, {"for_version": event.version, "now": stands}
        case ConditionsMet():
            yield _MEET_CONDITIONS, {"for_version": event.version}
        case _:
            return


def _outcome(outcome: Outcome | None) -> dict[str, Any]:
    if outcome is None:
        return {"what": None, "how_many": None}
    return {"what": outcome.code, "how_many": outcome.count}


ACTIONS: Final = ReadModel(
    name="actions",
    version=1,
    tables=(actions,),
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
        ImpactRecorded,
    ),
    project=project,
)


class ActionRow(Struct, frozen=True, kw_only=True):
    """One action in codes. `stream_version` is what its ETag says; `version` is that of the action itself."""

    place: int
    action: ActionId
    person: PersonId
    stream_version: int
    version: int
    tactic: Code
    agency: AgencyCode
    attribution: Code
    standing: Code
    clearance: Code
    task: TaskId | None
    due_at: Moment | None
    is_overdue: bool
    reason: Code | None
    outcome: Code | None
    outcome_count: int | None


_SHOWN: Final = select(
    actions.c.sequence.label("place"), *(column for column in actions.c if column.name != "sequence")
)


def actions_of(connection: Connection, reader: Reader, person: str, after: int, count: int) -> Sequence[ActionRow]:
    """The actions about this person, the oldest first. Empty where they are not this reader's."""
    query = (
        _SHOWN.where(actions.c.person == person, actions.c.sequence > after, works_with(reader, actions.c.person))
        .order_by(actions.c.sequence)
        .limit(min(count, PAGE_MAX))
    )
    return [ActionRow(**row) for row in connection.execute(query).mappings()]


def action_of(connection: Connection, reader: Reader, action: str) -> ActionRow | None:
    """One action; None if it is not there or not for this reader."""
    query = _SHOWN.where(actions.c.action == action, works_with(reader, actions.c.person))
    row = connection.execute(query).mappings().first()
    return None if row is None else ActionRow(**row)
