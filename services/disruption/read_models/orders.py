"""The register of orders, and whether each protects on a given day."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Connection, Index, Integer, Row, Table, Text, bindparam, select, update

from infra.journal.tables import Counter
from infra.service import Change, ReadModel, Recorded
from infra.web.reader import Reader
from schemas.disruption import OrderBreached, OrderGranted, OrderServed
from schemas.ids import OrderId, PersonId
from schemas.reports.courts import Term
from schemas.reports.report import Code, Day, Moment
from services.disruption.domain import order
from services.disruption.read_models.people import sees_orders
from services.disruption.read_models.rows import PAGE_MAX, metadata, unless_there

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

_ORDER: Final = update(orders).where(orders.c.order_id == bindparam("of"))
_OPEN: Final = unless_there(orders, "order_id", "sequence", "person", "breaches")
_GRANT: Final = _ORDER.values(
    person=bindparam("by_grant_person"),
    order_kind=bindparam("kind"),
    reference=bindparam("known_as"),
    granted_at=bindparam("at"),
    expires_on=bindparam("until"),
    terms=bindparam("says"),
)
_SERVE: Final = _ORDER.values(served_at=bindparam("at"), method=bindparam("how"))
_BREACH: Final = _ORDER.where(orders.c.person == bindparam("whose")).values(
    breaches=orders.c.breaches + 1, last_breach_at=bindparam("at")
)


def project(recorded: Recorded) -> Iterable[Change]:
    """How an event changes the register."""
    match recorded.event:
        case OrderGranted() as event:
            yield _opened(recorded, event)
            yield (
                _GRANT,
                {
                    "of": event.order,
                    "by_grant_person": event.person,
                    "kind": event.order_kind,
                    "known_as": event.reference,
                    "at": event.occurred_at,
                    "until": event.expires_on,
                    "says": msgspec.json.encode(event.terms).decode(),
                },
            )
        case OrderServed() as event:
            yield _opened(recorded, event)
            yield _SERVE, {"of": event.order, "at": event.occurred_at, "how": event.method}
        case OrderBreached() as event:
            yield _opened(recorded, event)
            yield _BREACH, {"of": event.order, "whose": event.person, "at": event.occurred_at}
        case _:
            return


def _opened(recorded: Recorded, event: OrderGranted | OrderServed | OrderBreached) -> Change:
    return (
        _OPEN,
        {
            "new_order_id": event.order,
            "new_sequence": recorded.sequence,
            "new_person": event.person,
            "new_breaches": 0,
        },
    )


ORDERS: Final = ReadModel(
    name="orders",
    version=1,
    tables=(orders,),
    reads=(OrderGranted, OrderServed, OrderBreached),
    project=project,
)


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


def orders_of(
    connection: Connection, reader: Reader, person: str, today: date, after: int, count: int
) -> Sequence[OrderRow]:
    """What binds this person, the oldest first, and whether it protects on that day. Empty where it is not theirs."""
    query = (
        select(orders)
        .where(orders.c.person == person, orders.c.sequence > after, sees_orders(reader, orders.c.person))
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


def _terms(row: Row[Any]) -> tuple[Term, ...]:
    return () if row.terms is None else msgspec.json.decode(row.terms, type=tuple[Term, ...])


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
