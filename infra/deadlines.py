"""Deadlines are facts: events set them, and when they come they return as commands with ids of their own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from infra.command_handler import Order, ask
from infra.journal import tables
from infra.journal.chain import record_id
from infra.journal.staging import Cause
from infra.journal.transaction import Transaction
from infra.service import Service
from schemas.journal import DeadlineReached
from schemas.moments import written

DUE_AT_ONCE_MAX: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A deadline that has come: on which stream, its name, when it was due, and the record that set it."""

    stream: str
    name: str
    due_at: str
    set_by: str


_STANDING: Final = select(
    tables.deadlines.c.stream, tables.deadlines.c.name, tables.deadlines.c.due_at, tables.deadlines.c.set_by
)


def due(connection: Connection, now: datetime) -> list[Due]:
    """The deadlines that have come, the oldest first."""
    rows = connection.execute(
        _STANDING.where(tables.deadlines.c.due_at <= written(now))
        .order_by(tables.deadlines.c.due_at)
        .limit(DUE_AT_ONCE_MAX)
    )
    return [Due(stream=row.stream, name=row.name, due_at=row.due_at, set_by=row.set_by) for row in rows]


def stands(connection: Connection, deadline: Due) -> bool:
    """Whether the deadline is still there, set by the same record: under the lock, before it is acted on."""
    row = connection.execute(
        _STANDING.where(tables.deadlines.c.stream == deadline.stream, tables.deadlines.c.name == deadline.name)
    ).first()
    return row is not None and row.set_by == deadline.set_by


def reach(transaction: Transaction, service: Service, deadline: Due) -> None:
    """Decide the command that a deadline leads to, once: its id comes from the record that set the deadline.

    Where something is staged on its stream, the deadline may just have been replaced: it is looked at again later.
    """
    if service.on_due is None or any(staged.stream == deadline.stream for staged in transaction.staged):
        return
    if not transaction.holds(lambda connection: stands(connection, deadline)):
        return
    follows = service.on_due(deadline.stream, deadline.name, datetime.fromisoformat(deadline.due_at))
    id = record_id(deadline.set_by, service.name, f"{deadline.stream}-{deadline.name}", 0)
    cause = Cause(id=id, correlation=id, actor="clock")
    reached = DeadlineReached(stream=deadline.stream, name=deadline.name, due_at=deadline.due_at)
    transaction.record(f"deadline-{deadline.stream}", reached, cause)  # first: what follows may set the same one again
    ask(transaction, Order(decider=follows.decider, id=follows.id, command=follows.command, cause=cause))
