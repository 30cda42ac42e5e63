"""What disruption does with what it hears: orders are registered, clearances noted, tasks answered and recalled."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from infra.service import Ask, ClearDeadline, Heard, Known, Note, SetDeadline
from schemas.casework import CaseAllocated, CaseOpened
from schemas.disruption import ActionTasked, TaskAnswered, TaskRecalled
from schemas.event import Event
from schemas.ids import ActionId
from schemas.intake import ReportTaken
from schemas.moments import read
from schemas.reports.courts import OrderGranted
from schemas.reports.police import OrderServed
from schemas.reports.prison import OrderBreached
from schemas.victim_liaison import (
    ClearanceGiven,
    ClearanceSuspended,
    ConditionsMet,
    ImpactRecorded,
    LiaisonNamed,
    LiaisonStoodDown,
)
from services.disruption.domain import action, order, person, task
from services.disruption.domain.action_commands import AnswerTask, RecallTask, TellOverdue
from services.disruption.domain.action_state import Unknown, WithAgency
from services.disruption.domain.answer import reply_in, task_of
from services.disruption.domain.tactics import BY_CODE

HEARS: Final[Mapping[str, tuple[type[Event], ...]]] = {
    "intake": (ReportTaken,),
    "casework": (CaseOpened, CaseAllocated),
    "victim_liaison": (
        ClearanceGiven,
        ClearanceSuspended,
        ConditionsMet,
        ImpactRecorded,
        LiaisonNamed,
        LiaisonStoodDown,
    ),
    "disruption": (ActionTasked,),
}

TASK_DUE: Final = "task-due"
LAST_WORDS: Final = ("declined", "not-possible", "done")


def react(heard: Heard, known: Known) -> Sequence[Note | Ask]:
    """Notes come first, so that what is asked is decided with them known."""
    match heard.event:
        case ReportTaken() as taken:
            return _reported(taken, known)
        case CaseOpened() | CaseAllocated() | LiaisonNamed() | LiaisonStoodDown() as told:
            return [Note(person, told.person, told)]
        case ClearanceGiven() | ClearanceSuspended() as told:
            return [Note(action, told.action, told), *_recalled(told.action, known)]
        case ConditionsMet() | ImpactRecorded() as told:
            return [Note(action, told.action, told)]
        case ActionTasked() as tasked:
            return _opened(tasked, known)
        case _:
            return []


def _reported(taken: ReportTaken, known: Known) -> Sequence[Note | Ask]:
    match taken.facts:
        case OrderGranted() as granted:
            return [Ask(order, order.order_id(granted.order), _registration(taken, granted))]
        case OrderServed() as served:
            id = order.order_id(served.order)
            service = order.ServeOrder(order=id, person=taken.person, served_at=served.served_at, method=served.method)
            return [Ask(order, id, service)]
        case OrderBreached() as breached:
            id = order.order_id(breached.order)
            breach = order.RecordBreach(
                order=id,
                person=taken.person,
                report=taken.report,
                breached_at=breached.breached_at,
                means=breached.means,
            )
            return [Ask(order, id, breach)]
        case _:
            return _answered(taken, known)


def _registration(taken: ReportTaken, granted: OrderGranted) -> order.RegisterOrder:
    """The court's reference in capitals, as the order's own reference is made from it."""
    return order.RegisterOrder(
        order=order.order_id(granted.order),
        person=taken.person,
        order_kind=granted.order_kind,
        reference=granted.order.upper(),
        granted_at=granted.granted_at,
        expires_on=granted.expires_on,
        terms=granted.terms,
    )


def _answered(taken: ReportTaken, known: Known) -> Sequence[Note | Ask]:
    """Noted with the task in any case; passed on to the action as soon as we know which it is."""
    id = task_of(taken.facts)
    if id is None:
        return []
    note = Note(task, id, taken)
    match known.state(task, id):
        case task.Opened(action=of):
            return [note, *_reply(taken, of, known)]
        case _:
            return [note]


def _opened(tasked: ActionTasked, known: Known) -> Sequence[Note | Ask]:
    """From now on answers find the action; those that came before it are passed on in their order."""
    waiting = known.state(task, tasked.task)
    reports = waiting.reports if isinstance(waiting, task.Unopened) else ()
    opening = task.OpenTask(task=tasked.task, action=tasked.action, person=tasked.person)
    replies = [reply for taken in reports for reply in _reply(taken, tasked.action, known)]
    return [Ask(task, tasked.task, opening), *replies]


def _reply(taken: ReportTaken, of: ActionId, known: Known) -> Sequence[Ask]:
    about = known.state(action, of)
    id = task_of(taken.facts)
    tactic = None if isinstance(about, Unknown) else BY_CODE.get(about.draft.tactic)
    reply = None if tactic is None else reply_in(taken.facts, tactic)
    if id is None or reply is None:
        return []
    return [Ask(action, of, AnswerTask(task=id, agency=taken.agency, reply=reply))]


def _recalled(of: ActionId, known: Known) -> Sequence[Ask]:
    """SR-1: whether the clearance still holds is judged by the action, with what was just noted."""
    return [Ask(action, of, RecallTask())] if isinstance(known.state(action, of), WithAgency) else []


def deadlines(_stream: str, event: Event) -> Sequence[SetDeadline | ClearDeadline]:
    """An agency that took a task on and then says no more is as overdue as one that never answered."""
    match event:
        case ActionTasked():
            return [SetDeadline(TASK_DUE, read(event.due_at))]
        case TaskAnswered() if event.answer in LAST_WORDS:
            return [ClearDeadline(TASK_DUE)]
        case TaskRecalled():
            return [ClearDeadline(TASK_DUE)]
        case _:
            return []


def on_due(stream: str, _name: str, due_at: datetime) -> Ask:
    """The only clock is that of a task."""
    return Ask(action, stream.removeprefix(f"{action.CATEGORY}-"), TellOverdue(due_at=due_at))
