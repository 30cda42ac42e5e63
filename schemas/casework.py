"""What casework records and says: the case of one perpetrator, from its opening on."""

from typing import ClassVar

from schemas.event import Message, Private
from schemas.ids import PersonId, ReferralId, ReportId, WorkerId
from schemas.reports.report import Code, Moment
from schemas.sealed import Sealed


class CaseOpened(Message, frozen=True, kw_only=True):
    """A case was opened on a referral. Nothing is known yet of whether he knows of it."""

    TYPE: ClassVar = "casework.case-opened.v1"
    person: PersonId
    referral: ReferralId


class ReferralJoined(Private, frozen=True, kw_only=True):
    """A further referral of somebody whose case is open already."""

    TYPE: ClassVar = "casework.referral-joined.v1"
    person: PersonId
    referral: ReferralId


class CaseAllocated(Message, frozen=True, kw_only=True):
    """A case manager was named. There is one at a time; a second allocation replaces the first."""

    TYPE: ClassVar = "casework.case-allocated.v1"
    person: PersonId
    worker: WorkerId


class EngagementRecorded(Message, frozen=True, kw_only=True):
    """How he takes part, and whether he is aware of the programme at all. Unknown counts as unaware."""

    TYPE: ClassVar = "casework.engagement-recorded.v1"
    person: PersonId
    state: Code
    is_aware: bool


class CustodyRecorded(Private, frozen=True, kw_only=True):
    """He was received into custody, a report says. The establishment, if told, stays on the perpetrator's side."""

    TYPE: ClassVar = "casework.custody-recorded.v1"
    person: PersonId
    report: ReportId
    occurred_at: Moment
    establishment: Sealed | None
