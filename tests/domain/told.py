"""What others tell of one invented person, as casework and notifications hear it. Every field has a canary's name."""

from datetime import UTC, datetime
from typing import Final

from schemas.casework import CaseAllocated, CaseOpened, EngagementRecorded
from schemas.disruption import (
    ActionAuthorised,
    ActionChanged,
    ActionConcluded,
    ActionProposed,
    ActionTasked,
    ActionWithdrawn,
    OrderBreached,
    OrderGranted,
    OrderServed,
    Outcome,
    TaskAnswered,
    TaskOverdue,
    TaskRecalled,
)
from schemas.envelope import Record
from schemas.event import Event
from schemas.ids import derive
from schemas.intake import ReferralReceived, ReportTaken, ReportWaiting
from schemas.reports.prison import PhonesRecovered, PrisonerReceived
from schemas.sealed import Sealed
from schemas.victim_liaison import (
    ClearanceGiven,
    ClearanceSuspended,
    ConditionsMet,
    ImpactRecorded,
    InformationReleased,
    LiaisonNamed,
    LiaisonStoodDown,
)

NOW: Final = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
"""A Monday morning, no bank holiday."""
THEN: Final = "2025-03-03T08:15:00Z"

PERSON: Final = derive("per", "alan invented")
ORDER: Final = derive("ord", "restraining order")
ACTION: Final = derive("act", "cell search")
TASK: Final = derive("tsk", "cell search")
RELEASE: Final = derive("rel", "phone on the wing")
REPORT: Final = derive("rep", "a report")
REFERRAL: Final = derive("ref", "the first")
PRISON: Final = "hmp-nowhere"
"""The code of an agency that no notice and no timeline may carry."""

LIAISON: Final = "wrk_lena"
CASE_MANAGER: Final = "wrk_chris"


def sealed(field: str, subject: str = PERSON) -> Sealed:
    return Sealed(
        compartment="person", subject=subject, field=field, key_id="key", nonce=bytes(12), ciphertext=field.encode()
    )


def referral_received(referral: str = REFERRAL) -> ReferralReceived:
    return ReferralReceived(
        referral=referral,
        person=PERSON,
        agency=PRISON,
        route="professional-judgement",
        dash_score=None,
        standing="new",
        person_details={"family_name": sealed("family_name")},
    )


def received_into_custody(report: str = REPORT, at: str = THEN) -> ReportTaken:
    facts = PrisonerReceived(received_at=at, establishment=sealed("establishment", report), wing=sealed("wing", report))
    return ReportTaken(report=report, person=PERSON, agency=PRISON, occurred_at=at, facts=facts)


def phones_recovered() -> ReportTaken:
    facts = PhonesRecovered(task=TASK, searched_at=THEN, handsets=3)
    return ReportTaken(report=REPORT, person=PERSON, agency=PRISON, occurred_at=THEN, facts=facts)


def case_opened() -> CaseOpened:
    return CaseOpened(person=PERSON, referral=REFERRAL)


def case_allocated(worker: str = CASE_MANAGER) -> CaseAllocated:
    return CaseAllocated(person=PERSON, worker=worker)


def liaison_named(worker: str = LIAISON) -> LiaisonNamed:
    return LiaisonNamed(person=PERSON, worker=worker, standing="assigned")


def liaison_stood_down(worker: str = LIAISON) -> LiaisonStoodDown:
    return LiaisonStoodDown(person=PERSON, worker=worker)


def information_released() -> InformationReleased:
    return InformationReleased(release=RELEASE, person=PERSON, code="unlawful-phone-likely-on-wing")


def order_breached() -> OrderBreached:
    return OrderBreached(
        order=ORDER, person=PERSON, report=REPORT, occurred_at=THEN, means="telephone", standing="served"
    )


def action_tasked() -> ActionTasked:
    return ActionTasked(
        action=ACTION,
        version=1,
        task=TASK,
        person=PERSON,
        agency=PRISON,
        tactic="cell-search",
        announced_as="cell-search.requested",
        due_at=THEN,
    )


