"""What may be asked of disruption's read models. Every query takes its reader: what is not for them is not there."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, exists, false, select

from infra.web.reader import Reader
from schemas.ids import ActionId, AgencyCode, OrderId, PersonId, TaskId
from schemas.reports.report import Code, Day, Moment
from services.disruption import access
from services.disruption.domain import order
from services.disruption.tables import actions, orders, people, people_liaison, tasks

PAGE_MAX: Final = 200


class OrderRow(Struct, frozen=True, kw_only=True):
    """One order. `place` is where the next page goes on from; `standing` and `protects_today` are of the day asked."""

    place: int
    order: OrderId
    person: PersonId
    order_kind: Code | None
    reference: str | None
    granted_at: Moment | None
    served_at: Moment | None
    method: Code | None
    expires_on: Day | None
    terms: tuple[Code, ...]
    breaches: int
    last_breach_at: Moment | None
    protects_today: bool


class ActionRow(Struct, frozen=True, kw_only=True):
    """One action in codes. `stream_version` is what its ETag says; `version` is that of the action itself."""

    place: int
    action: ActionId
    person: PersonId
    stream_version: int
    version: int
    tactic: Code
    agency: AgencyCode
    attribution: Code
    standing: Code
    clearance: Code
    task: TaskId | None
    due_at: Moment | None
    is_overdue: bool
    reason: Code | None
    outcome: Code | None
    outcome_count: int | None


class TaskRow(Struct, frozen=True, kw_only=True):
    """One task as its agency sees it: nothing of whom or what it is about stands in a list."""

    place: int
    task: TaskId
    announced_as: str
    standing: Code
    tasked_at: Moment
    due_at: Moment


def _works_with(reader: Reader, person: ColumnElement[str]) -> ColumnElement[bool]:
    """`access.may_work_with` as a condition on a column of people; a test compares the two."""
    has_case = exists().where(people.c.person == person)
    if access.sees_every_case(reader):
        return has_case & _is_not_named(reader, person)
    if access.may_hold_cases(reader):
        return has_case.where(people.c.case_manager == reader.id) & _is_not_named(reader, person)
    return false()


def _sees_orders(reader: Reader, person: ColumnElement[str]) -> ColumnElement[bool]:
    """`access.may_see_orders` likewise."""
    return _is_not_named(reader, person) if access.sees_every_case(reader) else _works_with(reader, person)


def _is_not_named(reader: Reader, person: ColumnElement[str]) -> ColumnElement[bool]:
    return ~exists().where(people_liaison.c.person == person, people_liaison.c.worker == reader.id)


def orders_of(
    connection: Connection, reader: Reader, person: str, today: date, after: int, count: int
) -> Sequence[OrderRow]:
    """What binds this person, the oldest first, and whether it protects on that day. Empty where it is not theirs."""
    query = (
        select(orders)
        .where(orders.c.person == person, orders.c.sequence > after, _sees_orders(reader, orders.c.person))
        .order_by(orders.c.sequence)
        .limit(min(count, PAGE_MAX))
    )
    return [_order_row(row, today) for row in connection.execute(query)]


def _order_row(row: Row[Any], today: date) -> OrderRow:
    return OrderRow(
        place=row.sequence,
        order=row.order_id,
        person=row.person,
        order_kind=row.order_kind,
        reference=row.reference,
        granted_at=row.granted_at,
        served_at=row.served_at,
        method=row.method,
        expires_on=row.expires_on,
        terms=_terms(row),
        breaches=row.breaches,
        last_breach_at=row.last_breach_at,
        protects_today=order.protects_today(_order(row), today),
    )


def _terms(row: Row[Any]) -> tuple[Code, ...]:
    return () if row.terms is None else msgspec.json.decode(row.terms, type=tuple[Code, ...])


def _order(row: Row[Any]) -> order.Order:
    """The order as its own decider would have it, so that one rule says everywhere whether it protects."""
    if row.granted_at is None:
        return order.INITIAL
    grant = order.Grant(
        person=row.person,
        order_kind=row.order_kind,
        reference=row.reference,
        granted_at=row.granted_at,
        expires_on=row.expires_on,
        terms=_terms(row),
    )
    if row.served_at is None:
        return order.Granted(grant=grant, breaches=frozenset())
    return order.Served(grant=grant, served_at=row.served_at, breaches=frozenset())


_ACTION: Final = select(
    actions.c.sequence.label("place"), *(column for column in actions.c if column.name != "sequence")
)


def actions_of(connection: Connection, reader: Reader, person: str, after: int, count: int) -> Sequence[ActionRow]:
    """The actions about this person, the oldest first. Empty where they are not this reader's."""
    query = (
        _ACTION.where(actions.c.person == person, actions.c.sequence > after, _works_with(reader, actions.c.person))
        .order_by(actions.c.sequence)
        .limit(min(count, PAGE_MAX))
    )
    return [ActionRow(**row) for row in connection.execute(query).mappings()]


def action_of(connection: Connection, reader: Reader, action: str) -> ActionRow | None:
    """One action; None if it is not there or not for this reader."""
    query = _ACTION.where(actions.c.action == action, _works_with(reader, actions.c.person))
    row = connection.execute(query).mappings().first()
    return None if row is None else ActionRow(**row)


_TASK: Final = select(
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
        _TASK.where(_own(reader, agency), tasks.c.sequence > after)
        .order_by(tasks.c.sequence)
        .limit(min(count, PAGE_MAX))
    )
    return [TaskRow(**row) for row in connection.execute(query).mappings()]


def task_of(connection: Connection, reader: Reader, agency: str, task: str) -> tuple[TaskRow, ActionId] | None:
    """One task with the action it belongs to, which is not for the agency; None if not there or not theirs."""
    query = _TASK.add_columns(tasks.c.action).where(_own(reader, agency), tasks.c.task == task)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    seen = dict(row)
    action: ActionId = seen.pop("action")
    return TaskRow(**seen), action
