"""A report: from an agency's sending until we know whom it is about. What could not be taken is kept in its stream.

Repeats are known by agency, source and event id, of which the report's reference is made; they are known for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal, assert_never

from infra.decider import Policies, enforce
from schemas.event import Event
from schemas.ids import AgencyCode, PersonId, ReportId, TaskId
from schemas.intake import (
    NamedVictim,
    ReportIdentified,
    ReportReceived,
    ReportRefused,
    ReportTaken,
    ReportUnidentified,
    ReportWaiting,
    ReportWaitsNoMore,
)
from schemas.reports import Facts
from schemas.reports.police import ReferralMade
from schemas.sealed import Sealed

ReportSaid = ReportTaken | ReportWaiting | ReportWaitsNoMore
ReportEvent = ReportReceived | ReportRefused | ReportIdentified | ReportUnidentified | ReportSaid


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What was sent (as a keyed digest) and why it was not taken."""

    fingerprint: bytes
    code: str
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the agency told, as far as we must remember it."""

    agency: AgencyCode
    occurred_at: str
    fingerprint: bytes
    facts: Facts
    person_details: dict[str, Sealed]
    victims: tuple[NamedVictim, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """Nothing was taken under this reference; something may have been refused."""

    refusals: frozenset[Refusal] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Taken, and nobody knows yet whom it is about: one of the candidates, or somebody else."""

    told: Told
    candidates: tuple[PersonId, ...] = ()
    refusals: frozenset[Refusal] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """Taken, and it is about this person."""

    told: Told
    person: PersonId
    refusals: frozenset[Refusal] = frozenset()


Report = NotTaken | Waiting | Identified

CATEGORY: Final = "report"
RULES_VERSION: Final = 1
INITIAL: Final[Report] = NotTaken()


def evolve(report: Report, event: ReportEvent) -> Report:
    """The report after the event."""
    match event:
        case ReportReceived():
            return Waiting(told=_told(event), refusals=report.refusals)
        case ReportRefused():
            refusal = Refusal(fingerprint=event.fingerprint, code=event.code, pointer=event.pointer)
            return replace(report, refusals=report.refusals | {refusal})
        case ReportUnidentified():
            return replace(report, candidates=event.candidates) if isinstance(report, Waiting) else report
        case ReportIdentified():
            if isinstance(report, NotTaken):
                return report
            return Identified(told=report.told, person=event.person, refusals=report.refusals)
        case ReportTaken() | ReportWaiting() | ReportWaitsNoMore():
            return report
        case _:
            assert_never(event)


