"""A case: one perpetrator, from the referral that opened it on; who manages it, and what he knows of it.

What others tell of him is noted in the same stream, also before the case is open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, assert_never

from infra.decider import Policies, enforce
from schemas import catalogue
from schemas.casework import CaseAllocated, CaseOpened, CustodyRecorded, EngagementRecorded, ReferralJoined
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
    TaskAnswered,
    TaskOverdue,
    TaskRecalled,
)
from schemas.event import Event
from schemas.ids import PersonId, ReferralId, ReportId, WorkerId
from schemas.intake import ReferralReceived
from schemas.sealed import Sealed
from schemas.victim_liaison import InformationReleased, LiaisonNamed, LiaisonStoodDown

CaseDecided = CaseOpened | ReferralJoined | CaseAllocated | EngagementRecorded | CustodyRecorded
CourseNoted = (
    InformationReleased
    | OrderGranted
    | OrderServed
    | OrderBreached
    | ActionProposed
    | ActionChanged
    | ActionAuthorised
    | ActionTasked
    | TaskAnswered
    | TaskOverdue
    | TaskRecalled
    | ActionConcluded
    | ActionWithdrawn
)
"""What happens around him: kept for the timeline, and nothing is decided on it."""
CaseNoted = ReferralReceived | LiaisonNamed | LiaisonStoodDown | CourseNoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """He was received into custody at this moment; the establishment may not have been told."""

    report: ReportId
    received_at: datetime
    establishment: Sealed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known of the person whether or not his case is open.

    `identity` are the sealed fields that say who he is, the newest referral's where several told the same one.
    """

    liaison: frozenset[WorkerId]
    identity: Mapping[str, Sealed]
    custody: tuple[Custody, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOpen:
    """There is no case; something may be known of him already."""

    around: Around


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """The case is open. `is_aware` is false until a state is recorded that shows he knows of the programme."""

    around: Around
    referrals: frozenset[ReferralId]
    case_manager: WorkerId | None = None
    engagement: str | None = None
    is_aware: bool = False


Case = NotOpen | Open

CATEGORY: Final = "case"
RULES_VERSION: Final = 1
INITIAL: Final[Case] = NotOpen(around=Around(liaison=frozenset(), identity={}, custody=()))


def evolve(case: Case, event: CaseDecided | CaseNoted) -> Case:
    """The case after the event."""
    match event:
        case CaseOpened():
            return Open(around=case.around, referrals=frozenset({event.referral}))
        case ReferralReceived():
            identity = {**case.around.identity, **event.person_details}
            return replace(case, around=replace(case.around, identity=identity))
        case LiaisonNamed():
            return replace(case, around=replace(case.around, liaison=case.around.liaison | {event.worker}))
        case LiaisonStoodDown():
            return replace(case, around=replace(case.around, liaison=case.around.liaison - {event.worker}))
        case CustodyRecorded():
            return replace(case, around=replace(case.around, custody=(*case.around.custody, _custody(event))))
        case ReferralJoined() | CaseAllocated() | EngagementRecorded():
            return _evolve_open(case, event)
        case (
            InformationReleased()
            | OrderGranted()
            | OrderServed()
            | OrderBreached()
            | ActionProposed()
            | ActionChanged()
            | ActionAuthorised()
            | ActionTasked()
            | TaskAnswered()
            | TaskOverdue()
            | TaskRecalled()
            | ActionConcluded()
            | ActionWithdrawn()
        ):
            return case
        case _:
            assert_never(event)


def _evolve_open(case: Case, event: ReferralJoined | CaseAllocated | EngagementRecorded) -> Case:
    match case:
        case NotOpen():
            return case
        case Open():
            match event:
                case ReferralJoined():
                    return replace(case, referrals=case.referrals | {event.referral})
                case CaseAllocated():
                    return replace(case, case_manager=event.worker)
                case EngagementRecorded():
                    return replace(case, engagement=event.state, is_aware=event.is_aware)
                case _:
                    assert_never(event)
        case _:
            assert_never(case)


def _custody(event: CustodyRecorded) -> Custody:
    return Custody(
        report=event.report,
        received_at=datetime.fromisoformat(event.occurred_at),
        establishment=event.establishment,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """A referral was received: open his case, or join it to the one that is open."""

    person: PersonId
    referral: ReferralId


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocateCase:
    """Name the case manager."""

    person: PersonId
    worker: WorkerId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEngagement:
    """Say how he takes part, with a code of the catalogue."""

    person: PersonId
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCustody:
    """Keep that a prison received him. `occurred_at` is RFC 3339, as the prison told it."""

    person: PersonId
    report: ReportId
    occurred_at: str
    establishment: Sealed | None


CaseCommand = OpenCase | AllocateCase | RecordEngagement | RecordCustody


def the_case_is_open(_command: AllocateCase | RecordEngagement, case: Case) -> str | None:
    """Before a referral there is nothing to allocate and nobody to engage."""
    return None if isinstance(case, Open) else "case-not-open"


def the_worker_is_on_one_side(command: AllocateCase, case: Case) -> str | None:
    """Wall 2 (safety rules, 3): nobody holds a role on both sides of one case."""
    return "worker-on-both-sides" if command.worker in case.around.liaison else None


def the_state_is_in_the_catalogue(command: RecordEngagement, _case: Case) -> str | None:
    """A state that nobody defined cannot say whether he is aware."""
    return None if command.state in catalogue.engagement_states() else "engagement-state-unknown"


POLICIES: Final[Policies] = {
    AllocateCase: (the_case_is_open, the_worker_is_on_one_side),
    RecordEngagement: (the_case_is_open, the_state_is_in_the_catalogue),
}


def decide(command: CaseCommand, case: Case) -> Sequence[Event]:
    """The events that follow. Raises Rejected."""
    match command:
        case OpenCase():
            return open_case(command, case)
        case AllocateCase():
            return allocate(command, case)
        case RecordEngagement():
            return record_engagement(command, case)
        case RecordCustody():
            return record_custody(command, case)
        case _:
            assert_never(command)


def open_case(command: OpenCase, case: Case) -> Sequence[Event]:
    """One case a person: what comes while it is open joins it."""
    match case:
        case NotOpen():
            return [CaseOpened(person=command.person, referral=command.referral)]
        case Open():
            if command.referral in case.referrals:
                return []
            return [ReferralJoined(person=command.person, referral=command.referral)]
        case _:
            assert_never(case)


def allocate(command: AllocateCase, case: Case) -> Sequence[Event]:
    """There is one case manager at a time; the newest allocation stands."""
    if isinstance(case, Open) and case.case_manager == command.worker and not is_on_both_sides(case):
        return []
    enforce(POLICIES, command, case)
    return [CaseAllocated(person=command.person, worker=command.worker)]


def record_engagement(command: RecordEngagement, case: Case) -> Sequence[Event]:
    """Whether he is aware follows from the state: a state that does not show it counts as unaware (SR-11)."""
    is_aware = catalogue.counts_as_aware(command.state)
    if isinstance(case, Open) and (case.engagement, case.is_aware) == (command.state, is_aware):
        return []
    enforce(POLICIES, command, case)
    return [EngagementRecorded(person=command.person, state=command.state, is_aware=is_aware)]


def record_custody(command: RecordCustody, case: Case) -> Sequence[Event]:
    """Kept also where no case is open yet: the one that is opened later must know it."""
    if any(custody.report == command.report for custody in case.around.custody):
        return []
    return [
        CustodyRecorded(
            person=command.person,
            report=command.report,
            occurred_at=command.occurred_at,
            establishment=command.establishment,
        )
    ]


def may_be_messaged(case: Case) -> bool:
    """SR-11: he never gets an automated message unless the case manager has marked him aware.

    No case, no engagement recorded, or a state that does not show it: unknown counts as unaware.
    """
    return isinstance(case, Open) and case.is_aware


def is_on_both_sides(case: Open) -> bool:
    """Whether the case manager was named on the victim's side afterwards: the case must go to somebody else."""
    return case.case_manager in case.around.liaison


def newest_custody(case: Case) -> Custody | None:
    """The latest reception into custody, whatever order the reports came in."""
    return max(case.around.custody, key=lambda custody: custody.received_at, default=None)
