"""What disruption shows agrees with what it decides on, and with who may see it; on a journal of its own."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import get_args

import pytest

from infra.command_handler import Decided
from infra.decider import fold
from infra.journal.chain import NOTHING
from infra.journal.journal import messages
from infra.web.reader import Reader, Role
from schemas.casework import CaseAllocated, CaseOpened
from schemas.disruption import OrderBreached, TaskOpened
from schemas.event import Event
from schemas.ids import derive
from schemas.journal import Asked
from schemas.reports import Facts
from schemas.reports.courts import OrderGranted
from schemas.reports.police import OrderServed
from schemas.reports.prison import OrderBreached as BreachReported
from schemas.reports.prison import PhonesRecovered
from schemas.reports.tasks import TaskAccepted, TaskDeclined
from schemas.victim_liaison import LiaisonNamed, LiaisonStoodDown
from services.disruption import access
from services.disruption.domain import action, person
from services.disruption.domain import action_state as state
from services.disruption.read_models.actions import ACTIONS, ActionRow, action_of, actions_of
from services.disruption.read_models.orders import orders_of
from services.disruption.read_models.tasks import task_of, tasks_of
from services.disruption.service import DISRUPTION
from tests.domain.alone import Alone
from tests.domain.disruption_examples import (
    ACTION,
    ANOTHER,
    CHRIS,
    DUE_TEXT,
    FOUND,
    NOW,
    PERSON,
    POLICE,
    PRISON,
    PRIYA,
    SECOND_TASK,
    TASK,
    WRITTEN,
    authorise,
    change,
    cleared,
    conclude,
    conditions_met,
    propose,
    reported,
    sealed,
    suspended,
    task,
    tell_overdue,
    withdraw,
)

TODAY = date(2025, 3, 3)
OPENED = CaseOpened(person=PERSON, referral=derive("ref", "the first"))
ALLOCATED = CaseAllocated(person=PERSON, worker=CHRIS)


def reader(*roles: Role, id: str = CHRIS, agency: str = "") -> Reader:
    return Reader(id=id, roles=frozenset(roles), agency=agency, site="nowhere")


MANAGER = reader("practice-manager", id=PRIYA)


class Alongside(Alone):
    """Disruption with its own journal; what it tells itself is heard after each step."""

    _asked = 0
    _own = (0, NOTHING)

    def tell_itself(self) -> None:
        """As the host does after each commit."""
        with self.journal.database.reading() as connection:
            sent = messages(connection, *self._own, 500)
        self.hear("disruption", sent)
        if sent:
            self._own = (sent[-1].number, sent[-1].hash)

    def step(self, command: object) -> Decided:
        self._asked += 1
        decided = self.ask(action, ACTION, command, key=f"key-{self._asked}")
        assert decided.refusal is None, decided.refusal
        self.tell_itself()
        return decided

    def report(self, facts: Facts, agency: str = PRISON) -> None:
        self._asked += 1
        self.tell("intake", reported(facts, agency, report=derive("rep", str(self._asked))))
        self.tell_itself()

    def row(self) -> ActionRow:
        row = self.look(lambda connection: action_of(connection, MANAGER, ACTION))
        assert row is not None
        return row

    def agree_with_the_state(self) -> None:
        """The row says what the decider knows: version, standing, clearance, task."""
        known, row = self.known(), self.row()
        assert isinstance(known, state.Known)

        expected = (known.CODE, known.draft.version, known.draft.clearance.CODE, known.draft.attribution)
        assert expected == (row.standing, row.version, row.clearance, row.attribution)
        if isinstance(known, state.WithTask):
            task_now = (known.task.id, known.task.due_at, known.task.is_overdue)
            assert task_now == (row.task, row.due_at, row.is_overdue)

    def known(self) -> state.Action:
        """Folded anew from the journal."""
        of_action = (event for event in self.recorded() if getattr(event, "action", None) == ACTION)
        return fold(action, (event for event in of_action if not isinstance(event, TaskOpened)))


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Alongside]:
    service = Alongside(DISRUPTION, tmp_path, NOW)
    service.tell("casework", OPENED, ALLOCATED)
    yield service
    service.close()


Step = Callable[[Alongside], object]


def ask(command: object) -> Step:
    return lambda service: service.step(command)


def told(event: Event) -> Step:
    return lambda service: service.tell("victim_liaison", event)


def agency(facts: Facts) -> Step:
    return lambda service: service.report(facts)


READY: tuple[Step, ...] = (ask(propose()), told(cleared()), ask(authorise()), ask(task()))

THREE = PhonesRecovered(task=TASK, searched_at=WRITTEN, handsets=3)
ACCEPT = agency(TaskAccepted(task=TASK))

COURSES: tuple[tuple[str, Sequence[Step]], ...] = (
    ("withdrawn before anybody answered", (ask(propose()), ask(change()), ask(withdraw()))),
    ("changed once cleared", (ask(propose()), told(cleared()), ask(change()), told(cleared(version=1)))),
    (
        "conditions",
        (
            ask(propose()),
            told(conditions_met()),
            told(cleared("agreed-with-conditions", "alarm-in-place")),
            told(conditions_met()),
            ask(authorise()),
        ),
    ),
    ("objection", (ask(propose()), told(cleared("objected")), told(cleared("cannot-reach")), told(suspended()))),
    ("recalled and tasked again", (*READY, told(suspended()), told(cleared()), ask(task(SECOND_TASK)))),
    ("withdrawn under way", (*READY, ask(withdraw()))),
    ("recalled, then withdrawn", (*READY, told(suspended()), ask(withdraw()))),
    (
        "overdue, then done",
        (*READY, ask(tell_overdue()), agency(TaskAccepted(task=TASK)), agency(THREE), ask(conclude())),
    ),
    ("done all the same", (*READY, told(suspended()), ask(withdraw()), agency(THREE))),
)


@pytest.mark.parametrize("steps", [steps for _, steps in COURSES], ids=[name for name, _ in COURSES])
def test_at_every_step_the_row_says_what_the_decider_knows(alone: Alongside, steps: Sequence[Step]) -> None:
    for step in steps:
        step(alone)
        alone.agree_with_the_state()


def test_whatever_moves_the_stream_moves_the_etag() -> None:
    assert {*get_args(action.ActionDecided), *get_args(action.ActionNoted)} == set(ACTIONS.reads)


def test_a_row_tells_what_came_of_it_and_moves_its_etag_on(alone: Alongside) -> None:
    versions = []
    for step in (*READY, agency(THREE), ask(conclude())):
        step(alone)
        versions.append(alone.row().stream_version)
    row = alone.row()

    assert (FOUND.code, FOUND.count, DUE_TEXT) == (row.outcome, row.outcome_count, row.due_at)
    assert [1, 2, 3, 4, 5, 6] == versions


def test_a_declined_task_keeps_its_reason(alone: Alongside) -> None:
    for step in (*READY, agency(TaskDeclined(task=TASK, reason="no-power"))):
        step(alone)

    assert ("declined", "no-power") == (alone.row().standing, alone.row().reason)


def test_a_report_of_another_agency_answers_nothing(alone: Alongside) -> None:
    for step in READY:
        step(alone)
    with pytest.raises(AssertionError):
        alone.tell("intake", reported(THREE, POLICE))
    refused = [event.refused for event in alone.recorded() if isinstance(event, Asked) and event.refused]

    assert ["task-not-yours"] == refused
    assert "tasked" == alone.row().standing


def tasks(alone: Alongside, who: Reader, of: str = PRISON) -> list[tuple[str, str]]:
    rows = alone.look(lambda connection: tasks_of(connection, who, of, 0, 10))
    return [(row.task, row.standing) for row in rows]


def test_an_agency_sees_its_tasks_and_nobody_else_does(alone: Alongside) -> None:
    for step in (
        *READY,
        told(suspended()),
        told(cleared()),
        ask(task(SECOND_TASK)),
        agency(TaskAccepted(task=SECOND_TASK)),
    ):
        step(alone)
    prison = reader("agency", id=PRISON, agency=PRISON)
    police = reader("agency", id=POLICE, agency=POLICE)

    assert [(TASK, "recalled"), (SECOND_TASK, "accepted")] == tasks(alone, prison)
    assert [] == tasks(alone, police) == tasks(alone, MANAGER)
    assert alone.look(lambda connection: task_of(connection, police, PRISON, TASK)) is None
    assert alone.look(lambda connection: task_of(connection, police, POLICE, TASK)) is None
    found = alone.look(lambda connection: task_of(connection, prison, PRISON, TASK))
    assert found is not None
    assert (TASK, ACTION) == (found[0].task, found[1])


GRANTED = OrderGranted(
    order="T20250001",
    order_kind="restraining-order",
    granted_at=WRITTEN,
    expires_on="2025-06-30",
    terms=("no-contact",),
)
SERVED = OrderServed(order="t20250001", served_at=WRITTEN, method="at-court")
BREACHED = BreachReported(order="T20250001", breached_at=WRITTEN, means="telephone", establishment=sealed("x"))


def orders(alone: Alongside, who: Reader = MANAGER, today: date = TODAY) -> list[tuple[str | None, bool, int]]:
    rows = alone.look(lambda connection: orders_of(connection, who, PERSON, today, 0, 10))
    return [(row.reference, row.protects_today, row.breaches) for row in rows]


def test_an_order_is_shown_with_whether_it_protects_today(alone: Alongside) -> None:
    alone.report(BREACHED)
    unregistered = orders(alone)
    alone.report(GRANTED)
    unserved = orders(alone)
    alone.report(SERVED)
    alone.report(BREACHED)

    assert [(None, False, 1)] == unregistered
    assert [("T20250001", False, 1)] == unserved
    assert [("T20250001", True, 2)] == orders(alone)
    assert [("T20250001", False, 2)] == orders(alone, today=date(2025, 7, 1))


def test_a_breach_is_told_with_how_the_order_stood(alone: Alongside) -> None:
    for facts in (GRANTED, BREACHED, SERVED, BREACHED):
        alone.report(facts)
    breaches = [event.standing for event in alone.said() if isinstance(event, OrderBreached)]

    assert ["not-served", "served"] == breaches


READERS = (
    reader("case-manager"),
    reader("case-manager", id="wrk_other"),
    reader("coordinator"),
    MANAGER,
    reader("case-manager", "liaison-worker"),
    reader("practice-manager", "liaison-lead"),
    reader("auditor"),
    reader("agency", agency=PRISON),
    reader(),
)
AROUND: tuple[tuple[Event, ...], ...] = (
    (),
    (OPENED,),
    (OPENED, ALLOCATED),
    (OPENED, ALLOCATED, CaseAllocated(person=PERSON, worker="wrk_other")),
    (LiaisonNamed(person=PERSON, worker=CHRIS, standing="assigned"),),
    (OPENED, ALLOCATED, LiaisonNamed(person=PERSON, worker=CHRIS, standing="assigned")),
    (
        OPENED,
        LiaisonNamed(person=PERSON, worker=CHRIS, standing="assigned"),
        LiaisonNamed(person=PERSON, worker=CHRIS, standing="substitute"),
        ALLOCATED,
        LiaisonStoodDown(person=PERSON, worker=CHRIS),
    ),
    (CaseOpened(person=ANOTHER, referral=OPENED.referral), CaseAllocated(person=ANOTHER, worker=CHRIS)),
)


@pytest.mark.parametrize("around", AROUND)
def test_what_a_query_shows_is_what_access_allows(tmp_path: Path, around: tuple[Event, ...]) -> None:
    service = Alongside(DISRUPTION, tmp_path, NOW)
    for event in around:
        service.tell("victim_liaison" if isinstance(event, LiaisonNamed | LiaisonStoodDown) else "casework", event)
    service.step(propose())
    service.report(GRANTED)
    known = fold(person, [event for event in around if getattr(event, "person", "") == PERSON])
    for who in READERS:
        shown = service.look(partial(actions_of, reader=who, person=PERSON, after=0, count=10))
        one = service.look(partial(action_of, reader=who, action=ACTION))

        assert access.may_work_with(who, known) is bool(shown) is (one is not None)
        assert access.may_see_orders(who, known) is bool(orders(service, who))
    service.close()
