"""A consultation: what the victim's side is asked about one action, what is answered, and the one clearance it gives.

A clearance is for the version it names and no other. Whatever puts it in doubt suspends it first (SR-1, SR-2).
How it stands is in `course`, answering it in `answers`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from infra.decider import Policies
from schemas.event import Event
from schemas.ids import ActionId, PersonId, VictimId, WorkerId
from schemas.moments import written
from schemas.rejection import Rejected
from schemas.victim_liaison import (
    Asked,
    ConsultationClosed,
    ConsultationEscalated,
    ConsultationOpened,
    QuestionAdded,
    QuestionReassigned,
)
from services.victim_liaison.domain import answers, course, questions
from services.victim_liaison.domain.answers import GiveAnswer, MeetCondition, suspended
from services.victim_liaison.domain.course import Closed, Consultation, NotAsked, Open

CATEGORY: Final = "consultation"
RULES_VERSION: Final = 1
INITIAL: Final[Consultation] = NotAsked()
evolve: Final = course.evolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Consult:
    """Ask about this version of an action: `asked` is everybody who has to answer, by `due_at`."""

    action: ActionId
    version: int
    person: PersonId
    asked: tuple[Asked, ...]
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AddVictim:
    """One more victim is known: nothing is cleared before her worker has answered too."""

    victim: VictimId
    worker: WorkerId | None
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassign:
    """This worker is asked from now on; for the victim None, the substitute of the person."""

    victim: VictimId | None
    worker: WorkerId


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalate:
    """A due time has come."""

    now: datetime


@dataclass(frozen=True, slots=True)
class CloseConsultation:
    """The action is not pursued any further."""


ConsultationCommand = Consult | AddVictim | Reassign | GiveAnswer | MeetCondition | Escalate | CloseConsultation

POLICIES: Final[Policies] = answers.POLICIES


def decide(command: ConsultationCommand, consultation: Consultation) -> Sequence[Event]:
    """The events that follow. Raises Rejected."""
    match command:
        case Consult():
            return consult(command, consultation)
        case AddVictim():
            return add_victim(command, consultation)
        case Reassign():
            return reassign(command, consultation)
        case GiveAnswer():
            return answers.give_answer(command, _still_open(consultation))
        case MeetCondition():
            return answers.meet_condition(command, _still_open(consultation))
        case Escalate():
            return escalate(command, consultation)
        case CloseConsultation():
            return close(consultation)
        case _:
            assert_never(command)


def _still_open(consultation: Consultation) -> Open:
    match consultation:
        case NotAsked():
            raise Rejected("consultation-unknown")
        case Closed():
            raise Rejected("consultation-closed")
        case Open():
            return consultation
        case _:
            assert_never(consultation)


def consult(command: Consult, consultation: Consultation) -> Sequence[Event]:
    """Ask, unless this version or a later one is asked about already. The clearance of an earlier one falls first."""
    match consultation:
        case NotAsked():
            return [_opened(command)]
        case Closed():
            return []
        case Open():
            if command.version <= consultation.version:
                return []
            return [*suspended(consultation, "asked-again"), _opened(command)]
        case _:
            assert_never(consultation)


def add_victim(command: AddVictim, consultation: Consultation) -> Sequence[Event]:
    """SR-1: a clearance given without this victim does not hold for her."""
    if not isinstance(consultation, Open) or command.victim in consultation.questions:
        return []
    added = QuestionAdded(
        action=consultation.action,
        version=consultation.version,
        person=consultation.person,
        victim=command.victim,
        worker=command.worker,
        due_at=written(command.due_at),
    )
    return [*suspended(consultation, "asked-again"), added]


def reassign(command: Reassign, consultation: Consultation) -> Sequence[Event]:
    """Ask somebody else. Where the question was answered, the answer stands until the new worker gives another."""
    if not isinstance(consultation, Open):
        return []
    question = consultation.questions.get(command.victim)
    if question is None or question.worker == command.worker:
        return []
    return [
        QuestionReassigned(
            action=consultation.action,
            version=consultation.version,
            person=consultation.person,
            victim=command.victim,
            worker=command.worker,
        )
    ]


def escalate(command: Escalate, consultation: Consultation) -> Sequence[Event]:
    """Silence clears nothing; it goes to the liaison lead."""
    if not isinstance(consultation, Open) or not questions.is_overdue(consultation.questions, command.now):
        return []
    return [ConsultationEscalated(action=consultation.action, version=consultation.version, person=consultation.person)]


def close(consultation: Consultation) -> Sequence[Event]:
    """Ask nothing more."""
    if not isinstance(consultation, Open):
        return []
    return [ConsultationClosed(action=consultation.action, person=consultation.person)]


def _opened(command: Consult) -> ConsultationOpened:
    return ConsultationOpened(
        action=command.action,
        version=command.version,
        person=command.person,
        asked=command.asked,
        due_at=written(command.due_at),
    )
