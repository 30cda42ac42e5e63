"""The tables of disruption's read models, and the statements by which events change them."""

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Insert,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    case,
    delete,
    exists,
    insert,
    select,
    update,
)

from infra.journal.tables import Counter
from services.disruption.domain import action_state, clearance

metadata: Final = MetaData()

people: Final = Table(
    "people",
    metadata,
    Column("person", Text, primary_key=True),
    Column("case_manager", Text),
)
"""The people with a case, and who holds it: here to know who may see what."""
people_liaison: Final = Table(
    "people_liaison",
    metadata,
    Column("person", Text, primary_key=True),
    Column("worker", Text, primary_key=True),
)
"""Who is named on the victim's side around a person: here only to keep them out."""
orders: Final = Table(
    "orders",
    metadata,
    Column("order_id", Text, primary_key=True),
    Column("sequence", Counter, nullable=False),
    Column("person", Text, nullable=False),
    Column("order_kind", Text),
    Column("reference", Text),
    Column("granted_at", Text),
    Column("expires_on", Text),
    Column("terms", Text),
    Column("served_at", Text),
    Column("method", Text),
    Column("breaches", Integer, nullable=False),
    Column("last_breach_at", Text),
    Index("orders_of_person", "person", "sequence"),
)
"""`terms` is a JSON array of codes; without `granted_at` the order is not on the register."""
actions: Final = Table(
    "actions",
    metadata,
    Column("action", Text, primary_key=True),
    Column("sequence", Counter, nullable=False),
    Column("person", Text, nullable=False),
    Column("stream_version", Counter, nullable=False),
    Column("version", Counter, nullable=False),
    Column("tactic", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("attribution", Text, nullable=False),
    Column("standing", Text, nullable=False),
    Column("clearance", Text, nullable=False),
    Column("task", Text),
    Column("due_at", Text),
    Column("is_overdue", Boolean, nullable=False),
    Column("reason", Text),
    Column("outcome", Text),
    Column("outcome_count", Integer),
    Index("actions_of_person", "person", "sequence"),
)
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


def _unless_there(table: Table, key: str, *others: str) -> Insert:
    """Insert a row unless one of this key is there; parameters `new_<column>`. Of whatever event comes first."""
    names = (key, *others)
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    is_there = exists().where(table.c[key] == values[key])
    return insert(table).from_select(list(names), select(*values.values()).where(~is_there))


OPEN_PERSON: Final = _unless_there(people, "person")
ALLOCATE: Final = update(people).where(people.c.person == bindparam("of")).values(case_manager=bindparam("worker"))
STAND_WITH_VICTIM: Final = insert(people_liaison)
STAND_DOWN: Final = delete(people_liaison).where(
    people_liaison.c.person == bindparam("of"), people_liaison.c.worker == bindparam("by")
)

_ORDER: Final = update(orders).where(orders.c.order_id == bindparam("of"))
OPEN_ORDER: Final = _unless_there(orders, "order_id", "sequence", "person", "breaches")
GRANT: Final = _ORDER.values(
    person=bindparam("by_grant_person"),
    order_kind=bindparam("kind"),
    reference=bindparam("known_as"),
    granted_at=bindparam("at"),
    expires_on=bindparam("until"),
    terms=bindparam("says"),
)
SERVE: Final = _ORDER.values(served_at=bindparam("at"), method=bindparam("how"))
BREACH: Final = _ORDER.where(orders.c.person == bindparam("whose")).values(
    breaches=orders.c.breaches + 1, last_breach_at=bindparam("at")
)

_ACTION: Final = update(actions).where(actions.c.action == bindparam("of"))
OPEN_ACTION: Final = insert(actions)
MOVE: Final = _ACTION.values(stream_version=bindparam("to"))
CHANGE: Final = _ACTION.values(
    version=bindparam("new_version"),
    tactic=bindparam("new_tactic"),
    agency=bindparam("new_agency"),
    attribution=bindparam("new_attribution"),
    standing=bindparam("now"),
    clearance=case((actions.c.clearance == clearance.Awaited.CODE, clearance.Awaited.CODE), else_=clearance.Stale.CODE),
)
STAND: Final = _ACTION.values(standing=bindparam("now"))
CLEAR: Final = _ACTION.where(actions.c.version == bindparam("for_version")).values(clearance=bindparam("now"))
MEET_CONDITIONS: Final = _ACTION.where(
    actions.c.version == bindparam("for_version"), actions.c.clearance == clearance.AgreedOnConditions.CODE
).values(clearance=clearance.ConditionsDone.CODE)
TASK: Final = _ACTION.values(
    standing=bindparam("now"), task=bindparam("new_task"), due_at=bindparam("by"), is_overdue=False
)
ANSWER: Final = _ACTION.values(
    standing=bindparam("now"),
    reason=bindparam("why"),
    outcome=bindparam("what"),
    outcome_count=bindparam("how_many"),
)
BE_OVERDUE: Final = _ACTION.values(is_overdue=True)
CONCLUDE: Final = _ACTION.values(
    standing=bindparam("now"), outcome=bindparam("what"), outcome_count=bindparam("how_many")
)
WITHDRAW: Final = _ACTION.values(
    standing=case(
        (actions.c.standing == action_state.Recalled.CODE, action_state.Stopped.CODE), else_=bindparam("now")
    ),
    reason=bindparam("why"),
)

OPEN_TASK: Final = insert(tasks)
MOVE_TASK: Final = update(tasks).where(tasks.c.task == bindparam("of")).values(standing=bindparam("now"))