def task_answered() -> tuple[TaskAnswered, ...]:
    """Every answer there is."""

    def answer(**said: object) -> TaskAnswered:
        return TaskAnswered(action=ACTION, task=TASK, person=PERSON, agency=PRISON, **said)  # type: ignore[arg-type]

    return (
        answer(answer="accepted"),
        answer(answer="declined", reason="no-capacity"),
        answer(answer="started"),
        answer(answer="not-possible", reason="prevented"),
        answer(answer="done", outcome=Outcome(code="phones-recovered", count=3)),
        answer(answer="done"),
    )


def task_recalled() -> TaskRecalled:
    return TaskRecalled(action=ACTION, task=TASK, person=PERSON, agency=PRISON, why="clearance-suspended")


def clearance_given() -> tuple[ClearanceGiven, ...]:
    """Every verdict there is."""
    return (
        ClearanceGiven(action=ACTION, version=1, person=PERSON, verdict="agreed"),
        ClearanceGiven(
            action=ACTION,
            version=1,
            person=PERSON,
            verdict="agreed-with-conditions",
            conditions=("alarm-in-place",),
        ),
        ClearanceGiven(action=ACTION, version=1, person=PERSON, verdict="objected"),
        ClearanceGiven(action=ACTION, version=1, person=PERSON, verdict="cannot-reach"),
    )


def clearance_suspended() -> ClearanceSuspended:
    return ClearanceSuspended(action=ACTION, version=1, person=PERSON, why="asked-again")


def proposed(kind: type[ActionProposed | ActionChanged] = ActionProposed) -> ActionProposed | ActionChanged:
    return kind(
        action=ACTION,
        version=1,
        person=PERSON,
        tactic="cell-search",
        agency=PRISON,
        attribution="safe",
        proposed_by=CASE_MANAGER,
        plan=sealed("plan", ACTION),
        tasking=sealed("tasking", ACTION),
    )


def everything() -> tuple[Event, ...]:
    """One of each fact that may change something around him, and each form of it that is told differently."""
    return (
        ReportWaiting(report=REPORT),
        referral_received(),
        received_into_custody(),
        case_opened(),
        case_allocated(),
        EngagementRecorded(person=PERSON, state="engaging", is_aware=True),
        EngagementRecorded(person=PERSON, state="unaware", is_aware=False),
        liaison_named(),
        liaison_stood_down(),
        information_released(),
        OrderGranted(
            order=ORDER,
            person=PERSON,
            order_kind="restraining-order",
            reference="T20250001",
            occurred_at=THEN,
            expires_on=None,
            terms=("no-contact",),
        ),
        OrderServed(order=ORDER, person=PERSON, occurred_at=THEN, method="at-court"),
        order_breached(),
        proposed(),
        proposed(ActionChanged),
        ActionAuthorised(action=ACTION, version=1, person=PERSON),
        action_tasked(),
        *task_answered(),
        TaskOverdue(action=ACTION, task=TASK, person=PERSON, agency=PRISON, due_at=THEN),
        task_recalled(),
        ActionConcluded(action=ACTION, person=PERSON, outcome=Outcome(code="phones-recovered", count=3)),
        ActionWithdrawn(action=ACTION, person=PERSON, reason="no-longer-needed"),
        *clearance_given(),
        ConditionsMet(action=ACTION, version=1, person=PERSON),
        clearance_suspended(),
        ImpactRecorded(action=ACTION, person=PERSON, effect="contact-stopped"),
    )


def record_of(event: Event, id: str = "00000000-0000-5000-8000-000000000001") -> Record:
    """The envelope in which a fact arrives; only what tests look at is said with care."""
    return Record(
        id=id,
        source="/cordon/essex/elsewhere",
        type=event.TYPE,
        subject="elsewhere-1",
        time=THEN,
        recordedtime=THEN,
        logicaltime=1,
        salt="00",
        site="essex",
        correlationid=id,
        causationid=id,
        actor="wrk_somebody",
        specversion="1.0",
        datacontenttype="application/json",
        data=b"{}",  # type: ignore[arg-type]  # never decoded here
    )
