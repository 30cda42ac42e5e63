"""What police tell: whom they refer, and which orders they have served."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from schemas.reports.report import Code, Moment, Reference, Report, Text


class VictimDetails(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A victim named in a referral. Every word goes to the victim's side, sealed, and nowhere else."""

    family_name: Annotated[str, Meta(min_length=1, max_length=100)]
    given_names: Annotated[str, Meta(min_length=1, max_length=100)]
    relationship: Code
    telephone: Annotated[str, Meta(max_length=40)] = ""
    address: Annotated[str, Meta(max_length=400)] = ""


class ReferralMade(Report, frozen=True, kw_only=True, tag="police.referral-made.v1"):
    """Somebody who does great harm is nominated, with the victims known to the referrer.

    `route` is the way to Marac: visible high risk is 14 or more "yes" on the DASH checklist (SafeLives).
    """

    route: Literal["visible-high-risk", "professional-judgement", "potential-escalation", "repeat"]
    reason: Text
    dash_score: Annotated[int, Meta(ge=0, le=24)] | None = None
    victims: Annotated[tuple[VictimDetails, ...], Meta(max_length=20)] = ()


class OrderServed(Report, frozen=True, kw_only=True, tag="police.order-served.v1"):
    """A court's order was handed to the person it binds: from now on he knows of it."""

    order: Reference
    served_at: Moment
    method: Literal["in-person", "at-court", "by-post", "substituted"]
