"""An action against what he does: proposed, cleared by the victim's side, authorised, tasked, answered, concluded.

Its shapes stand in `action_state`, its commands in `action_commands`; what is asked before an agency is, in `gate`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, Literal, assert_never

from infra.decider import Policies, enforce
from schemas import catalogue
from schemas.disruption import (
    ActionAuthorised,
    ActionChanged,
    ActionConcluded,
    ActionProposed,
    ActionTasked,
    ActionWithdrawn,
    TaskAnswered,
    TaskOverdue,
    TaskRecalled,
)
from schemas.moments import read, written
from schemas.rejection import Rejected
from schemas.victim_liaison import ClearanceGiven, ClearanceSuspended, ConditionsMet, ImpactRecorded
from services.disruption.domain import action_commands as commands
from services.disruption.domain import action_state as state
from services.disruption.domain import clearance, gate, proposal, task_replies
from services.disruption.domain.action_state import Action

TaskEvent = ActionTasked | TaskAnswered | TaskOverdue | TaskRecalled
ActionDecided = ActionProposed | ActionChanged | ActionAuthorised | TaskEvent | ActionConcluded | ActionWithdrawn
ActionNoted = ClearanceGiven | ClearanceSuspended | ConditionsMet | ImpactRecorded

CATEGORY: Final = "action"
RULES_VERSION: Final = 1
INITIAL: Final[Action] = state.Unknown()


def evolve(action: Action, event: ActionDecided | ActionNoted) -> Action:
    """The action after the event. What is said of an action that is not there changes nothing."""
    match event:
        case ActionProposed():
            return state.Proposed(draft=proposal.first(event))
        case ActionChanged() | ActionAuthorised() | ActionConcluded() | ActionWithdrawn():
            return action if isinstance(action, state.Unknown) else _moved(action, event)
        case ActionTasked() | TaskAnswered() | TaskOverdue() | TaskRecalled():
            return action if isinstance(action, state.Unknown) else _with_task(action, event)
        case ClearanceGiven() | ClearanceSuspended() | ConditionsMet() | ImpactRecorded():
            return action if isinstance(action, state.Unknown) else _noted(action, event)
        case _:
            assert_never(event)


def _moved(action: state.Known, event: ActionChanged | ActionAuthorised | ActionConcluded | ActionWithdrawn) -> Action:
    match event:
        case ActionChanged():
            return state.Proposed(draft=proposal.changed(action.draft, event))
        case ActionAuthorised():
            return state.Authorised(draft=action.draft)
        case ActionConcluded():
            return state.Concluded(draft=action.draft, outcome=event.outcome)
        case ActionWithdrawn():
            if isinstance(action, state.Recalled):
                return state.Stopped(draft=action.draft, task=action.task, reason=event.reason)
            return state.Withdrawn(draft=action.draft, reason=event.reason)
        case _:
            assert_never(event)


def _with_task(action: state.Known, event: TaskEvent) -> Action:
    if isinstance(event, ActionTasked):
        task = state.Task(id=event.task, agency=event.agency, due_at=event.due_at)
        return state.Tasked(draft=action.draft, task=task)
    if not isinstance(action, state.WithTask) or action.task.id != event.task:
        return action
    match event:
        case TaskAnswered():
            return task_replies.answered(action, event)
        case TaskOverdue():
            return replace(action, task=replace(action.task, is_overdue=True))
        case TaskRecalled():
            return state.Recalled(draft=action.draft, task=action.task)
        case _:
            assert_never(event)


def _noted(action: state.Known, event: ActionNoted) -> Action:
    """What the victim's side says of another version than the present one changes nothing."""
    draft = action.draft
    match event:
        case ImpactRecorded():
            return replace(action, draft=replace(draft, effects=(*draft.effects, event.effect)))
        case ClearanceGiven() | ClearanceSuspended() | ConditionsMet():
            if event.version != draft.version:
                return action
            return replace(action, draft=replace(draft, clearance=clearance.after(draft.clearance, event)))
        case _:
            assert_never(event)


def version_is_present(command: commands.ChangeAction | commands.AuthoriseAction, action: Action) -> str | None:
    """Nobody changes or authorises what is another action now than the one that was read."""
    is_present = isinstance(action, state.Known) and action.draft.version == command.version
    return None if is_present else "version-stale"


def authoriser_is_not_author(command: commands.AuthoriseAction, action: Action) -> str | None:
    """Two people: nobody answers for what they proposed or changed themselves."""
    is_author = isinstance(action, state.Known) and command.by in action.draft.authors
    return "authoriser-is-author" if is_author else None


POLICIES: Final[Policies] = {
    commands.ProposeAction: proposal.POLICIES,
    commands.ChangeAction: (version_is_present, *proposal.POLICIES),
    commands.AuthoriseAction: (version_is_present, authoriser_is_not_author, *gate.CLEARED, *gate.PLANNED),
    commands.TaskAction: gate.GATE,
    commands.AnswerTask: task_replies.POLICIES,
}


def decide(command: commands.ActionCommand, action: Action) -> Sequence[ActionDecided]:
    """The events that follow. Raises Rejected."""
    match command:
        case commands.ProposeAction():
            return propose(command, action)
        case commands.ChangeAction():
            return change(command, action)
        case commands.WithdrawAction():
            return withdraw(command, action)
        case commands.AuthoriseAction():
            return authorise(command, action)
        case commands.TaskAction():
            return ask_agency(command, action)
        case commands.RecallTask():
            return recall(action)
        case commands.AnswerTask():
            return answer(command, action)
        case commands.TellOverdue():
            return tell_overdue(command, action)
        case commands.ConcludeAction():
            return conclude(command, action)
        case _:
            assert_never(command)


