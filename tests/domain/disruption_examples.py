"""Invented actions and orders around one invented person, for the tests of disruption."""

from datetime import UTC, datetime
from typing import Final, Literal

from msgspec import Raw

from infra.service import Heard
from schemas.disruption import (
    ActionAuthorised,
    ActionChanged,
    ActionProposed,
    ActionTasked,
    ActionWithdrawn,
    Attribution,
    Outcome,
    TaskAnswered,
    TaskOverdue,
    TaskRecalled,
    WithdrawalReason,
)
from schemas.envelope import Record
from schemas.event import Event
from schemas.ids import derive
from schemas.intake import ReportTaken
from schemas.reports import Facts
from schemas.sealed import Sealed
from schemas.victim_liaison import ClearanceGiven, ClearanceSuspended, ConditionsMet, Effect, ImpactRecorded, Verdict
from services.disruption.domain.action_commands import (
    AnswerTask,
    AuthoriseAction,
    ChangeAction,
    ConcludeAction,
    ProposeAction,
    TaskAction,
    TellOverdue,
    WithdrawAction,
)
from services.disruption.domain.answer import Reply

NOW: Final = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
WRITTEN: Final = "2025-03-03T08:15:00Z"
DUE: Final = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
"""A week later: the catalogue's typical time of a cell search."""
DUE_TEXT: Final = "2025-03-10T09:30:00.000000Z"

PERSON: Final = derive("per", "alan invented")
ANOTHER: Final = derive("per", "brian invented")
ACTION: Final = derive("act", "cell search")
TASK: Final = derive("tsk", "cell search")
SECOND_TASK: Final = derive("tsk", "cell search, again")
REPORT: Final = derive("rep", "a report")
PRISON: Final = "hmp-fennholt"
POLICE: Final = "northmere-police"
CHRIS: Final = "wrk_chris"
"""The case manager, who proposes."""
PRIYA: Final = "wrk_priya"
"""The practice manager, who authorises."""
FOUND: Final = Outcome(code="phones-recovered", count=3)


def sealed(field: str, text: bytes = b"an invented text", subject: str = PERSON) -> Sealed:
    """As sealing makes it: the text's own length, and a tag."""
    return Sealed(
        compartment="person",
        subject=subject,
        field=field,
        key_id="key",
        nonce=bytes(12),
        ciphertext=text + bytes(16),
    )


PLAN: Final = sealed("plan")
TASKING: Final = sealed("tasking")
NO_PLAN: Final = sealed("plan", b"")


def propose(
    tactic: str = "cell-search", attribution: Attribution = "safe", plan: Sealed = PLAN, by: str = CHRIS
) -> ProposeAction:
    return ProposeAction(
        action=ACTION,
        by=by,
        person=PERSON,
        tactic=tactic,
        agency=PRISON,
        attribution=attribution,
        plan=plan,
        tasking=TASKING,
    )


def proposed(
    tactic: str = "cell-search", attribution: Attribution = "safe", plan: Sealed = PLAN, by: str = CHRIS
) -> ActionProposed:
    return ActionProposed(
        action=ACTION,
        version=1,
        person=PERSON,
        tactic=tactic,
        agency=PRISON,
        attribution=attribution,
        plan=plan,
        tasking=TASKING,
        proposed_by=by,
    )


def change(version: int = 1, attribution: Attribution = "ambiguous", by: str = CHRIS) -> ChangeAction:
    return ChangeAction(
        version=version,
        by=by,
        tactic="cell-search",
        agency=PRISON,
        attribution=attribution,
        plan=PLAN,
        tasking=TASKING,
    )


def changed(version: int = 2, attribution: Attribution = "ambiguous", by: str = CHRIS) -> ActionChanged:
    return ActionChanged(
        action=ACTION,
        version=version,
        person=PERSON,
        tactic="cell-search",
        agency=PRISON,
        attribution=attribution,
        plan=PLAN,
        tasking=TASKING,
        proposed_by=by,
    )


def cleared(verdict: Verdict = "agreed", *conditions: str, version: int = 1) -> ClearanceGiven:
    return ClearanceGiven(action=ACTION, version=version, person=PERSON, verdict=verdict, conditions=conditions)


