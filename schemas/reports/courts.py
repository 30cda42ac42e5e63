"""What courts tell: the orders they made."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.reports.report import Code, Day, Moment, Reference, Report

Term = Literal[
    "no-contact",
    "no-third-party-contact",
    "exclusion-zone",
    "no-threats",
    "leave-home",
    "surrender-keys",
    "alcohol-monitoring",
    "electronic-tag",
    "attend-programme",
    "other",
]
"""What an order forbids or asks of him. A closed list: a code somebody may type could say anything, also where she is.
"""


class OrderGranted(Report, frozen=True, kw_only=True, tag="courts.order-granted.v1"):
    """A court made an order. Until it is served it protects nobody.

    `order_kind` is a code of the catalogue (`restraining-order`).
    """

    order: Reference
    order_kind: Code
    granted_at: Moment
    expires_on: Day | None = None
    terms: Annotated[tuple[Term, ...], Meta(max_length=20)] = ()
