"""How an agency's replies move a task on: steps only forward, a last word only once, and "done" even after a recall."""

from typing import Final, assert_never

from infra.decider import Policy
from schemas.disruption import TaskAnswered
from services.disruption.domain import action_state as state
from services.disruption.domain.action_commands import AnswerTask
from services.disruption.domain.answer import Reply

STEPS: Final = ("accepted", "started")


def task_not_present(command: AnswerTask, action: state.Action) -> str | None:
    """A task that was recalled and replaced by another is over."""
    is_present = not isinstance(action, state.WithTask) or action.task.id == command.task
    return None if is_present else "task-not-present"


def task_not_yours(command: AnswerTask, action: state.Action) -> str | None:
    """Only the agency that was asked can answer."""
    is_theirs = not isinstance(action, state.WithTask) or action.task.agency == command.agency
    return None if is_theirs else "task-not-yours"


def task_answered(_command: AnswerTask, action: state.Action) -> str | None:
    """The agency's last word stands; what it says after it is kept with its report, and somebody must look."""
    return "task-answered" if isinstance(action, state.Answered) else None


def task_recalled(command: AnswerTask, action: state.Action) -> str | None:
    """After a recall one thing still matters: that it was done all the same."""
    is_over = isinstance(action, state.Recalled | state.Stopped) and command.reply.answer != "done"
    return "task-recalled" if is_over else None


POLICIES: Final[tuple[Policy, ...]] = (
    task_not_present,
    task_not_yours,
    task_answered,
    task_recalled,
)


def is_said(command: AnswerTask, action: state.WithTask) -> bool:
    """Whether this agency has said so already, or has passed that step."""
    if command.task != action.task.id or command.agency != action.task.agency:
        return False
    reply = command.reply
    match action:
        case state.Tasked() | state.Recalled() | state.Stopped():
            return False
        case state.Accepted():
            return reply.answer == "accepted"
        case state.Started():
            return reply.answer in STEPS
        case state.Declined():
            return reply == Reply(answer="declined", reason=action.reason)
        case state.NotPossible():
            return reply.answer in STEPS or reply == Reply(answer="not-possible", reason=action.reason)
        case state.Done():
            return reply.answer in STEPS or reply == Reply(answer="done", outcome=action.outcome)
        case _:
            assert_never(action)


def told(command: AnswerTask, action: state.WithTask) -> TaskAnswered:
    """The reply as a fact."""
    return TaskAnswered(
        action=action.draft.action,
        task=action.task.id,
        person=action.draft.person,
        agency=action.task.agency,
        answer=command.reply.answer,
        reason=command.reply.reason,
        outcome=command.reply.outcome,
    )


def answered(action: state.WithTask, event: TaskAnswered) -> state.Action:
    """The action after the reply."""
    draft, task = action.draft, action.task
    match event.answer:
        case "accepted":
            return state.Accepted(draft=draft, task=task)
        case "started":
            return state.Started(draft=draft, task=task)
        case "declined":
            return state.Declined(draft=draft, task=task, reason=event.reason)
        case "not-possible":
            return state.NotPossible(draft=draft, task=task, reason=event.reason)
        case "done":
            return state.Done(draft=draft, task=task, outcome=event.outcome)
        case _:
            assert_never(event.answer)