def suspended(version: int = 1) -> ClearanceSuspended:
    return ClearanceSuspended(action=ACTION, version=version, person=PERSON, why="asked-again")


def conditions_met(version: int = 1) -> ConditionsMet:
    return ConditionsMet(action=ACTION, version=version, person=PERSON)


def impact(effect: Effect = "contact-stopped") -> ImpactRecorded:
    return ImpactRecorded(action=ACTION, person=PERSON, effect=effect)


def authorise(version: int = 1, by: str = PRIYA) -> AuthoriseAction:
    return AuthoriseAction(version=version, by=by)


def authorised(version: int = 1) -> ActionAuthorised:
    return ActionAuthorised(action=ACTION, version=version, person=PERSON)


def task(id: str = TASK, *, liaison_heard: bool = True) -> TaskAction:
    return TaskAction(now=NOW, task=id, liaison_heard=liaison_heard)


def tasked(id: str = TASK, version: int = 1) -> ActionTasked:
    return ActionTasked(
        action=ACTION,
        version=version,
        task=id,
        person=PERSON,
        agency=PRISON,
        tactic="cell-search",
        announced_as="cell-search.requested",
        due_at=DUE_TEXT,
    )


def recalled(why: Literal["clearance-suspended", "withdrawn"] = "clearance-suspended") -> TaskRecalled:
    return TaskRecalled(action=ACTION, task=TASK, person=PERSON, agency=PRISON, why=why)


ACCEPTED: Final = Reply(answer="accepted")
STARTED: Final = Reply(answer="started")
DECLINED: Final = Reply(answer="declined", reason="no-capacity")
NOT_POSSIBLE: Final = Reply(answer="not-possible", reason="prevented")
DONE: Final = Reply(answer="done", outcome=FOUND)


def answer(reply: Reply, id: str = TASK, agency: str = PRISON) -> AnswerTask:
    return AnswerTask(task=id, agency=agency, reply=reply)


def answered(reply: Reply, id: str = TASK) -> TaskAnswered:
    return TaskAnswered(
        action=ACTION,
        task=id,
        person=PERSON,
        agency=PRISON,
        answer=reply.answer,
        reason=reply.reason,
        outcome=reply.outcome,
    )


def overdue() -> TaskOverdue:
    return TaskOverdue(action=ACTION, task=TASK, person=PERSON, agency=PRISON, due_at=DUE_TEXT)


def tell_overdue(due_at: datetime = DUE) -> TellOverdue:
    return TellOverdue(due_at=due_at)


def withdraw(reason: WithdrawalReason = "no-longer-needed") -> WithdrawAction:
    return WithdrawAction(reason=reason)


def withdrawn(reason: WithdrawalReason = "no-longer-needed") -> ActionWithdrawn:
    return ActionWithdrawn(action=ACTION, person=PERSON, reason=reason)


def conclude(outcome: Outcome = FOUND) -> ConcludeAction:
    return ConcludeAction(outcome=outcome)


READY: Final[tuple[Event, ...]] = (proposed(), cleared(), authorised())
"""Everything the gate asks for."""
UNDER_WAY: Final[tuple[Event, ...]] = (*READY, tasked())


def reported(facts: Facts, agency: str = PRISON, person: str = PERSON, report: str = REPORT) -> ReportTaken:
    return ReportTaken(report=report, person=person, agency=agency, occurred_at=WRITTEN, facts=facts)


def heard(event: Event, source: str = "intake") -> Heard:
    """As it reaches a reaction. Only the event is looked at."""
    record = Record(
        id="00000000-0000-5000-8000-000000000001",
        source=f"/cordon/nowhere/{source}",
        type=event.TYPE,
        subject="elsewhere-1",
        time=WRITTEN,
        recordedtime=WRITTEN,
        logicaltime=1,
        salt="00",
        site="nowhere",
        correlationid="00000000-0000-5000-8000-000000000001",
        causationid="00000000-0000-5000-8000-000000000001",
        actor="wrk_somebody",
        specversion="1.0",
        datacontenttype="application/json",
        data=Raw(b"{}"),
    )
    return Heard(source, record, event, b"", 1, bytes(32))
