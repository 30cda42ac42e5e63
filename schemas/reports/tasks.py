"""How any agency answers a task: it takes it on, declines, begins, cannot, or is done."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.ids import TaskId
from schemas.reports.report import Report, Text

TaskOutcome = Literal[
    "already-blocked",
    "application-refused",
    "breach-ended",
    "certificate-kept",
    "certificate-revoked",
    "condition-added",
    "condition-refused",
    "contact-blocked",
    "contacts-removed",
    "evidence-handed-over",
    "found-not-served",
    "injunction-made",
    "interim-order-made",
    "licence-kept",
    "licence-revoked",
    "licence-suspended",
    "no-breach-found",
    "no-certificate-held",
    "not-fitted",
    "not-found",
    "not-justified",
    "not-pursued",
    "not-recalled",
    "not-served",
    "nothing-found",
    "nothing-recorded",
    "nothing-to-remove",
    "notice-served",
    "order-made",
    "order-refused",
    "order-served",
    "phones-recovered",
    "recalled",
    "refused",
    "undertaking-given",
    "visits-restricted",
    "warned-instead",
    "warning-was-enough",
    "weapons-removed",
]
"""What can come of the tactics of the catalogue. A closed list: a code somebody may type could name anybody."""


class TaskAccepted(Report, frozen=True, kw_only=True, tag="agency.task-accepted.v1"):
    """The agency takes the task on."""

    task: TaskId


class TaskDeclined(Report, frozen=True, kw_only=True, tag="agency.task-declined.v1"):
    """The agency does not take the task on, and says why: evidence for institutional advocacy."""

    task: TaskId
    reason: Literal["no-power", "no-evidence", "no-capacity", "disproportionate", "risk-to-others", "other"]
    explanation: Text = ""


class TaskStarted(Report, frozen=True, kw_only=True, tag="agency.task-started.v1"):
    """The agency has begun."""

    task: TaskId


class TaskNotPossible(Report, frozen=True, kw_only=True, tag="agency.task-not-possible.v1"):
    """The agency took the task on and then could not do it."""

    task: TaskId
    reason: Literal["not-found", "no-longer-applies", "prevented", "other"]
    explanation: Text = ""


class TaskDone(Report, frozen=True, kw_only=True, tag="agency.task-done.v1"):
    """The task is done; what came of it as a code and, where it can be counted, a count."""

    task: TaskId
    outcome: TaskOutcome
    count: Annotated[int, Meta(ge=0, le=100_000)] | None = None
