"""What can be asked of an action. New references and the present moment come with the command."""

from dataclasses import dataclass
from datetime import datetime

from schemas.disruption import Attribution, Outcome, WithdrawalReason
from schemas.ids import ActionId, AgencyCode, PersonId, TaskId, WorkerId
from schemas.reports.report import Code
from schemas.sealed import Sealed
from services.disruption.domain.answer import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeAction:
    """Propose it, whole. `plan` and `tasking` are sealed on the person's side."""

    action: ActionId
    by: WorkerId
    person: PersonId
    tactic: Code
    agency: AgencyCode
    attribution: Attribution
    plan: Sealed
    tasking: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAction:
    """Make it another one. `version` is the version that the change was made from."""

    version: int
    by: WorkerId
    tactic: Code
    agency: AgencyCode
    attribution: Attribution
    plan: Sealed
    tasking: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAction:
    """Give it up; an agency at work on it is told to stop."""

    reason: WithdrawalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthoriseAction:
    """Authorise the version that was read."""

    version: int
    by: WorkerId


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAction:
    """Ask the agency to act: the command the gate judges.

    `task` is a new reference. `liaison_heard` is true if the victim's side was heard to its present head just before.
    """

    now: datetime
    task: TaskId
    liaison_heard: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallTask:
    """Tell the agency to stop, if the clearance that its task rests on is no longer in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTask:
    """An agency answered a task."""

    task: TaskId
    agency: AgencyCode
    reply: Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class TellOverdue:
    """The time by which a task was due has come."""

    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcludeAction:
    """Record what came of it, after the agency's last word or a recall."""

    outcome: Outcome


ActionCommand = (
    ProposeAction
    | ChangeAction
    | WithdrawAction
    | AuthoriseAction
    | TaskAction
    | RecallTask
    | AnswerTask
    | TellOverdue
    | ConcludeAction
)
