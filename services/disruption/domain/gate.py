"""The gate: the rules that every action passes before an agency is asked to act. The victims' safety goes first.

Each rule judges the action as it stands at the moment of the command, and is closed by default: what it does not know
it refuses. A new way through is a new standing in `clearance` and a rule here that says when it opens.
"""

from typing import Final

from infra.decider import Policy
from services.disruption.domain import clearance
from services.disruption.domain.action_commands import TaskAction
from services.disruption.domain.action_state import (
    Action,
    Authorised,
    Known,
    Recalled,
    Unknown,
    WithAgency,
    clearance_of,
    says_something,
)


def victim_liaison_unreachable(command: TaskAction, _action: Action) -> str | None:
    """SR-1: every known victim's worker was consulted. Who cannot be heard may have learnt of one more victim."""
    return None if command.liaison_heard else "victim-liaison-unreachable"


def clearance_missing(_command: object, action: Action) -> str | None:
    """SR-1, SR-3: nobody having answered is never consent."""
    return None if isinstance(clearance_of(action), clearance.Answer) else "clearance-missing"


def clearance_stale(_command: object, action: Action) -> str | None:
    """SR-1: what was cleared was another version, so nobody was consulted about this one."""
    return "clearance-stale" if isinstance(clearance_of(action), clearance.Stale) else None


def clearance_suspended(_command: object, action: Action) -> str | None:
    """SR-1: somebody who has to be consulted has not answered yet, or has taken the answer back."""
    return "clearance-suspended" if isinstance(clearance_of(action), clearance.Suspended) else None


def clearance_objected(_command: object, action: Action) -> str | None:
    """SR-2: an objection blocks."""
    return "clearance-objected" if isinstance(clearance_of(action), clearance.Objected) else None


def victim_not_reached(_command: object, action: Action) -> str | None:
    """SR-3: not having been able to ask is never consent."""
    return "victim-not-reached" if isinstance(clearance_of(action), clearance.NotReached) else None


def conditions_not_met(_command: object, action: Action) -> str | None:
    """SR-7: the safety step is complete before the visible step."""
    return "conditions-not-met" if isinstance(clearance_of(action), clearance.AgreedOnConditions) else None


def not_authorised(_command: object, action: Action) -> str | None:
    """SR-6 and the action's own order: somebody other than its author answers for this version."""
    return None if isinstance(action, Authorised | WithAgency | Recalled) else "not-authorised"


def attribution_plan_missing(_command: object, action: Action) -> str | None:
    """SR-6: every action says what he will believe prompted it."""
    has_plan = isinstance(action, Known) and says_something(action.draft.plan)
    return None if has_plan else "attribution-plan-missing"


def points_to_victim_without_agreement(_command: object, action: Action) -> str | None:
    """SR-6: what points to her needs agreement in so many words, with the safety steps asked for in place first.

    It looks past the rules above: whatever else may come to let an action out, this one asks for her side's own word.
    """
    if isinstance(action, Unknown) or action.draft.attribution != "points-to-victim":
        return None
    is_agreed = clearance.is_explicit_agreement(action.draft.clearance)
    return None if is_agreed else "points-to-victim-without-agreement"


CLEARED: Final[tuple[Policy, ...]] = (
    clearance_missing,
    clearance_stale,
    clearance_suspended,
    clearance_objected,
    victim_not_reached,
    conditions_not_met,
)
"""A clearance of this version is in force."""

PLANNED: Final[tuple[Policy, ...]] = (attribution_plan_missing, points_to_victim_without_agreement)
"""What he will believe has been thought through, and fits what was cleared."""

READY: Final[tuple[Policy, ...]] = (*CLEARED, not_authorised, *PLANNED)
GATE: Final[tuple[Policy, ...]] = (victim_liaison_unreachable, *READY)


def lacking(action: Action) -> tuple[str, ...]:
    """The codes of what now stands between the action and its task, in the gate's order.

    Whether the victim's side can be heard shows only when the agency is about to be asked.
    """
    return tuple(code for policy in READY if (code := policy(None, action)) is not None)