def propose(command: commands.ProposeAction, action: Action) -> Sequence[ActionDecided]:
    """The reference comes from the request: an action that is there already is this very proposal."""
    if not isinstance(action, state.Unknown):
        return []
    enforce(POLICIES, command, action)
    return [proposal.proposed(command)]


def change(command: commands.ChangeAction, action: Action) -> Sequence[ActionDecided]:
    """Until an agency is asked: clearance and authorisation are void then.

    Not after a recall, though it can be tasked again as it was: the agency may yet say that it had acted before.
    """
    match action:
        case state.Proposed() | state.Authorised():
            if proposal.is_the_same(command, action.draft):
                return []
            enforce(POLICIES, command, action)
            return [proposal.change(command, action.draft)]
        case state.Tasked() | state.Accepted() | state.Started() | state.Recalled():
            raise Rejected("action-tasked")
        case _:
            raise refusal(action)


def withdraw(command: commands.WithdrawAction, action: Action) -> Sequence[ActionDecided]:
    """Give it up. An agency that was asked is told to stop first."""
    if isinstance(action, state.Withdrawn | state.Stopped):
        return []
    if isinstance(action, state.Unknown | state.Answered | state.Concluded):
        raise refusal(action)
    withdrawn = ActionWithdrawn(action=action.draft.action, person=action.draft.person, reason=command.reason)
    if isinstance(action, state.WithAgency):
        return [_recalled(action, "withdrawn"), withdrawn]
    return [withdrawn]


def authorise(command: commands.AuthoriseAction, action: Action) -> Sequence[ActionDecided]:
    """A second person answers for this version, with a clearance in force."""
    match action:
        case state.Authorised() | state.Tasked() | state.Accepted() | state.Started() | state.Recalled():
            if action.draft.version == command.version:
                return []
            raise Rejected("version-stale")
        case state.Proposed():
            enforce(POLICIES, command, action)
            draft = action.draft
            return [ActionAuthorised(action=draft.action, version=draft.version, person=draft.person)]
        case _:
            raise refusal(action)


def ask_agency(command: commands.TaskAction, action: Action) -> Sequence[ActionDecided]:
    """Through the gate, always. How long an agency takes as a rule is for the catalogue to say."""
    match action:
        case state.Tasked() | state.Accepted() | state.Started():
            return []
        case state.Recalled() if action.task.id == command.task:
            return []
        case state.Proposed() | state.Authorised() | state.Recalled():
            enforce(POLICIES, command, action)
            draft = action.draft
            tactic = catalogue.tactic(draft.tactic)
            return [
                ActionTasked(
                    action=draft.action,
                    version=draft.version,
                    task=command.task,
                    person=draft.person,
                    agency=draft.agency,
                    tactic=draft.tactic,
                    announced_as=tactic.announced_as,
                    due_at=written(command.now + timedelta(days=tactic.typical_days)),
                )
            ]
        case _:
            raise refusal(action)


def recall(action: Action) -> Sequence[ActionDecided]:
    """SR-1: what was cleared and is not any more must not go on."""
    if not isinstance(action, state.WithAgency) or clearance.in_force(action.draft.clearance):
        return []
    return [_recalled(action, "clearance-suspended")]


def answer(command: commands.AnswerTask, action: Action) -> Sequence[ActionDecided]:
    """What the agency says is kept as it says it; a step that it has passed already is nothing new."""
    if isinstance(action, state.Proposed | state.Authorised):
        raise Rejected("action-not-tasked")
    if isinstance(action, state.Unknown | state.Concluded | state.Withdrawn):
        raise refusal(action)
    if task_replies.is_said(command, action):
        return []
    enforce(POLICIES, command, action)
    return [task_replies.told(command, action)]


def tell_overdue(command: commands.TellOverdue, action: Action) -> Sequence[ActionDecided]:
    """Once for each task; a task that is over, or that another has replaced, is nobody's worry."""
    if not isinstance(action, state.WithAgency) or action.task.is_overdue or read(action.task.due_at) > command.due_at:
        return []
    task = action.task
    return [
        TaskOverdue(
            action=action.draft.action,
            task=task.id,
            person=action.draft.person,
            agency=task.agency,
            due_at=task.due_at,
        )
    ]


def conclude(command: commands.ConcludeAction, action: Action) -> Sequence[ActionDecided]:
    """After the agency's last word, or when its task was recalled for good."""
    match action:
        case state.Concluded() if action.outcome == command.outcome:
            return []
        case state.Declined() | state.NotPossible() | state.Done() | state.Recalled():
            draft = action.draft
            return [ActionConcluded(action=draft.action, person=draft.person, outcome=command.outcome)]
        case state.Tasked() | state.Accepted() | state.Started():
            raise Rejected("action-not-answered")
        case state.Proposed() | state.Authorised():
            raise Rejected("action-not-tasked")
        case state.Unknown() | state.Concluded() | state.Withdrawn() | state.Stopped():
            raise refusal(action)
        case _:
            assert_never(action)


def refusal(action: state.Unknown | state.Answered | state.Closed) -> Rejected:
    """Why nothing more can be asked of it."""
    match action:
        case state.Unknown():
            return Rejected("action-unknown")
        case state.Declined() | state.NotPossible() | state.Done():
            return Rejected("action-answered")
        case state.Concluded() | state.Withdrawn() | state.Stopped():
            return Rejected("action-closed")
        case _:
            assert_never(action)


def _recalled(action: state.WithAgency, why: Literal["clearance-suspended", "withdrawn"]) -> TaskRecalled:
    draft, task = action.draft, action.task
    return TaskRecalled(action=draft.action, task=task.id, person=draft.person, agency=task.agency, why=why)
