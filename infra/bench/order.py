"""The decider of the benchmark's source: an order, and how often it was broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from infra.bench.vocabulary import BreachReported
from infra.decider import Policies, enforce


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Whom it binds, how often it was broken, and the last report of it."""

    person: str = ""
    breaches: int = 0
    last_report: str = ""


CATEGORY: Final = "order"
RULES_VERSION: Final = 1
INITIAL: Final = Order()


def evolve(order: Order, event: BreachReported) -> Order:
    """The order after the event."""
    return Order(person=event.person, breaches=order.breaches + 1, last_report=event.report)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportBreach:
    """An agency reports that the order was broken."""

    order: str
    person: str
    report: str
    occurred_at: str
    means: str


OrderCommand = ReportBreach


def the_order_binds_this_person(command: ReportBreach, order: Order) -> str | None:
    """An order binds one person."""
    return None if order.person in {"", command.person} else "order-of-another"


POLICIES: Final[Policies] = {ReportBreach: (the_order_binds_this_person,)}


def decide(command: OrderCommand, order: Order) -> Sequence[BreachReported]:
    """The events that follow. Raises Rejected."""
    match command:
        case ReportBreach():
            return report_breach(command, order)
        case _:
            assert_never(command)


def report_breach(command: ReportBreach, order: Order) -> Sequence[BreachReported]:
    """The same report again is no other breach."""
    if command.report == order.last_report:
        return []
    enforce(POLICIES, command, order)
    return [
        BreachReported(
            order=command.order,
            person=command.person,
            report=command.report,
            occurred_at=command.occurred_at,
            means=command.means,
        )
    ]
