"""The drafting of an action: what a proposal or a change says, and what it must not leave unsaid."""

from dataclasses import replace
from typing import Final

from infra.decider import Policy
from schemas.disruption import ActionChanged, ActionProposed
from services.disruption.domain.action_commands import ChangeAction, ProposeAction
from services.disruption.domain.action_state import Draft, says_something
from services.disruption.domain.clearance import Awaited, voided
from services.disruption.domain.tactic import is_rated_honestly
from services.disruption.domain.tactics import BY_CODE


def tactic_unknown(command: ProposeAction | ChangeAction, _action: object) -> str | None:
    """Only what the list of tactics holds can be asked of an agency."""
    return None if command.tactic in BY_CODE else "tactic-unknown"


def attribution_understated(command: ProposeAction | ChangeAction, _action: object) -> str | None:
    """SR-6: he is told of some tactics and will look to her; no plan makes them look like chance."""
    tactic = BY_CODE.get(command.tactic)
    is_honest = tactic is None or is_rated_honestly(tactic, command.attribution)
    return None if is_honest else "attribution-understated"


def attribution_plan_missing(command: ProposeAction | ChangeAction, _action: object) -> str | None:
    """SR-6: what he will believe is thought through before anybody is consulted on it."""
    return None if says_something(command.plan) else "attribution-plan-missing"


POLICIES: Final[tuple[Policy, ...]] = (tactic_unknown, attribution_understated, attribution_plan_missing)


def proposed(command: ProposeAction) -> ActionProposed:
    """The first version."""
    return ActionProposed(
        action=command.action,
        version=1,
        person=command.person,
        tactic=command.tactic,
        agency=command.agency,
        attribution=command.attribution,
        plan=command.plan,
        tasking=command.tasking,
        proposed_by=command.by,
    )


def change(command: ChangeAction, draft: Draft) -> ActionChanged:
    """The version after this one."""
    return ActionChanged(
        action=draft.action,
        version=draft.version + 1,
        person=draft.person,
        tactic=command.tactic,
        agency=command.agency,
        attribution=command.attribution,
        plan=command.plan,
        tasking=command.tasking,
        proposed_by=command.by,
    )


def is_the_same(command: ChangeAction, draft: Draft) -> bool:
    """Whether the action is already what the change would make it."""
    asked = (command.tactic, command.agency, command.attribution, command.plan, command.tasking)
    return asked == (draft.tactic, draft.agency, draft.attribution, draft.plan, draft.tasking)


def first(event: ActionProposed) -> Draft:
    """The draft that a proposal begins."""
    return Draft(
        action=event.action,
        version=event.version,
        person=event.person,
        tactic=event.tactic,
        agency=event.agency,
        attribution=event.attribution,
        plan=event.plan,
        tasking=event.tasking,
        authors=frozenset({event.proposed_by}),
        clearance=Awaited(),
    )


def changed(draft: Draft, event: ActionChanged) -> Draft:
    """The draft as the change makes it: whatever was cleared before is void."""
    return replace(
        draft,
        version=event.version,
        tactic=event.tactic,
        agency=event.agency,
        attribution=event.attribution,
        plan=event.plan,
        tasking=event.tasking,
        authors=draft.authors | {event.proposed_by},
        clearance=voided(draft.clearance),
    )
