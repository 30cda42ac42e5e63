"""What notifications records and says: who was told or asked, by when, and whether they saw it."""

from typing import Annotated, ClassVar

from msgspec import Meta

from schemas.event import Message, Private
from schemas.ids import NoticeId, PersonId, WorkerId
from schemas.reports.report import Code, Moment

Owner = Annotated[
    str,
    Meta(pattern="^(wrk_[a-z0-9-]{2,40}|role:[a-z-]+)$(?!\n)", description="A worker, or the holders of a role."),
]


class NoticeRaised(Message, frozen=True, kw_only=True):
    """Somebody must know of something by a time. Coded: what it is about is a reference, and never says where.

    `escalates_to` is whose list it goes to as well, if nobody has seen it by then: it tells the side it belongs to.
    """

    TYPE: ClassVar = "notifications.notice-raised.v1"
    notice: NoticeId
    person: PersonId | None
    owner: Owner
    code: Code
    about: Annotated[str, Meta(max_length=64, description="The reference of what changed.")]
    detail: Code | None
    due_at: Moment
    escalates_to: Owner


class NoticeAcknowledged(Private, frozen=True, kw_only=True):
    """It was seen by somebody whose list it stood on. Private: when a liaison worker reads is nobody's business on the
    other side (SR-16). `owner` is that list; another one it stands on keeps it.
    """

    TYPE: ClassVar = "notifications.notice-acknowledged.v1"
    notice: NoticeId
    person: PersonId | None
    worker: WorkerId
    owner: Owner


class NoticeSettled(Private, frozen=True, kw_only=True):
    """What it asked for was done, by whomever: it leaves every list. The same may be asked again later."""

    TYPE: ClassVar = "notifications.notice-settled.v1"
    notice: NoticeId
    person: PersonId | None


class NoticeEscalated(Message, frozen=True, kw_only=True):
    """Nobody had seen it when its time came: it now stands on another list as well."""

    TYPE: ClassVar = "notifications.notice-escalated.v1"
    notice: NoticeId
    person: PersonId | None
    to: Owner
    due_at: Moment
