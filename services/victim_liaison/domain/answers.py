"""Answering a consultation: who may, what an answer must say, and the one clearance that all of them come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from infra.decider import Policies, enforce
from schemas.event import Event
from schemas.ids import VictimId, WorkerId
from schemas.sealed import Sealed
from schemas.victim_liaison import (
    AnswerGiven,
    ClearanceGiven,
    ClearanceSuspended,
    ConditionMet,
    ConditionsMet,
    Verdict,
)
from services.victim_liaison.domain import questions
from services.victim_liaison.domain.course import Consultation, Open, WhileOpen, evolve
from services.victim_liaison.domain.questions import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveAnswer:
    """Answer for one victim about one version. `by_lead`: a liaison lead answers, as cover for the worker asked."""

    version: int
    victim: VictimId | None
    worker: WorkerId
    verdict: Verdict
    conditions: tuple[str, ...] = ()
    reason: Sealed | None = None
    by_lead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetCondition:
    """Say that a step which had to come first is done."""

    version: int
    victim: VictimId | None
    worker: WorkerId
    condition: str
    by_lead: bool = False


def version_is_present(command: GiveAnswer | MeetCondition, consultation: Consultation) -> str | None:
    """An answer is about the action as it is now; one that was on its way when it changed is asked again."""
    is_stale = isinstance(consultation, Open) and command.version != consultation.version
    return "version-stale" if is_stale else None


def victim_is_asked_about(command: GiveAnswer | MeetCondition, consultation: Consultation) -> str | None:
    """Only for a victim who was asked about; for none, only while none is known."""
    is_unasked = isinstance(consultation, Open) and command.victim not in consultation.questions
    return "not-asked-about" if is_unasked else None


def somebody_is_named(command: GiveAnswer | MeetCondition, consultation: Consultation) -> str | None:
    """SR-3: where there is no worker a substitute is named first. Being a liaison lead is not being named."""
    question = _question(command, consultation)
    return "worker-not-named" if question is not None and question.worker is None else None


def worker_is_asked(command: GiveAnswer | MeetCondition, consultation: Consultation) -> str | None:
    """Only the worker who was asked, or a liaison lead as cover."""
    question = _question(command, consultation)
    is_hers = question is None or question.worker in (None, command.worker) or command.by_lead
    return None if is_hers else "not-her-worker"


def conditions_fit_verdict(command: GiveAnswer, _consultation: Consultation) -> str | None:
    """Conditions are named where and only where the answer depends on them: none is silently dropped."""
    if command.verdict == "agreed-with-conditions":
        return None if command.conditions else "conditions-missing"
    return "conditions-unexpected" if command.conditions else None


def condition_is_asked_for(command: MeetCondition, consultation: Consultation) -> str | None:
    """Only a step that this victim's answer asked for."""
    question = _question(command, consultation)
    if question is None or (question.answer is not None and command.condition in question.answer.conditions):
        return None
    return "condition-not-asked-for"


def _question(command: GiveAnswer | MeetCondition, consultation: Consultation) -> Question | None:
    return consultation.questions.get(command.victim) if isinstance(consultation, Open) else None


POLICIES: Final[Policies] = {
    GiveAnswer: (
        version_is_present,
        victim_is_asked_about,
        somebody_is_named,
        worker_is_asked,
        conditions_fit_verdict,
    ),
    MeetCondition: (
        version_is_present,
        victim_is_asked_about,
        somebody_is_named,
        worker_is_asked,
        condition_is_asked_for,
    ),
}


def give_answer(command: GiveAnswer, consultation: Open) -> Sequence[Event]:
    """Late or not, an answer about the present version counts. A changed one suspends what rested on the first."""
    answer = AnswerGiven(
        action=consultation.action,
        version=command.version,
        person=consultation.person,
        victim=command.victim,
        worker=command.worker,
        verdict=command.verdict,
        conditions=tuple(sorted(set(command.conditions))),
        reason=command.reason,
    )
    question = _question(command, consultation)
    if question is not None and question.answer == answer:
        return []
    enforce(POLICIES, command, consultation)
    holds = question is not None and questions.is_unchanged(question.answer, answer)
    doubts = [] if holds else suspended(consultation, "revoked")
    return _and_what_follows(consultation, [*doubts, answer])


def meet_condition(command: MeetCondition, consultation: Open) -> Sequence[Event]:
    """SR-7: the step is done; with the last one, the other side hears that every step is."""
    question = _question(command, consultation)
    if question is not None and command.version == consultation.version and command.condition in question.met:
        return []
    enforce(POLICIES, command, consultation)
    met = ConditionMet(
        action=consultation.action,
        version=command.version,
        person=consultation.person,
        victim=command.victim,
        condition=command.condition,
    )
    return _and_what_follows(consultation, [met])


def suspended(consultation: Open, why: Literal["asked-again", "revoked"]) -> list[WhileOpen]:
    """The clearance that was given, under its own version, no longer holds; nothing where none is in force."""
    if consultation.clearance is None:
        return []
    return [
        ClearanceSuspended(
            action=consultation.action,
            version=consultation.clearance.version,
            person=consultation.person,
            why=why,
        )
    ]


def _and_what_follows(consultation: Open, events: Sequence[WhileOpen]) -> Sequence[Event]:
    """These events; the clearance if they complete the answers; and word that its steps are done, if they are."""
    said = list(events)
    said += _clearance(_after(consultation, said))
    said += _steps_done(_after(consultation, said))
    return said


def _after(consultation: Consultation, events: Sequence[WhileOpen]) -> Consultation:
    for event in events:
        consultation = evolve(consultation, event)
    return consultation


def _clearance(consultation: Consultation) -> Sequence[ClearanceGiven]:
    """What every answer comes to, if all are there and none is in force."""
    if not isinstance(consultation, Open) or consultation.clearance is not None:
        return []
    outcome = questions.joint(consultation.questions)
    if outcome is None:
        return []
    verdict, conditions = outcome
    return [
        ClearanceGiven(
            action=consultation.action,
            version=consultation.version,
            person=consultation.person,
            verdict=verdict,
            conditions=conditions,
        )
    ]


def _steps_done(consultation: Consultation) -> Sequence[ConditionsMet]:
    """Said once for a clearance, as soon as every step it waits for is done, even if that was before it was given."""
    if not isinstance(consultation, Open) or consultation.are_conditions_met:
        return []
    clearance = consultation.clearance
    if clearance is None or not clearance.conditions or not questions.is_every_step_done(consultation.questions):
        return []
    return [ConditionsMet(action=consultation.action, version=consultation.version, person=consultation.person)]
