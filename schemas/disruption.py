"""What disruption records and says: orders and what they protect, and actions from proposal to outcome."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from schemas.event import Message, Private
from schemas.ids import ActionId, AgencyCode, OrderId, PersonId, ReportId, TaskId, WorkerId
from schemas.reports.courts import Term
from schemas.reports.report import Code, Day, Moment, Reference
from schemas.reports.tasks import TaskOutcome
from schemas.sealed import Sealed

Version = Annotated[int, Meta(ge=1, description="Raised by every change of the action; a clearance is for one.")]
Attribution = Literal["safe", "ambiguous", "points-to-victim"]
OutcomeCode = Literal[TaskOutcome, "not-done"]
"""What came of an action: what an agency can tell, or nothing."""
WithdrawalReason = Literal[
    "no-longer-needed",
    "overtaken-by-events",
    "superseded",
    "risk-to-victim",
    "too-dangerous",
    "agency-cannot",
    "recorded-in-error",
    "other",
]
"""Why an action is given up. Closed, as outcomes are: a code somebody may type could say anything."""


class OrderGranted(Message, frozen=True, kw_only=True):
    """A court made an order. It is shown as no protection until it is served."""

    TYPE: ClassVar = "disruption.order-granted.v1"
    order: OrderId
    person: PersonId
    order_kind: Code
    reference: Reference
    occurred_at: Moment
    expires_on: Day | None
    terms: tuple[Term, ...]


class OrderServed(Message, frozen=True, kw_only=True):
    """He knows of the order: from now on it protects, and breaking it counts."""

    TYPE: ClassVar = "disruption.order-served.v1"
    order: OrderId
    person: PersonId
    occurred_at: Moment
    method: Code


class OrderBreached(Message, frozen=True, kw_only=True):
    """An order was broken, by what means and when, and how the order stood. Never where: the victim's side hears it."""

    TYPE: ClassVar = "disruption.order-breached.v1"
    order: OrderId
    person: PersonId
    report: ReportId
    occurred_at: Moment
    means: Code
    standing: Literal["served", "not-served", "expired", "not-on-register"]


class ActionProposed(Message, frozen=True, kw_only=True):
    """An action is proposed, whole: what, by whom, and what he will believe prompted it. Clearance is asked for.

    `plan` is the attribution plan in words, `tasking` what the agency would read; both sealed on the person's side.
    `proposed_by` is whoever brought this version: nobody authorises what they proposed.
    """

    TYPE: ClassVar = "disruption.action-proposed.v1"
    action: ActionId
    version: Version
    person: PersonId
    tactic: Code
    agency: AgencyCode
    attribution: Attribution
    plan: Sealed
    tasking: Sealed
    proposed_by: WorkerId


class ActionChanged(Message, frozen=True, kw_only=True):
    """The action is another one now, and `proposed_by` made it so: every clearance of the version before is void."""

    TYPE: ClassVar = "disruption.action-changed.v1"
    action: ActionId
    version: Version
    person: PersonId
    tactic: Code
    agency: AgencyCode
    attribution: Attribution
    plan: Sealed
    tasking: Sealed
    proposed_by: WorkerId


class ActionAuthorised(Message, frozen=True, kw_only=True):
    """A practice manager authorised this version of the action."""

    TYPE: ClassVar = "disruption.action-authorised.v1"
    action: ActionId
    version: Version
    person: PersonId


class ActionTasked(Message, frozen=True, kw_only=True):
    """The agency was asked to act. `announced_as` is the name under which agencies know the request."""

    TYPE: ClassVar = "disruption.action-tasked.v1"
    action: ActionId
    version: Version
    task: TaskId
    person: PersonId
    agency: AgencyCode
    tactic: Code
    announced_as: str
    due_at: Moment


class TaskOpened(Private, frozen=True, kw_only=True):
    """From now on an answer to this task is an answer to this action: agencies know the task by its reference alone."""

    TYPE: ClassVar = "disruption.task-opened.v1"
    task: TaskId
    action: ActionId
    person: PersonId


class TaskOverdue(Message, frozen=True, kw_only=True):
    """The task should have been done or declined by now, and the agency has said neither. Told once for each task."""

    TYPE: ClassVar = "disruption.task-overdue.v1"
    action: ActionId
    task: TaskId
    person: PersonId
    agency: AgencyCode
    due_at: Moment


class TaskRecalled(Message, frozen=True, kw_only=True):
    """The agency was told to stop: what the task rested on no longer holds."""

    TYPE: ClassVar = "disruption.task-recalled.v1"
    action: ActionId
    task: TaskId
    person: PersonId
    agency: AgencyCode
    why: Literal["clearance-suspended", "withdrawn"]


class Outcome(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of a task: a code and, where the tactic counts something, the count. Never how it was known."""

    code: OutcomeCode
    count: int | None = None


class TaskAnswered(Message, frozen=True, kw_only=True):
    """The agency answered: accepted, declined with its reason, started, could not, or done with the outcome."""

    TYPE: ClassVar = "disruption.task-answered.v1"
    action: ActionId
    task: TaskId
    person: PersonId
    agency: AgencyCode
    answer: Literal["accepted", "declined", "started", "not-possible", "done"]
    reason: Code | None = None
    outcome: Outcome | None = None


class ActionConcluded(Message, frozen=True, kw_only=True):
    """The case manager recorded what came of the action."""

    TYPE: ClassVar = "disruption.action-concluded.v1"
    action: ActionId
    person: PersonId
    outcome: Outcome


class ActionWithdrawn(Message, frozen=True, kw_only=True):
    """The action is not pursued any further."""

    TYPE: ClassVar = "disruption.action-withdrawn.v1"
    action: ActionId
    person: PersonId
    reason: WithdrawalReason
