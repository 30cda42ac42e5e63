"""What is said in the benchmark: messages of the size and strictness of the real ones."""

from typing import ClassVar, Final

from infra.journal.codec import Codec
from schemas import vocabulary
from schemas.event import Message
from schemas.ids import NoticeId, OrderId, PersonId, ReportId
from schemas.notifications import Owner
from schemas.reports.report import Code, Moment


class BreachReported(Message, frozen=True, kw_only=True):
    """An order was broken."""

    TYPE: ClassVar = "bench.breach-reported.v1"
    order: OrderId
    person: PersonId
    report: ReportId
    occurred_at: Moment
    means: Code


class StepTaken(Message, frozen=True, kw_only=True):
    """A service between the first and the last has done its part."""

    TYPE: ClassVar = "bench.step-taken.v1"
    hop: int
    order: OrderId
    person: PersonId
    report: ReportId
    occurred_at: Moment


class NoticeRaised(Message, frozen=True, kw_only=True):
    """Somebody must know of it by a time."""

    TYPE: ClassVar = "bench.notice-raised.v1"
    notice: NoticeId
    person: PersonId
    owner: Owner
    code: Code
    about: OrderId
    due_at: Moment


CODEC: Final = Codec({**vocabulary.ALL, **{kind.TYPE: kind for kind in (BreachReported, StepTaken, NoticeRaised)}})