def _told(event: ReportReceived) -> Told:
    return Told(
        agency=event.agency,
        occurred_at=event.occurred_at,
        fingerprint=event.fingerprint,
        facts=event.facts,
        person_details=event.person_details,
        victims=event.victims,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveReport:
    """Take what an agency told. `facts` is without a personal word; `raw` the whole of it, sealed.

    `candidates` are those who answer to its identifiers; `task_person` the person of the task it answers, None where
    that task is unknown or another agency's; `new_person` the reference that a referral of somebody unknown makes.
    """

    report: ReportId
    agency: AgencyCode
    kind: str
    source: str
    event_id: str
    occurred_at: str
    fingerprint: bytes
    raw: Sealed
    facts: Facts
    person_details: dict[str, Sealed] = field(default_factory=dict)
    victims: tuple[NamedVictim, ...] = ()
    candidates: tuple[PersonId, ...] = ()
    task_person: PersonId | None = None
    new_person: PersonId | None = None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseReport:
    """Keep what could not be taken, sealed, with the reason. `source` and `event_id` are None if unreadable."""

    report: ReportId
    agency: AgencyCode
    source: str | None
    event_id: str | None
    code: str
    pointer: str
    fingerprint: bytes
    raw: Sealed
    is_cut: bool
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyReport:
    """Somebody looked, and says whom the report is about. `is_known_person`: he was referred to us."""

    report: ReportId
    person: PersonId
    is_known_person: bool
    by: Literal["hand"] = "hand"
    now: datetime


ReportCommand = ReceiveReport | RefuseReport | IdentifyReport


def the_id_is_used_once(_command: ReceiveReport, report: Report) -> str | None:
    """One event of an agency has one content for ever; a correction is another event."""
    return None if isinstance(report, NotTaken) else "report-id-reused"


def the_task_is_this_agencys(command: ReceiveReport, _report: Report) -> str | None:
    """The same answer for a task that is not there and one of another agency: nothing may be learnt by trying."""
    return "task-unknown" if task_of(command.facts) is not None and command.task_person is None else None


def the_report_was_taken(_command: IdentifyReport, report: Report) -> str | None:
    """What was refused is about nobody."""
    return "report-unknown" if isinstance(report, NotTaken) else None


def nobody_else_was_identified(_command: IdentifyReport, report: Report) -> str | None:
    """Untying a report takes more than saying somebody else: what followed from it has to be put right too."""
    return "report-already-identified" if isinstance(report, Identified) else None


def the_person_is_known(command: IdentifyReport, _report: Report) -> str | None:
    """A report cannot make a person by hand: only a referral does."""
    return None if command.is_known_person else "person-unknown"


POLICIES: Final[Policies] = {
    ReceiveReport: (the_id_is_used_once, the_task_is_this_agencys),
    IdentifyReport: (the_report_was_taken, nobody_else_was_identified, the_person_is_known),
}


def decide(command: ReportCommand, report: Report) -> Sequence[Event]:
    """The events that follow. Raises Rejected."""
    match command:
        case ReceiveReport():
            return receive(command, report)
        case RefuseReport():
            return refuse(command, report)
        case IdentifyReport():
            return identify(command, report)
        case _:
            assert_never(command)


def receive(command: ReceiveReport, report: Report) -> Sequence[Event]:
    """Keep it, and say whom it is about if exactly one person answers to it."""
    if not isinstance(report, NotTaken) and report.told.fingerprint == command.fingerprint:
        return []
    enforce(POLICIES, command, report)
    received = ReportReceived(
        report=command.report,
        agency=command.agency,
        kind=command.kind,
        source=command.source,
        event_id=command.event_id,
        occurred_at=command.occurred_at,
        fingerprint=command.fingerprint,
        raw=command.raw,
        facts=command.facts,
        person_details=command.person_details,
        victims=command.victims,
    )
    return [received, *_whom(command, _told(received))]


def _whom(command: ReceiveReport, told: Told) -> Sequence[Event]:
    """A task's person counts like a candidate: an answer that names somebody else as well has to be looked at."""
    own_task = () if command.task_person is None else (command.task_person,)
    people = sorted({*command.candidates, *own_task})
    match people:
        case [person]:
            return _identified(command.report, person, "task" if own_task else "identifier", told)
        case [] if isinstance(command.facts, ReferralMade) and command.new_person is not None:
            return _identified(command.report, command.new_person, "new-person", told)
        case _:
            unidentified = ReportUnidentified(report=command.report, candidates=tuple(people))
            return [unidentified, ReportWaiting(report=command.report)]


def _identified(
    report: ReportId, person: PersonId, by: Literal["identifier", "new-person", "task", "hand"], told: Told
) -> Sequence[Event]:
    """A referral is said by its own decider, which knows whether it is the first; every other report is said here."""
    identified = ReportIdentified(report=report, person=person, by=by)
    if isinstance(told.facts, ReferralMade):
        return [identified]
    taken = ReportTaken(
        report=report, person=person, agency=told.agency, occurred_at=told.occurred_at, facts=told.facts
    )
    return [identified, taken]


def refuse(command: RefuseReport, report: Report) -> Sequence[Event]:
    """Kept once for each reason, whatever else was or will be taken under the same reference."""
    refusal = Refusal(fingerprint=command.fingerprint, code=command.code, pointer=command.pointer)
    if refusal in report.refusals:
        return []
    return [
        ReportRefused(
            report=command.report,
            agency=command.agency,
            source=command.source,
            event_id=command.event_id,
            code=command.code,
            pointer=command.pointer,
            fingerprint=command.fingerprint,
            raw=command.raw,
            is_cut=command.is_cut,
        )
    ]


def identify(command: IdentifyReport, report: Report) -> Sequence[Event]:
    """A worker's judgement ends the waiting."""
    if isinstance(report, Identified) and report.person == command.person:
        return []
    enforce(POLICIES, command, report)
    if not isinstance(report, Waiting):
        return []
    identified = _identified(command.report, command.person, command.by, report.told)
    return [*identified, ReportWaitsNoMore(report=command.report)]


def task_of(facts: Facts) -> TaskId | None:
    """The task that a report answers, if it answers one: whichever kind of report names a task."""
    task: TaskId | None = getattr(facts, "task", None)
    return task
