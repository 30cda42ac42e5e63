"""A court's order: granted, served on the person it binds, broken. Until he knows of it, it protects nobody.

Reports come in any order: service and breach of an order that is not on the register are facts too, and are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal, assert_never

from infra.decider import Policies, enforce
from schemas import catalogue
from schemas.disruption import OrderBreached, OrderGranted, OrderServed
from schemas.ids import OrderId, PersonId, ReportId, derive
from schemas.moments import read
from schemas.reports.courts import Term
from schemas.reports.report import Code, Day, Moment, Reference

OrderEvent = OrderGranted | OrderServed | OrderBreached
Standing = Literal["served", "not-served", "expired", "not-on-register"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What the court made, as it was told to us. `expires_on` is the last day; None: until a further order."""

    person: PersonId
    order_kind: Code
    reference: Reference
    granted_at: Moment
    expires_on: Day | None
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """No court told us of it; breaches of it may have been reported."""

    breaches: frozenset[ReportId]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedUnregistered:
    """It was served, and no court told us what it says: we cannot say that it protects."""

    person: PersonId
    served_at: Moment
    breaches: frozenset[ReportId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """On the register, and not served."""

    grant: Grant
    breaches: frozenset[ReportId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """On the register, and he knows of it."""

    grant: Grant
    served_at: Moment
    breaches: frozenset[ReportId]


Order = Unknown | ServedUnregistered | Granted | Served

CATEGORY: Final = "order"
RULES_VERSION: Final = 1
INITIAL: Final[Order] = Unknown(breaches=frozenset())


def evolve(order: Order, event: OrderEvent) -> Order:
    """The order after the event."""
    match event:
        case OrderGranted():
            return _granted(order, event)
        case OrderServed():
            return _served(order, event)
        case OrderBreached():
            return replace(order, breaches=order.breaches | {event.report})
        case _:
            assert_never(event)


def _granted(order: Order, event: OrderGranted) -> Order:
    match order:
        case Unknown():
            return Granted(grant=_grant(event), breaches=order.breaches)
        case ServedUnregistered():
            return Served(grant=_grant(event), served_at=order.served_at, breaches=order.breaches)
        case Granted() | Served():
            return order
        case _:
            assert_never(order)


def _grant(event: OrderGranted) -> Grant:
    return Grant(
        person=event.person,
        order_kind=event.order_kind,
        reference=event.reference,
        granted_at=event.occurred_at,
        expires_on=event.expires_on,
        terms=event.terms,
    )


def _served(order: Order, event: OrderServed) -> Order:
    match order:
        case Unknown():
            return ServedUnregistered(person=event.person, served_at=event.occurred_at, breaches=order.breaches)
        case Granted():
            return Served(grant=order.grant, served_at=event.occurred_at, breaches=order.breaches)
        case ServedUnregistered() | Served():
            return order
        case _:
            assert_never(order)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOrder:
    """A court made this order against him."""

    order: OrderId
    person: PersonId
    order_kind: Code
    reference: Reference
    granted_at: Moment
    expires_on: Day | None
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOrder:
    """It was handed to him."""

    order: OrderId
    person: PersonId
    served_at: Moment
    method: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBreach:
    """It was broken, says this report: one breach a report."""

    order: OrderId
    person: PersonId
    report: ReportId
    breached_at: Moment
    means: Code


OrderCommand = RegisterOrder | ServeOrder | RecordBreach


def binds_this_person(command: RegisterOrder | ServeOrder, order: Order) -> str | None:
    """An order is made against one person: a report that names another is tied to the wrong one."""
    match order:
        case Unknown():
            return None
        case ServedUnregistered():
            bound = order.person
        case Granted() | Served():
            bound = order.grant.person
        case _:
            assert_never(order)
    return None if bound == command.person else "order-of-another-person"


def says_what_is_registered(_command: RegisterOrder, order: Order) -> str | None:
    """An order that is said to be another than it was is not taken over unseen: somebody must look."""
    return "order-already-registered" if isinstance(order, Granted | Served) else None


POLICIES: Final[Policies] = {
    RegisterOrder: (binds_this_person, says_what_is_registered),
    ServeOrder: (binds_this_person,),
}


def decide(command: OrderCommand, order: Order) -> Sequence[OrderEvent]:
    """The events that follow. Raises Rejected."""
    match command:
        case RegisterOrder():
            return register(command, order)
        case ServeOrder():
            return serve(command, order)
        case RecordBreach():
            return record_breach(command, order)
        case _:
            assert_never(command)


def register(command: RegisterOrder, order: Order) -> Sequence[OrderEvent]:
    """Put it on the register."""
    event = OrderGranted(
        order=command.order,
        person=command.person,
        order_kind=command.order_kind,
        reference=command.reference,
        occurred_at=command.granted_at,
        expires_on=command.expires_on,
        terms=command.terms,
    )
    if isinstance(order, Granted | Served) and order.grant == _grant(event):
        return []
    enforce(POLICIES, command, order)
    return [event]


def serve(command: ServeOrder, order: Order) -> Sequence[OrderEvent]:
    """He knows of it from the first service on: a second one changes nothing."""
    enforce(POLICIES, command, order)
    if isinstance(order, ServedUnregistered | Served):
        return []
    return [
        OrderServed(order=command.order, person=command.person, occurred_at=command.served_at, method=command.method)
    ]


def record_breach(command: RecordBreach, order: Order) -> Sequence[OrderEvent]:
    """Whatever the register says: somebody's safety changed, so it is recorded and told, with how the order stood."""
    if command.report in order.breaches:
        return []
    return [
        OrderBreached(
            order=command.order,
            person=command.person,
            report=command.report,
            occurred_at=command.breached_at,
            means=command.means,
            standing=standing(order, command.person, read(command.breached_at)),
        )
    ]


def order_id(reference: Reference) -> OrderId:
    """The reference of a court's order, however the court's own reference was cased by whoever told us."""
    return derive("ord", reference.upper())


def standing(order: Order, person: PersonId, at: datetime) -> Standing:
    """How the order stood for this person at a moment (aware). The day is the one of the moment's own offset."""
    match order:
        case Unknown() | ServedUnregistered():
            return "not-on-register"
        case Granted() | Served() if order.grant.person != person:
            return "not-on-register"
        case Granted() | Served() if has_expired(order.grant, at.date()):
            return "expired"
        case Granted():
            return "not-served" if needs_service(order.grant.order_kind) else "served"
        case Served():
            is_known_to_him = read(order.served_at) <= at or not needs_service(order.grant.order_kind)
            return "served" if is_known_to_him else "not-served"
        case _:
            assert_never(order)


def protects_today(order: Order, today: date) -> bool:
    """Whether somebody may rely on it on this day. Granted but unserved protects nobody; expired does not."""
    match order:
        case Unknown() | ServedUnregistered():
            return False
        case Granted():
            is_known_to_him = not needs_service(order.grant.order_kind)
        case Served():
            is_known_to_him = read(order.served_at).date() <= today
        case _:
            assert_never(order)
    return is_known_to_him and not has_expired(order.grant, today)


def has_expired(grant: Grant, day: date) -> bool:
    """An order "until" a day counts through that day, as courts write it."""
    return grant.expires_on is not None and day > date.fromisoformat(grant.expires_on)


def needs_service(order_kind: Code) -> bool:
    """Whether he must be handed it to be bound. A kind the catalogue does not know is taken to need it."""
    entry = catalogue.orders().get(order_kind)
    return entry is None or entry.needs_service
