"""Invented people and what happens around them, for the tests of the victim's side."""

from datetime import UTC, datetime
from typing import Final

from msgspec import Raw

from infra.service import Heard
from schemas.casework import CaseAllocated, CaseOpened
from schemas.disruption import (
    ActionChanged,
    ActionConcluded,
    ActionProposed,
    ActionTasked,
    ActionWithdrawn,
    Outcome,
)
from schemas.envelope import Record
from schemas.event import Event
from schemas.ids import derive
from schemas.intake import VictimNamed
from schemas.sealed import Compartment, Sealed
from schemas.victim_liaison import (
    AnswerGiven,
    Asked,
    ClearanceGiven,
    ClearanceSuspended,
    ConsultationOpened,
    LiaisonNamed,
    QuestionAdded,
    Standing,
    SubstituteNamed,
    Verdict,
    VictimKnown,
    WorkerAssigned,
)
from services.victim_liaison.domain.answers import GiveAnswer

NOW: Final = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
"""A Monday morning, no bank holiday."""
DUE: Final = datetime(2025, 3, 5, 9, 30, tzinfo=UTC)
DUE_TEXT: Final = "2025-03-05T09:30:00.000000Z"
LATER: Final = datetime(2025, 3, 6, 9, 30, tzinfo=UTC)
LATER_TEXT: Final = "2025-03-06T09:30:00.000000Z"

PERSON: Final = derive("per", "alan invented")
RUTH: Final = derive("vic", "ruth invented")
NINA: Final = derive("vic", "nina invented")
ACTION: Final = derive("act", "cell search")
OTHER_ACTION: Final = derive("act", "contact block")
TASK: Final = derive("tsk", "cell search")
REFERRAL: Final = derive("ref", "the first")
CONTACT: Final = derive("con", "the calls")
RELEASE: Final = derive("rel", "the calls")

LENA: Final = "wrk_lena"
MAY: Final = "wrk_may"
SUE: Final = "wrk_sue"
LEAD: Final = "wrk_lou"
CHRIS: Final = "wrk_chris"


def sealed(field: str, compartment: Compartment = "victim", subject: str = RUTH) -> Sealed:
    return Sealed(
        compartment=compartment, subject=subject, field=field, key_id="key", nonce=bytes(12), ciphertext=field.encode()
    )


PLAN: Final = sealed("plan", "person", PERSON)
DETAILS: Final = {"family_name": sealed("family_name")}


def victim_known(victim: str = RUTH) -> VictimKnown:
    return VictimKnown(victim=victim, person=PERSON, referral=REFERRAL, details=DETAILS)


def worker_assigned(victim: str = RUTH, worker: str = LENA, standing: Standing = "assigned") -> WorkerAssigned:
    return WorkerAssigned(victim=victim, person=PERSON, worker=worker, standing=standing)


def liaison_named(worker: str = LENA, standing: Standing = "assigned") -> LiaisonNamed:
    return LiaisonNamed(person=PERSON, worker=worker, standing=standing)


def substitute_named(worker: str = SUE) -> SubstituteNamed:
    return SubstituteNamed(person=PERSON, worker=worker)


def victim_named(victim: str = RUTH) -> VictimNamed:
    return VictimNamed(person=PERSON, victim=victim, referral=REFERRAL, details=DETAILS)


def case_opened() -> CaseOpened:
    return CaseOpened(person=PERSON, referral=REFERRAL)


def case_allocated(worker: str = CHRIS) -> CaseAllocated:
    return CaseAllocated(person=PERSON, worker=worker)


def action_proposed(action: str = ACTION) -> ActionProposed:
    return ActionProposed(
        action=action,
        version=1,
        person=PERSON,
        tactic="cell-search",
        agency="hmp-nowhere",
        attribution="safe",
        plan=PLAN,
        tasking=sealed("tasking", "person", PERSON),
        proposed_by=CHRIS,
    )


def action_changed(version: int = 2, action: str = ACTION) -> ActionChanged:
    return ActionChanged(
        action=action,
        version=version,
        person=PERSON,
        tactic="cell-search",
        agency="hmp-nowhere",
        attribution="ambiguous",
        plan=PLAN,
        tasking=sealed("tasking", "person", PERSON),
        proposed_by=CHRIS,
    )


def action_tasked(action: str = ACTION) -> ActionTasked:
    return ActionTasked(
        action=action,
        version=1,
        task=TASK,
        person=PERSON,
        agency="hmp-nowhere",
        tactic="cell-search",
        announced_as="cell-search.requested",
        due_at=DUE_TEXT,
    )


def action_withdrawn(action: str = ACTION) -> ActionWithdrawn:
    return ActionWithdrawn(action=action, person=PERSON, reason="no-longer-needed")


def action_concluded(action: str = ACTION) -> ActionConcluded:
    return ActionConcluded(action=action, person=PERSON, outcome=Outcome(code="phones-recovered", count=3))


def asked(victim: str | None = RUTH, worker: str | None = LENA) -> Asked:
    return Asked(victim=victim, worker=worker)


def opened(*questions: Asked, version: int = 1, due_at: str = DUE_TEXT) -> ConsultationOpened:
    return ConsultationOpened(
        action=ACTION, version=version, person=PERSON, asked=questions or (asked(),), due_at=due_at
    )


def question_added(victim: str = NINA, worker: str | None = MAY) -> QuestionAdded:
    return QuestionAdded(action=ACTION, version=1, person=PERSON, victim=victim, worker=worker, due_at=LATER_TEXT)


def answer(
    verdict: Verdict = "agreed",
    *conditions: str,
    victim: str | None = RUTH,
    worker: str = LENA,
    version: int = 1,
    by_lead: bool = False,
) -> GiveAnswer:
    return GiveAnswer(
        version=version, victim=victim, worker=worker, verdict=verdict, conditions=conditions, by_lead=by_lead
    )


def answered(
    verdict: Verdict = "agreed",
    *conditions: str,
    victim: str | None = RUTH,
    worker: str = LENA,
    version: int = 1,
) -> AnswerGiven:
    return AnswerGiven(
        action=ACTION,
        version=version,
        person=PERSON,
        victim=victim,
        worker=worker,
        verdict=verdict,
        conditions=conditions,
    )


def cleared(verdict: Verdict = "agreed", *conditions: str, version: int = 1) -> ClearanceGiven:
    return ClearanceGiven(action=ACTION, version=version, person=PERSON, verdict=verdict, conditions=conditions)


def asked_again(version: int = 1) -> ClearanceSuspended:
    return ClearanceSuspended(action=ACTION, version=version, person=PERSON, why="asked-again")


def revoked() -> ClearanceSuspended:
    return ClearanceSuspended(action=ACTION, version=1, person=PERSON, why="revoked")


def record_of(event: Event, at: str = "2025-03-03T09:30:00.000000Z") -> Record:
    return Record(
        id="one",
        source="somewhere",
        type=event.TYPE,
        subject="stream",
        time=at,
        recordedtime=at,
        logicaltime=1,
        salt="",
        site="essex",
        correlationid="one",
        causationid="one",
        actor="service:somewhere",
        specversion="1.0",
        datacontenttype="application/json",
        data=Raw(b"{}"),
    )


def heard(event: Event, source: str = "victim_liaison") -> Heard:
    return Heard(source=source, record=record_of(event), event=event, raw=b"", number=1, hash=b"")
