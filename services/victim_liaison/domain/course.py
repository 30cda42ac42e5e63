"""How a consultation stands: its shapes, and what each event makes of them."""

from dataclasses import dataclass, replace
from typing import assert_never

from schemas.ids import ActionId, PersonId
from schemas.victim_liaison import (
    AnswerGiven,
    ClearanceGiven,
    ClearanceSuspended,
    ConditionMet,
    ConditionsMet,
    ConsultationClosed,
    ConsultationEscalated,
    ConsultationOpened,
    QuestionAdded,
    QuestionReassigned,
)
from services.victim_liaison.domain import questions
from services.victim_liaison.domain.questions import Question, Questions

WhileOpen = (
    QuestionAdded
    | QuestionReassigned
    | AnswerGiven
    | ConditionMet
    | ConsultationEscalated
    | ConsultationClosed
    | ClearanceGiven
    | ConditionsMet
    | ClearanceSuspended
)
ConsultationDecided = ConsultationOpened | WhileOpen


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Nobody has been asked about this action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """One version of the action is asked about. `clearance` is the one in force: None while an answer is missing."""

    action: ActionId
    person: PersonId
    version: int
    questions: Questions
    clearance: ClearanceGiven | None = None
    are_conditions_met: bool = False


@dataclass(frozen=True, slots=True)
class Closed:
    """The action is withdrawn or concluded; `last` is how the consultation stood."""

    last: Open


Consultation = NotAsked | Open | Closed


def evolve(consultation: Consultation, event: ConsultationDecided) -> Consultation:
    """The consultation after the event. A new version forgets every answer of the one before."""
    match event:
        case ConsultationOpened():
            asked = {each.victim: Question(worker=each.worker, due_at=event.due_at) for each in event.asked}
            return Open(action=event.action, person=event.person, version=event.version, questions=asked)
        case (
            QuestionAdded()
            | QuestionReassigned()
            | AnswerGiven()
            | ConditionMet()
            | ConsultationEscalated()
            | ConsultationClosed()
            | ClearanceGiven()
            | ConditionsMet()
            | ClearanceSuspended()
        ):
            return _evolve_open(consultation, event) if isinstance(consultation, Open) else consultation
        case _:
            assert_never(event)


def _evolve_open(consultation: Open, event: WhileOpen) -> Consultation:
    match event:
        case QuestionAdded():
            asked = dict(consultation.questions)
            asked.pop(None, None)
            asked[event.victim] = Question(worker=event.worker, due_at=event.due_at)
            return replace(consultation, questions=asked)
        case QuestionReassigned() | AnswerGiven() | ConditionMet():
            before = consultation.questions.get(event.victim)
            if before is None:
                return consultation
            after = questions.evolve(before, event)
            return replace(consultation, questions={**consultation.questions, event.victim: after})
        case ConsultationEscalated():
            return replace(consultation, questions=questions.escalated(consultation.questions))
        case ConsultationClosed():
            return Closed(consultation)
        case ClearanceGiven():
            return replace(consultation, clearance=event, are_conditions_met=False)
        case ConditionsMet():
            return replace(consultation, are_conditions_met=True)
        case ClearanceSuspended():
            return replace(consultation, clearance=None, are_conditions_met=False)
        case _:
            assert_never(event)
