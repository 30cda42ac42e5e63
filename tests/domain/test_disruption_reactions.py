"""What disruption makes of what it hears: facts are noted, orders and answers become commands, deadlines are kept."""

from datetime import UTC, datetime

import pytest

from infra.decider import fold
from infra.service import Ask, ClearDeadline, Note, SetDeadline
from schemas.casework import CaseAllocated, CaseOpened
from schemas.disruption import ActionTasked, Outcome, TaskOpened
from schemas.event import Event
from schemas.ids import derive
from schemas.reports import ALL as REPORTS
from schemas.reports import Facts
from schemas.reports.courts import OrderGranted
from schemas.reports.police import OrderServed
from schemas.reports.prison import OrderBreached, PhonesRecovered, PrisonerReceived
from schemas.reports.tasks import TaskAccepted, TaskDeclined, TaskDone, TaskNotPossible, TaskStarted
from schemas.victim_liaison import LiaisonNamed, LiaisonStoodDown
from services.disruption.domain import action, order, person, task
from services.disruption.domain.action_commands import RecallTask, TellOverdue
from services.disruption.domain.answer import Reply, task_of
from services.disruption.reactions import TASK_DUE, deadlines, on_due, react
from services.disruption.service import DISRUPTION
from tests.domain.disruption_examples import (
    ACCEPTED,
    ACTION,
    DECLINED,
    DONE,
    DUE,
    NOT_POSSIBLE,
    PERSON,
    REPORT,
    STARTED,
    TASK,
    UNDER_WAY,
    WRITTEN,
    answer,
    answered,
    cleared,
    conditions_met,
    heard,
    impact,
    proposed,
    recalled,
    reported,
    sealed,
    suspended,
    tasked,
    withdrawn,
)
from tests.given import given
from tests.known import KnownStates

NOTHING = KnownStates({})
OPENED = TaskOpened(task=TASK, action=ACTION, person=PERSON)
ORDER = order.order_id("T20250001")


def known(*events: Event, task_events: tuple[Event, ...] = (OPENED,)) -> KnownStates:
    return KnownStates({(action, ACTION): fold(action, events), (task, TASK): fold(task, task_events)})


@pytest.mark.parametrize("told", [cleared(), suspended(), conditions_met(), impact()])
def test_what_the_victims_side_says_of_an_action_is_noted_with_it(told: Event) -> None:
    assert [Note(action, ACTION, told)] == list(react(heard(told, "victim_liaison"), known(proposed())))


@pytest.mark.parametrize("told", [suspended(), cleared("objected")])
def test_where_an_agency_is_at_work_the_task_is_judged_anew(told: Event) -> None:
    expected = [Note(action, ACTION, told), Ask(action, ACTION, RecallTask())]

    assert expected == list(react(heard(told, "victim_liaison"), known(*UNDER_WAY)))


@pytest.mark.parametrize(
    "told",
    [
        CaseOpened(person=PERSON, referral=derive("ref", "the first")),
        CaseAllocated(person=PERSON, worker="wrk_chris"),
        LiaisonNamed(person=PERSON, worker="wrk_lena", standing="assigned"),
        LiaisonStoodDown(person=PERSON, worker="wrk_lena"),
    ],
)
def test_who_works_with_a_person_is_noted(told: CaseOpened | CaseAllocated | LiaisonNamed | LiaisonStoodDown) -> None:
    assert [Note(person, PERSON, told)] == list(react(heard(told, "casework"), NOTHING))


def test_a_court_s_order_is_registered_under_its_reference_in_capitals() -> None:
    facts = OrderGranted(
        order="t20250001",
        order_kind="restraining-order",
        granted_at=WRITTEN,
        expires_on="2025-06-30",
        terms=("no-contact",),
    )
    registration = order.RegisterOrder(
        order=ORDER,
        person=PERSON,
        order_kind="restraining-order",
        reference="T20250001",
        granted_at=WRITTEN,
        expires_on="2025-06-30",
        terms=("no-contact",),
    )

    assert [Ask(order, ORDER, registration)] == list(react(heard(reported(facts)), NOTHING))


def test_service_and_breach_find_the_order_by_its_reference() -> None:
    service = OrderServed(order="T20250001", served_at=WRITTEN, method="at-court")
    breach = OrderBreached(order="t20250001", breached_at=WRITTEN, means="telephone", establishment=sealed("x"))
    serving = order.ServeOrder(order=ORDER, person=PERSON, served_at=WRITTEN, method="at-court")
    recording = order.RecordBreach(order=ORDER, person=PERSON, report=REPORT, breached_at=WRITTEN, means="telephone")

    assert [Ask(order, ORDER, serving)] == list(react(heard(reported(service)), NOTHING))
    assert [Ask(order, ORDER, recording)] == list(react(heard(reported(breach)), NOTHING))


