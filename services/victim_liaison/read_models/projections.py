"""How events change the tables: victims and workers, what is asked about each action, a timeline per victim."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Text, bindparam, case, delete, insert, update

from infra.service import Change, ReadModel, Recorded
from schemas.casework import CaseAllocated
from schemas.disruption import ActionChanged, ActionProposed
from schemas.event import Event
from schemas.ids import VictimId
from schemas.victim_liaison import (
    AnswerGiven,
    ClearanceGiven,
    ClearanceSuspended,
    ConditionMet,
    ConsultationClosed,
    ConsultationEscalated,
    ConsultationOpened,
    ContactReported,
    ImpactTold,
    QuestionAdded,
    QuestionReassigned,
    ReleaseDecided,
    SubstituteNamed,
    VictimKnown,
    WorkerAssigned,
)
from services.victim_liaison.read_models.tables import (
    CASE_MANAGER,
    NO_VICTIM,
    SUBSTITUTE,
    actions,
    consultations,
    named,
    questions,
    timeline,
    victims,
)

_KNOW: Final = insert(victims)
_ASSIGN: Final = (
    update(victims)
    .where(victims.c.victim == bindparam("of_victim"))
    .values(worker=bindparam("new_worker"), standing=bindparam("new_standing"))
)
_NAME_NO_MORE: Final = delete(named).where(
    named.c.person == bindparam("of_person"), named.c.role == bindparam("of_role")
)
_NAME: Final = insert(named)


def project_victims(recorded: Recorded) -> Iterable[Change]:
    """Who is known, who stands with whom, and who manages his case."""
    match recorded.event:
        case VictimKnown() as event:
            row = {"sequence": recorded.sequence, "victim": event.victim, "person": event.person}
            yield _KNOW, {**row, "worker": None, "standing": None, "known_at": recorded.record.recordedtime}
        case WorkerAssigned() as event:
            new = {"new_worker": event.worker, "new_standing": event.standing}
            yield _ASSIGN, {"of_victim": event.victim, **new}
        case CaseAllocated() as event:
            yield from _named(recorded, event.person, CASE_MANAGER, event.worker)
        case SubstituteNamed() as event:
            yield from _named(recorded, event.person, SUBSTITUTE, event.worker)
        case _:
            return


def _named(recorded: Recorded, person: str, role: str, worker: str) -> Iterable[Change]:
    yield _NAME_NO_MORE, {"of_person": person, "of_role": role}
    row = {"person": person, "role": role, "worker": worker, "named_at": recorded.record.recordedtime}
    yield _NAME, row


_OF_ACTION: Final = questions.c.action == bindparam("of_action")
_OF_QUESTION: Final = (questions.c.action == bindparam("of_action")) & (questions.c.victim == bindparam("of_victim"))
_IS_UNCHANGED: Final = (questions.c.verdict == bindparam("new_verdict")) & (
    questions.c.conditions == bindparam("new_conditions")
)

_PROPOSE: Final = insert(actions)
_CHANGE: Final = delete(actions).where(actions.c.action == bindparam("of_action"))
_OPEN: Final = insert(consultations)
_OPEN_NO_MORE: Final = delete(consultations).where(consultations.c.action == bindparam("of_action"))
_SUSPEND: Final = (
    update(consultations)
    .where(consultations.c.action == bindparam("of_action"))
    .values(suspended_at=bindparam("new_suspended_at"))
)
_CLOSE: Final = update(consultations).where(consultations.c.action == bindparam("of_action")).values(is_closed=True)
_ASK: Final = insert(questions)
_ASK_NOTHING: Final = delete(questions).where(_OF_ACTION)
_ASK_NOT: Final = delete(questions).where(_OF_QUESTION)
_REASSIGN: Final = update(questions).where(_OF_QUESTION).values(worker=bindparam("new_worker"))
_ESCALATE: Final = update(questions).where(_OF_ACTION, questions.c.verdict.is_(None)).values(is_escalated=True)
_ANSWER: Final = (
    update(questions)
    .where(_OF_QUESTION)
    .values(
        answered_at=bindparam("new_answered_at"),
        verdict=bindparam("new_verdict"),
        conditions=bindparam("new_conditions"),
        met=case((_IS_UNCHANGED, questions.c.met), else_=""),
        is_escalated=False,
    )
)
_MEET: Final = (
    update(questions).where(_OF_QUESTION).values(met=questions.c.met + " " + bindparam("new_met", type_=Text))
)


def project_consultations(recorded: Recorded) -> Iterable[Change]:
    """What is asked about each action, of whom, by when, and what was answered."""
    match recorded.event:
        case ActionProposed() | ActionChanged() as event:
            yield _CHANGE, {"of_action": event.action}
            row = {"action": event.action, "version": event.version}
            yield _PROPOSE, {**row, "tactic": event.tactic, "attribution": event.attribution}
        case ConsultationOpened() as event:
            yield _OPEN_NO_MORE, {"of_action": event.action}
            row = {"action": event.action, "version": event.version, "person": event.person}
            yield _OPEN, {**row, "suspended_at": None, "is_closed": False}
            yield _ASK_NOTHING, {"of_action": event.action}
            for asked in event.asked:
                yield _asked(recorded, event, asked.victim, asked.worker)
        case QuestionAdded() as event:
            yield _ASK_NOT, {"of_action": event.action, "of_victim": NO_VICTIM}
            yield _asked(recorded, event, event.victim, event.worker)
        case ClearanceSuspended() as event:
            yield _SUSPEND, {"of_action": event.action, "new_suspended_at": recorded.record.recordedtime}
        case ClearanceGiven() as event:
            yield _SUSPEND, {"of_action": event.action, "new_suspended_at": None}
        case ConsultationClosed() as event:
            yield _CLOSE, {"of_action": event.action}
        case ConsultationEscalated() as event:
            yield _ESCALATE, {"of_action": event.action}
        case QuestionReassigned() | AnswerGiven() | ConditionMet() as event:
            yield _to_question(recorded, event)
        case _:
            return


def _asked(
    recorded: Recorded, event: ConsultationOpened | QuestionAdded, victim: VictimId | None, worker: str | None
) -> Change:
    row = {"action": event.action, "person": event.person, "due_at": event.due_at, "is_escalated": False}
    unanswered = {"answered_at": None, "verdict": None, "conditions": "", "met": ""}
    asked = {"victim": victim or NO_VICTIM, "worker": worker, "asked_at": recorded.record.recordedtime}
    return _ASK, {**row, **unanswered, **asked}


def _to_question(recorded: Recorded, event: QuestionReassigned | AnswerGiven | ConditionMet) -> Change:
    of_question = {"of_action": event.action, "of_victim": event.victim or NO_VICTIM}
    match event:
        case QuestionReassigned():
            return _REASSIGN, {**of_question, "new_worker": event.worker}
        case AnswerGiven():
            said = {"new_verdict": event.verdict, "new_conditions": " ".join(event.conditions)}
            return _ANSWER, {**of_question, **said, "new_answered_at": recorded.record.recordedtime}
        case ConditionMet():
            return _MEET, {**of_question, "new_met": event.condition}


_ADD_ROW: Final = insert(timeline)


def project_timeline(recorded: Recorded) -> Iterable[Change]:
    """A row for each victim whom an event is about."""
    match recorded.event:
        case VictimKnown() as event:
            yield _row(recorded, event.victim, event.referral or event.person, None)
        case WorkerAssigned() as event:
            yield _row(recorded, event.victim, event.worker, event.standing)
        case ContactReported() as event:
            yield _row(recorded, event.victim, event.contact, event.means)
        case ReleaseDecided() as event:
            yield _row(recorded, event.victim, event.contact, event.code)
        case ConsultationOpened() as event:
            for asked in event.asked:
                yield from _row_if_of_victim(recorded, asked.victim, event.action, None)
        case QuestionAdded() as event:
            yield _row(recorded, event.victim, event.action, None)
        case AnswerGiven() as event:
            yield from _row_if_of_victim(recorded, event.victim, event.action, event.verdict)
        case ConditionMet() as event:
            yield from _row_if_of_victim(recorded, event.victim, event.action, event.condition)
        case ImpactTold() as event:
            yield _row(recorded, event.victim, event.action, event.effect)
        case _:
            return


def _row_if_of_victim(
    recorded: Recorded, victim: VictimId | None, reference: str, detail: str | None
) -> Iterable[Change]:
    if victim is not None:
        yield _row(recorded, victim, reference, detail)


def _row(recorded: Recorded, victim: VictimId, reference: str, detail: str | None) -> Change:
    times = {"happened_at": recorded.record.time, "recorded_at": recorded.record.recordedtime}
    what = {"what": _what(recorded.event), "reference": reference, "detail": detail}
    return _ADD_ROW, {"sequence": recorded.sequence, "victim": victim, **times, **what}


def _what(event: Event) -> str:
    """The middle of its wire name: `contact-reported`."""
    return event.TYPE.split(".")[1]


ALL: Final = (
    ReadModel(
        name="victims",
        version=1,
        tables=(victims, named),
        reads=(VictimKnown, WorkerAssigned, CaseAllocated, SubstituteNamed),
        project=project_victims,
    ),
    ReadModel(
        name="consultations",
        version=1,
        tables=(actions, consultations, questions),
        reads=(
            ActionProposed,
            ActionChanged,
            ConsultationOpened,
            QuestionAdded,
            QuestionReassigned,
            AnswerGiven,
            ConditionMet,
            ConsultationEscalated,
            ConsultationClosed,
            ClearanceGiven,
            ClearanceSuspended,
        ),
        project=project_consultations,
    ),
    ReadModel(
        name="timeline",
        version=1,
        tables=(timeline,),
        reads=(
            VictimKnown,
            WorkerAssigned,
            ContactReported,
            ReleaseDecided,
            ConsultationOpened,
            QuestionAdded,
            AnswerGiven,
            ConditionMet,
            ImpactTold,
        ),
        project=project_timeline,
    ),
)
