"""What intake records and says: reports as they came, who they are about, and the referrals among them."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from schemas.event import Message, Private
from schemas.ids import AgencyCode, PersonId, ReferralId, ReportId, VictimId
from schemas.reports import Facts
from schemas.reports.report import Moment
from schemas.sealed import Sealed


class NamedVictim(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A victim as a report names her. With the person it is about, `token` gives her reference.

    So a second referral that names her gives the same reference, and nobody has to read the first one for it.
    """

    token: Annotated[str, Meta(description="Keyed digest of her name; only intake has the key.")]
    details: dict[str, Sealed]


class ReportReceived(Private, frozen=True, kw_only=True):
    """An agency told us something. The whole of it is kept sealed under the report's own reference.

    `facts` is the same report with nobody named and every personal word sealed: what may travel on.
    `victims` are those it names, sealed to the victim's side field by field, each under a subject of her own.
    """

    TYPE: ClassVar = "intake.report-received.v1"
    report: ReportId
    agency: AgencyCode
    kind: str
    source: str
    event_id: str
    occurred_at: Moment
    fingerprint: Annotated[bytes, Meta(description="Keyed digest: the same id with another body is noticed.")]
    raw: Sealed
    facts: Facts
    person_details: dict[str, Sealed] = {}
    victims: tuple[NamedVictim, ...] = ()


class ReportRefused(Private, frozen=True, kw_only=True):
    """What an agency sent could not be taken. It is kept sealed, with the code and the place of the trouble.

    `source` and `event_id` are None where they could not be read. The key of `raw` is of this refusal alone, so that
    it can be destroyed without touching a report that was taken later under the same id.
    """

    TYPE: ClassVar = "intake.report-refused.v1"
    report: ReportId
    agency: AgencyCode
    source: str | None
    event_id: str | None
    code: str
    pointer: str
    fingerprint: Annotated[bytes, Meta(description="Keyed digest of what was sent.")]
    raw: Sealed
    is_cut: Annotated[bool, Meta(description="What was sent is longer than what is kept of it.")]


class ReportIdentified(Private, frozen=True, kw_only=True):
    """We know whom the report is about. `by` says how: an identifier, a task of ours, a person's judgement."""

    TYPE: ClassVar = "intake.report-identified.v1"
    report: ReportId
    person: PersonId
    by: Literal["identifier", "new-person", "task", "hand"]


class ReportUnidentified(Private, frozen=True, kw_only=True):
    """Nobody or several people answer to the report: somebody must look. It is not lost, and not acted on yet."""

    TYPE: ClassVar = "intake.report-unidentified.v1"
    report: ReportId
    candidates: tuple[PersonId, ...]


class ReportWaiting(Message, frozen=True, kw_only=True):
    """A report waits for somebody to say whom it is about: it is on a list until then. Who it may be is not said."""

    TYPE: ClassVar = "intake.report-waiting.v1"
    report: ReportId


class ReportWaitsNoMore(Message, frozen=True, kw_only=True):
    """Somebody said whom a waiting report is about."""

    TYPE: ClassVar = "intake.report-waits-no-more.v1"
    report: ReportId


class ReportTaken(Message, frozen=True, kw_only=True):
    """A report of an agency, identified, with every personal word sealed: for whoever must act on it."""

    TYPE: ClassVar = "intake.report-taken.v1"
    report: ReportId
    person: PersonId
    agency: AgencyCode
    occurred_at: Moment
    facts: Facts


class ReferralReceived(Message, frozen=True, kw_only=True):
    """Somebody was referred to the programme. Whom he harms is told to the victim's side alone."""

    TYPE: ClassVar = "intake.referral-received.v1"
    referral: ReferralId
    person: PersonId
    agency: AgencyCode
    route: str
    dash_score: int | None
    standing: Literal["new", "repeat"]
    person_details: dict[str, Sealed]


class VictimNamed(Message, frozen=True, kw_only=True):
    """A victim was named in a referral: an opaque reference, and details only the victim's side can open."""

    TYPE: ClassVar = "intake.victim-named.v1"
    person: PersonId
    victim: VictimId
    referral: ReferralId
    details: dict[str, Sealed]
