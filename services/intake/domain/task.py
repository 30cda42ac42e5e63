"""A task as intake knows it: noted from disruption, so that an answer finds its person and its one answerer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Never, assert_never

from infra.decider import Policies
from schemas.disruption import ActionTasked, TaskRecalled
from schemas.event import Event
from schemas.ids import AgencyCode, PersonId

TaskNote = ActionTasked | TaskRecalled


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody was given this task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """This agency was asked to act on this person."""

    person: PersonId
    agency: AgencyCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """The agency was told to stop. It may still have to tell what it had done by then."""

    person: PersonId
    agency: AgencyCode


Task = Unknown | Given | Recalled

CATEGORY: Final = "task"
RULES_VERSION: Final = 1
INITIAL: Final[Task] = Unknown()


def evolve(_task: Task, event: TaskNote) -> Task:
    """The task after what was noted."""
    match event:
        case ActionTasked():
            return Given(person=event.person, agency=event.agency)
        case TaskRecalled():
            return Recalled(person=event.person, agency=event.agency)
        case _:
            assert_never(event)


TaskCommand = Never
"""Nothing is asked of a task here: disruption decides on it, and intake only remembers whose it is."""

POLICIES: Final[Policies] = {}


def decide(command: TaskCommand, _task: Task) -> Sequence[Event]:
    """No command, no event."""
    assert_never(command)


def person_for(task: Task, agency: AgencyCode) -> PersonId | None:
    """Whom this agency's answer to the task is about; None if there is no such task for it to answer."""
    match task:
        case Unknown():
            return None
        case Given() | Recalled():
            return task.person if task.agency == agency else None
        case _:
            assert_never(task)
