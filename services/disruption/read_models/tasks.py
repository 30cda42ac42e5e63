"""What each agency is asked, as that agency sees it."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Connection, Index, Table, Text, bindparam, false, insert, select, update

from infra.journal.tables import Counter
from infra.service import Change, ReadModel, Recorded
from infra.web.reader import Reader
from schemas.disruption import ActionTasked, TaskAnswered, TaskRecalled
from schemas.ids import ActionId, AgencyCode, TaskId
from schemas.reports.report import Code, Moment
from services.disruption import access
from services.disruption.domain import action_state as state
from services.disruption.read_models.rows import PAGE_MAX, metadata

tasks: Final = Table(
    "tasks",
    metadata,
    Column("task", Text, primary_key=True),
    Column("sequence", Counter, nullable=False),
    Column("agency", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("announced_as", Text, nullable=False),
    Column("standing", Text, nullable=False),
    Column("tasked_at", Text, nullable=False),
    Column("due_at", Text, nullable=False),
    Index("tasks_of_agency", "agency", "sequence"),
)

_OPEN: Final = insert(tasks)
_MOVE: Final = update(tasks).where(tasks.c.task == bindparam("of")).values(standing=bindparam("now"))


def project(recorded: Recorded) -> Iterable[Change]:
    """How an event changes what an agency is asked."""
    match recorded.event:
        case ActionTasked() as event:
            row = {
                "task": event.task,
                "sequence": recorded.sequence,
                "agency": event.agency,
                "action": event.action,
                "announced_as": event.announced_as,
                "standing": state.Tasked.CODE,
                "tasked_at": recorded.record.time,
                "due_at": event.due_at,
            }
            yield _OPEN, row
        case TaskAnswered() as event:
            yield _MOVE, {"of": event.task, "now": event.answer}
        case TaskRecalled() as event:
            yield _MOVE, {"of": event.task, "now": state.Recalled.CODE}
        case _:
            return


TASKS: Final = ReadModel(
    name="tasks",
    version=1,
    tables=(tasks,),
    reads=(ActionTasked, TaskAnswered, TaskRecalled),
    project=project,
)


class TaskRow(Struct, frozen=True, kw_only=True):
    """One task as its agency sees it: nothing of whom or what it is about stands in a list."""

    place: int
    task: TaskId
    announced_as: str
    standing: Code
    tasked_at: Moment
    due_at: Moment


_SHOWN: Final = select(
    tasks.c.sequence.label("place"),
    tasks.c.task,
    tasks.c.announced_as,
    tasks.c.standing,
    tasks.c.tasked_at,
    tasks.c.due_at,
)


def _own(reader: Reader, agency: AgencyCode) -> ColumnElement[bool]:
    """`access.may_see_tasks` as a condition on the table of tasks."""
    return tasks.c.agency == agency if access.may_see_tasks(reader, agency) else false()


def tasks_of(connection: Connection, reader: Reader, agency: str, after: int, count: int) -> Sequence[TaskRow]:
    """What this agency was asked, the oldest first. Empty for everybody else."""
    query = (
        _SHOWN.where(_own(reader, agency), tasks.c.sequence > after)
        .order_by(tasks.c.sequence)
        .limit(min(count, PAGE_MAX))
    )
    return [TaskRow(**row) for row in connection.execute(query).mappings()]


def task_of(connection: Connection, reader: Reader, agency: str, task: str) -> tuple[TaskRow, ActionId] | None:
    """One task with the action it belongs to, which is not for the agency; None if not there or not theirs."""
    query = _SHOWN.add_columns(tasks.c.action).where(_own(reader, agency), tasks.c.task == task)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    seen = dict(row)
    action: ActionId = seen.pop("action")
    return TaskRow(**seen), action
