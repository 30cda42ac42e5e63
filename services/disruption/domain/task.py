"""Which action a task belongs to: an agency answers by the task's reference alone.

Every report that answers the task is noted here, also one that overtakes the word that the task was opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from infra.decider import Policies
from schemas.disruption import TaskOpened
from schemas.ids import ActionId, PersonId, TaskId
from schemas.intake import ReportTaken


@dataclass(frozen=True, slots=True, kw_only=True)
class Unopened:
    """We do not know the task yet; these reports wait until we do, in their order."""

    reports: tuple[ReportTaken, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """It is a task of this action."""

    action: ActionId


Task = Unopened | Opened

CATEGORY: Final = "task"
RULES_VERSION: Final = 1
INITIAL: Final[Task] = Unopened(reports=())


def evolve(task: Task, event: TaskOpened | ReportTaken) -> Task:
    """The task after the event."""
    match event:
        case TaskOpened():
            return Opened(action=event.action)
        case ReportTaken():
            return Unopened(reports=(*task.reports, event)) if isinstance(task, Unopened) else task
        case _:
            assert_never(event)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    """An action was tasked under this reference."""

    task: TaskId
    action: ActionId
    person: PersonId


POLICIES: Final[Policies] = {}


def decide(command: OpenTask, task: Task) -> Sequence[TaskOpened]:
    """A task is opened once."""
    match task:
        case Unopened():
            return [TaskOpened(task=command.task, action=command.action, person=command.person)]
        case Opened():
            return []
        case _:
            assert_never(task)
