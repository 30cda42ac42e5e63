"""What notifications does with what it hears: note who is to be told, then tell them, the liaison worker first."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from infra.service import Ask, Heard, Known, Note
from infra.working_days import due_at
from schemas import catalogue
from schemas.casework import CaseAllocated, CaseOpened, EngagementRecorded
from schemas.disruption import (
    ActionAuthorised,
    ActionChanged,
    ActionConcluded,
    ActionTasked,
    ActionWithdrawn,
    OrderBreached,
    OrderGranted,
    OrderServed,
    TaskAnswered,
    TaskOverdue,
    TaskRecalled,
)
from schemas.event import Event
from schemas.ids import derive
from schemas.intake import ReportTaken, ReportWaiting, ReportWaitsNoMore
from schemas.moments import written
from schemas.notifications import Owner
from schemas.victim_liaison import (
    ClearanceGiven,
    ClearanceSuspended,
    ConditionsMet,
    ImpactRecorded,
    InformationReleased,
    LiaisonNamed,
    LiaisonStoodDown,
)
from services.notifications.domain import alerts, audience, errands, notice
from services.notifications.domain.alerts import Telling
from services.notifications.domain.audience import Audience

HEARS: dict[str, tuple[type[Event], ...]] = {
    "intake": (ReportTaken, ReportWaiting, ReportWaitsNoMore),
    "casework": (CaseOpened, CaseAllocated, EngagementRecorded),
    "disruption": (
        OrderGranted,
        OrderServed,
        OrderBreached,
        ActionChanged,
        ActionAuthorised,
        ActionTasked,
        TaskAnswered,
        TaskOverdue,
        TaskRecalled,
        ActionConcluded,
        ActionWithdrawn,
    ),
    "victim_liaison": (
        LiaisonNamed,
        LiaisonStoodDown,
        InformationReleased,
        ClearanceGiven,
        ConditionsMet,
        ClearanceSuspended,
        ImpactRecorded,
    ),
}


def react(heard: Heard, known: Known) -> Sequence[Note | Ask]:
    """In one transaction and in this order, so that the liaison worker's notice has the lower number (SR-9).

    What is only now caught up with is noted; nobody is told of it any more.
    """
    person: str | None = getattr(heard.event, "person", None)
    told = audience.INITIAL if person is None else known.state(audience, person)
    notes: list[Note] = []
    match heard.event:
        case (CaseAllocated() | LiaisonNamed() | LiaisonStoodDown()) as event:
            told = audience.evolve(told, event)
            notes.append(Note(audience, event.person, event))
        case _:
            pass
    return notes if heard.is_old else [*notes, *_settled(heard.event), *_notices(heard, person, told, known.now)]


def _settled(event: Event) -> Iterator[Ask]:
    for id in errands.settled_by(event):
        yield Ask(notice, id, notice.SettleNotice(notice=id))


def _notices(heard: Heard, person: str | None, told: Audience, now: datetime) -> Iterator[Ask]:
    for alert in alerts.set_off_by(heard.event, told):
        for telling in alert.tells:
            about = str(getattr(heard.event, telling.about or alert.about))
            for owner in telling.to.lists(told):
                command = _notice(heard, person, owner, telling, about, now)
                yield Ask(notice, command.notice, command)


def _notice(
    heard: Heard, person: str | None, owner: Owner, telling: Telling, about: str, now: datetime
) -> notice.RaiseNotice:
    """The same message tells the same owner under the same code once, however often it is heard."""
    own = derive("ntc", heard.record.id, owner, telling.code)
    return notice.RaiseNotice(
        notice=errands.notice_of(telling.code, about) if telling.code in errands.BY_CODE else own,
        person=person,
        owner=owner,
        code=telling.code,
        about=about,
        detail=telling.detail(heard.event),
        due_at=written(due_at(now, catalogue.clocks()[telling.clock])),
        escalates_to=telling.to.escalates_to,
    )
