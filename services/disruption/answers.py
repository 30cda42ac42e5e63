"""What disruption answers over HTTP. Codes and references; words only where they were opened for the reader."""

from msgspec import Struct

from schemas.ids import ActionId, TaskId
from schemas.reports.report import Code
from services.disruption.domain import action_state as state
from services.disruption.domain import gate
from services.disruption.domain.clearance import conditions_of
from services.disruption.domain.refusals import REFUSALS
from services.disruption.read_models.actions import ActionRow
from services.disruption.read_models.orders import OrderRow
from services.disruption.read_models.tasks import TaskRow


class ActionKnown(Struct, frozen=True, kw_only=True):
    """The action that a request was about."""

    action: ActionId


class TaskGiven(Struct, frozen=True, kw_only=True):
    """The agency was asked, under this reference."""

    action: ActionId
    task: TaskId


class Missing(Struct, frozen=True, kw_only=True):
    """Something that now stands between the action and its task: the code of the refusal, and what to do."""

    code: Code
    sentence: str


class ActionShown(Struct, frozen=True, kw_only=True):
    """One action: how it stands, what the victims' side asked for first, what changed for her, what is missing."""

    action: ActionRow
    conditions: tuple[Code, ...]
    effects: tuple[Code, ...]
    missing: tuple[Missing, ...]


class ActionText(Struct, frozen=True, kw_only=True):
    """The words of the present version, opened; None for what was erased."""

    action: ActionId
    plan: str | None
    tasking: str | None


class TaskShown(Struct, frozen=True, kw_only=True):
    """One task for its agency. `text` is what is asked for; None once the task is over."""

    task: TaskRow
    text: str | None


class Actions(Struct, frozen=True, kw_only=True):
    """A page of actions."""

    actions: tuple[ActionRow, ...]


class Orders(Struct, frozen=True, kw_only=True):
    """A page of orders."""

    orders: tuple[OrderRow, ...]


class Tasks(Struct, frozen=True, kw_only=True):
    """A page of tasks."""

    tasks: tuple[TaskRow, ...]


def shown_action(row: ActionRow, of: state.Known) -> ActionShown:
    """The action as its workers see it. What is missing matters only while an agency can still be asked."""
    can_be_tasked = isinstance(of, state.Proposed | state.Authorised | state.Recalled)
    missing = gate.lacking(of) if can_be_tasked else ()
    return ActionShown(
        action=row,
        conditions=conditions_of(of.draft.clearance),
        effects=of.draft.effects,
        missing=tuple(Missing(code=code, sentence=REFUSALS[code]) for code in missing),
    )