ANSWERS: tuple[tuple[Facts, Reply], ...] = (
    (TaskAccepted(task=TASK), ACCEPTED),
    (TaskStarted(task=TASK), STARTED),
    (TaskDeclined(task=TASK, reason="no-capacity"), DECLINED),
    (TaskNotPossible(task=TASK, reason="prevented"), NOT_POSSIBLE),
    (TaskDone(task=TASK, outcome="phones-recovered", count=3), DONE),
    (PhonesRecovered(task=TASK, searched_at=WRITTEN, handsets=3), DONE),
    (
        PhonesRecovered(task=TASK, searched_at=WRITTEN, handsets=0),
        Reply(answer="done", outcome=Outcome(code="nothing-found", count=0)),
    ),
)


@pytest.mark.parametrize(("facts", "reply"), ANSWERS, ids=lambda each: type(each).__name__)
def test_an_agency_s_answer_is_noted_and_passed_on_to_its_action(facts: Facts, reply: Reply) -> None:
    taken = reported(facts)

    assert [Note(task, TASK, taken), Ask(action, ACTION, answer(reply))] == list(react(heard(taken), known(*UNDER_WAY)))


def test_every_report_that_names_a_task_is_tried() -> None:
    naming = {report for report in REPORTS if "task" in report.__struct_fields__}

    assert naming == {type(facts) for facts, _ in ANSWERS}
    assert all(TASK == task_of(facts) for facts, _ in ANSWERS)


def test_a_report_of_another_tactic_s_kind_answers_nothing() -> None:
    taken = reported(PhonesRecovered(task=TASK, searched_at=WRITTEN, handsets=3))
    serving = known(proposed("trace-and-serve"))

    assert [Note(task, TASK, taken)] == list(react(heard(taken), serving))


def test_an_answer_that_overtakes_its_task_waits_for_it() -> None:
    early = [reported(facts) for facts, _ in ANSWERS[:2]]
    before = known(*UNDER_WAY, task_events=())
    waiting = known(*UNDER_WAY, task_events=tuple(early))
    opening = task.OpenTask(task=TASK, action=ACTION, person=PERSON)

    assert [Note(task, TASK, early[0])] == list(react(heard(early[0]), before))
    assert [
        Ask(task, TASK, opening),
        Ask(action, ACTION, answer(ACCEPTED)),
        Ask(action, ACTION, answer(STARTED)),
    ] == list(react(heard(tasked(), "disruption"), waiting))


def test_a_task_is_opened_for_its_action_once() -> None:
    opening = task.OpenTask(task=TASK, action=ACTION, person=PERSON)

    given(task).when(opening).then(OPENED)
    given(task, reported(ANSWERS[0][0])).when(opening).then(OPENED)


def test_reports_after_the_task_was_opened_are_not_kept_in_mind() -> None:
    assert task.Opened(action=ACTION) == fold(task, [OPENED, reported(ANSWERS[0][0])])


def test_other_reports_concern_nobody_here() -> None:
    facts = PrisonerReceived(received_at=WRITTEN, establishment=sealed("establishment"))

    assert [] == list(react(heard(reported(facts)), NOTHING))


def test_a_task_of_an_action_we_do_not_know_is_noted_only() -> None:
    taken = reported(TaskAccepted(task=TASK))
    orphan = KnownStates({(task, TASK): fold(task, [OPENED])})

    assert [Note(task, TASK, taken)] == list(react(heard(taken), orphan))


def test_what_is_heard_by_mistake_is_let_pass() -> None:
    assert [] == list(react(heard(withdrawn(), "disruption"), NOTHING))


STREAM = f"action-{ACTION}"


def test_a_task_has_a_deadline_until_the_agency_s_last_word_or_a_recall() -> None:
    cleared_now = [ClearDeadline(TASK_DUE)]

    assert [SetDeadline(TASK_DUE, DUE)] == list(deadlines(STREAM, tasked()))
    assert [] == list(deadlines(STREAM, answered(ACCEPTED)))
    assert [] == list(deadlines(STREAM, answered(STARTED)))
    assert cleared_now == list(deadlines(STREAM, answered(DECLINED)))
    assert cleared_now == list(deadlines(STREAM, answered(NOT_POSSIBLE)))
    assert cleared_now == list(deadlines(STREAM, answered(DONE)))
    assert cleared_now == list(deadlines(STREAM, recalled()))
    assert [] == list(deadlines(STREAM, withdrawn()))


def test_a_deadline_that_has_come_asks_its_action() -> None:
    due_at = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)

    assert Ask(action, ACTION, TellOverdue(due_at=due_at)) == on_due(STREAM, TASK_DUE, due_at)


def test_it_hears_its_own_tasks_and_nothing_else_of_its_own() -> None:
    assert (ActionTasked,) == DISRUPTION.hears["disruption"]
