"""A court's order: until he knows of it, it protects nobody; and whatever the register says, a breach is told."""

from datetime import date
from typing import Any

import pytest

from infra.decider import fold
from schemas.disruption import OrderBreached, OrderGranted, OrderServed
from schemas.event import Event
from schemas.ids import derive
from services.disruption.domain import order
from services.disruption.domain.order import RecordBreach, RegisterOrder, ServeOrder, order_id, protects_today
from tests.domain.disruption_examples import ANOTHER, PERSON, REPORT
from tests.given import given

REFERENCE = "T20250001"
ORDER = order_id(REFERENCE)
GRANTED_AT = "2025-01-10T12:00:00Z"
SERVED_AT = "2025-01-20T18:30:00Z"
SECOND_REPORT = derive("rep", "a second report")


def register(person: str = PERSON, **but: Any) -> RegisterOrder:
    said: dict[str, Any] = {
        "order_kind": "restraining-order",
        "reference": REFERENCE,
        "granted_at": GRANTED_AT,
        "expires_on": "2025-06-30",
        "terms": ("no-contact",),
    }
    return RegisterOrder(order=ORDER, person=person, **{**said, **but})


def granted(**but: Any) -> OrderGranted:
    said: dict[str, Any] = {
        "order_kind": "restraining-order",
        "reference": REFERENCE,
        "occurred_at": GRANTED_AT,
        "expires_on": "2025-06-30",
        "terms": ("no-contact",),
    }
    return OrderGranted(order=ORDER, person=PERSON, **{**said, **but})


def serve(person: str = PERSON, served_at: str = SERVED_AT) -> ServeOrder:
    return ServeOrder(order=ORDER, person=person, served_at=served_at, method="in-person")


def served() -> OrderServed:
    return OrderServed(order=ORDER, person=PERSON, occurred_at=SERVED_AT, method="in-person")


def breach(at: str = "2025-03-03T08:15:00Z", report: str = REPORT, person: str = PERSON) -> RecordBreach:
    return RecordBreach(order=ORDER, person=person, report=report, breached_at=at, means="telephone")


def breached(
    standing: order.Standing, at: str = "2025-03-03T08:15:00Z", report: str = REPORT, person: str = PERSON
) -> OrderBreached:
    return OrderBreached(
        order=ORDER, person=person, report=report, occurred_at=at, means="telephone", standing=standing
    )


def after(*events: Event) -> order.Order:
    return fold(order, events)


def test_a_court_s_reference_means_the_same_order_however_it_is_cased() -> None:
    assert order_id("T2025/0001-ab") == order_id("t2025/0001-AB")


def test_an_order_is_registered() -> None:
    given(order).when(register()).then(granted())


def test_an_order_that_changed_its_contents_is_not_taken_over_unseen() -> None:
    given(order, granted()).when(register(expires_on="2026-06-30")).then_rejected("order-already-registered")


def test_an_order_binds_one_person() -> None:
    given(order, granted()).when(register(person=ANOTHER)).then_rejected("order-of-another-person")
    given(order, granted()).when(serve(person=ANOTHER)).then_rejected("order-of-another-person")
    given(order, served()).when(register(person=ANOTHER)).then_rejected("order-of-another-person")


def test_an_order_is_served() -> None:
    given(order, granted()).when(serve()).then(served())


def test_a_second_service_changes_nothing() -> None:
    given(order, granted(), served()).when(serve(served_at="2025-02-02T10:00:00Z")).then_nothing()


def test_service_may_be_told_before_the_grant() -> None:
    given(order).when(serve()).then(served())
    given(order, served()).when(register()).then(granted())

    assert after(granted(), served()) == after(served(), granted())


@pytest.mark.parametrize(
    ("events", "at", "standing"),
    [
        ((granted(), served()), "2025-03-03T08:15:00Z", "served"),
        ((granted(), served()), SERVED_AT, "served"),
        ((granted(), served()), "2025-01-20T18:29:59Z", "not-served"),
        ((granted(),), "2025-03-03T08:15:00Z", "not-served"),
        ((granted(), served()), "2025-06-30T23:59:59Z", "served"),
        ((granted(), served()), "2025-07-01T00:00:00Z", "expired"),
        ((granted(),), "2025-07-01T00:00:00Z", "expired"),
        ((granted(expires_on=None), served()), "2035-07-01T00:00:00Z", "served"),
        ((), "2025-03-03T08:15:00Z", "not-on-register"),
        ((served(),), "2025-03-03T08:15:00Z", "not-on-register"),
        ((granted(order_kind="licence-conditions"),), "2025-03-03T08:15:00Z", "served"),
    ],
)
def test_a_breach_is_told_with_how_the_order_stood_when_it_was_broken(
    events: tuple[Event, ...], at: str, standing: order.Standing
) -> None:
    given(order, *events).when(breach(at)).then(breached(standing, at))


def test_a_breach_by_somebody_else_is_told_as_one_of_an_order_we_do_not_have() -> None:
    given(order, granted(), served()).when(breach(person=ANOTHER)).then(breached("not-on-register", person=ANOTHER))


def test_each_report_of_a_breach_is_told_once_and_two_reports_are_two_breaches() -> None:
    told = (granted(), served(), breached("served"))

    given(order, *told).when(breach()).then_nothing()
    given(order, *told).when(breach(report=SECOND_REPORT)).then(breached("served", report=SECOND_REPORT))


def test_a_breach_told_before_the_grant_is_not_told_again_after_it() -> None:
    given(order, breached("not-on-register"), granted(), served()).when(breach()).then_nothing()


@pytest.mark.parametrize(
    ("events", "day", "protects"),
    [
        ((), date(2025, 3, 3), False),
        ((served(),), date(2025, 3, 3), False),
        ((granted(),), date(2025, 3, 3), False),
        ((granted(), served()), date(2025, 1, 19), False),
        ((granted(), served()), date(2025, 1, 20), True),
        ((granted(), served()), date(2025, 6, 30), True),
        ((granted(), served()), date(2025, 7, 1), False),
        ((granted(expires_on=None), served()), date(2035, 7, 1), True),
        ((granted(order_kind="licence-conditions"),), date(2025, 3, 3), True),
        ((granted(order_kind="not-in-the-catalogue"),), date(2025, 3, 3), False),
    ],
)
def test_only_an_order_he_knows_of_and_that_runs_protects(
    events: tuple[Event, ...], day: date, *, protects: bool
) -> None:
    assert protects is protects_today(after(*events), day)
