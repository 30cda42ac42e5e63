"""What an agency's report says about a task: which task, and how it replies to it."""

from dataclasses import dataclass
from typing import Literal

from schemas.disruption import Outcome
from schemas.ids import TaskId
from schemas.reports import Facts
from schemas.reports.report import Code
from schemas.reports.tasks import TaskAccepted, TaskDeclined, TaskDone, TaskNotPossible, TaskStarted
from services.disruption.domain.tactic import Tactic


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply as it is recorded: `reason` with a no, `outcome` with what was done."""

    answer: Literal["accepted", "declined", "started", "not-possible", "done"]
    reason: Code | None = None
    outcome: Outcome | None = None


def task_of(facts: Facts) -> TaskId | None:
    """The task that a report answers: a report of whatever kind that does so carries its reference in `task`."""
    return getattr(facts, "task", None)


def reply_in(facts: Facts, tactic: Tactic) -> Reply | None:
    """How the report replies to a task of this tactic; None if it is no reply to one.

    Steps and refusals are said alike by every agency; what was done, each tactic reads from its own reports too.
    """
    match facts:
        case TaskAccepted():
            return Reply(answer="accepted")
        case TaskStarted():
            return Reply(answer="started")
        case TaskDeclined():
            return Reply(answer="declined", reason=facts.reason)
        case TaskNotPossible():
            return Reply(answer="not-possible", reason=facts.reason)
        case TaskDone():
            return Reply(answer="done", outcome=Outcome(code=facts.outcome, count=facts.count))
        case _:
            outcome = tactic.outcome_of(facts)
            return None if outcome is None else Reply(answer="done", outcome=outcome)
