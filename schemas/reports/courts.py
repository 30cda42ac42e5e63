"""What courts tell: the orders they made."""

from typing import Annotated

from msgspec import Meta

from schemas.reports.report import Code, Day, Moment, Reference, Report


class OrderGranted(Report, frozen=True, kw_only=True, tag="courts.order-granted.v1"):
    """A court made an order. Until it is served it protects nobody.

    `order_kind` is a code of the catalogue (`restraining-order`); `terms` are coded, never places or names.
    """

    order: Reference
    order_kind: Code
    granted_at: Moment
    expires_on: Day | None = None
    terms: Annotated[tuple[Code, ...], Meta(max_length=20)] = ()
