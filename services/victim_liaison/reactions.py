"""What victim_liaison does with what it hears: whom to ask about what is planned, and whom to ask again.

Suspensions come first. A victim named elsewhere suspends in the very transaction in which she becomes known; what a
lead records here is heard again from the own journal, and disruption hears us to the head before it tasks.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from infra.service import Ask, Heard, Known, Note
from infra.working_days import due_at
from schemas import catalogue
from schemas.casework import CaseAllocated, CaseOpened
from schemas.disruption import ActionChanged, ActionConcluded, ActionProposed, ActionTasked, ActionWithdrawn
from schemas.event import Event
from schemas.ids import PersonId, VictimId, WorkerId
from schemas.intake import VictimNamed
from schemas.victim_liaison import SubstituteNamed, VictimKnown, WorkerAssigned
from services.victim_liaison.domain import circle, consultation

HEARS: Final[dict[str, tuple[type[Event], ...]]] = {
    "intake": (VictimNamed,),
    "casework": (CaseOpened, CaseAllocated),
    "disruption": (ActionProposed, ActionChanged, ActionTasked, ActionWithdrawn, ActionConcluded),
    "victim_liaison": (VictimKnown, WorkerAssigned, SubstituteNamed),
}

ANSWER: Final = "consultation-answered"
"""The clock of the catalogue by which a consultation is to be answered."""


def react(heard: Heard, known: Known) -> Sequence[Note | Ask]:
    """What is asked follows from who is known now, not from who was when the message was sent."""
    match heard.event:
        case VictimNamed() as named:
            know = circle.KnowVictim(
                victim=named.victim,
                person=named.person,
                referral=named.referral,
                details=named.details,
            )
            return (*_ask_about_her_too(named.person, named.victim, known), Ask(circle, named.person, know))
        case VictimKnown() as event:
            return _ask_about_her_too(event.person, event.victim, known)
        case WorkerAssigned() as event:
            victim = known.state(circle, event.person).victims.get(event.victim)
            return _ask_instead(event.person, event.victim, victim.worker if victim else None, known)
        case SubstituteNamed() as event:
            return _ask_instead(event.person, None, known.state(circle, event.person).substitute, known)
        case ActionProposed() | ActionChanged() as told:
            return (_consult(told, known), Note(circle, told.person, told))
        case ActionWithdrawn() | ActionConcluded() as told:
            close = Ask(consultation, told.action, consultation.CloseConsultation())
            return (close, Note(circle, told.person, told))
        case ActionTasked() | CaseOpened() | CaseAllocated() as told:
            return (Note(circle, told.person, told),)
        case _:
            return ()


def _consult(told: ActionProposed | ActionChanged, known: Known) -> Ask:
    command = consultation.Consult(
        action=told.action,
        version=told.version,
        person=told.person,
        asked=circle.to_be_asked(known.state(circle, told.person)),
        due_at=_answer_by(known.now),
    )
    return Ask(consultation, told.action, command)


def _ask_about_her_too(person: PersonId, victim: VictimId, known: Known) -> tuple[Ask, ...]:
    around = known.state(circle, person)
    stands = around.victims.get(victim)
    command = consultation.AddVictim(
        victim=victim,
        worker=stands.worker if stands else None,
        due_at=_answer_by(known.now),
    )
    return tuple(Ask(consultation, action, command) for action in circle.open_actions(around))


def _ask_instead(person: PersonId, victim: VictimId | None, worker: WorkerId | None, known: Known) -> tuple[Ask, ...]:
    if worker is None:
        return ()
    command = consultation.Reassign(victim=victim, worker=worker)
    return tuple(Ask(consultation, action, command) for action in circle.open_actions(known.state(circle, person)))


def _answer_by(now: datetime) -> datetime:
    return due_at(now, catalogue.clocks()[ANSWER])
