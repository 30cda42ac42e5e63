"""What the victim's side shows, to whom, and what stands on whose list: projected from events, asked with a reader."""

from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import Connection, create_engine

from infra.service import Recorded
from infra.web.reader import Reader, Role
from schemas.event import Event
from schemas.ids import derive
from schemas.victim_liaison import (
    ConditionMet,
    ConsultationClosed,
    ConsultationEscalated,
    ContactReported,
    ImpactTold,
    QuestionReassigned,
    ReleaseDecided,
)
from services.victim_liaison import access, read_models
from services.victim_liaison.read_models import queries, tables, worklist
from tests.domain.victim_liaison_examples import (
    ACTION,
    CHRIS,
    CONTACT,
    DUE_TEXT,
    LATER_TEXT,
    LEAD,
    LENA,
    MAY,
    NINA,
    PERSON,
    RELEASE,
    RUTH,
    SUE,
    action_changed,
    action_proposed,
    answered,
    asked,
    asked_again,
    case_allocated,
    cleared,
    opened,
    question_added,
    record_of,
    sealed,
    substitute_named,
    victim_known,
    worker_assigned,
)


def reader(id: str, *roles: Role) -> Reader:
    return Reader(id=id, roles=frozenset(roles), agency="liaison-provider", site="essex")


LENA_READS = reader(LENA, "liaison-worker")
MAY_READS = reader(MAY, "liaison-worker")
LEAD_READS = reader(LEAD, "liaison-lead")
CHRIS_READS = reader(CHRIS, "case-manager")

ESCALATED = ConsultationEscalated(action=ACTION, version=1, person=PERSON)
CLOSED = ConsultationClosed(action=ACTION, person=PERSON)
MET = ConditionMet(action=ACTION, version=1, person=PERSON, victim=RUTH, condition="alarm-in-place")
RUTH_AND_LENA: tuple[Event, ...] = (victim_known(), worker_assigned())
ASKED: tuple[Event, ...] = (*RUTH_AND_LENA, opened(), action_proposed())


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        tables.metadata.create_all(connection)
        yield connection
    engine.dispose()


def project(connection: Connection, events: Sequence[Event]) -> None:
    """Each record alone, as a service records them one after the other."""
    for sequence, event in enumerate(events, 1):
        recorded = Recorded(sequence=sequence, stream="s", version=sequence, record=record_of(event), event=event)
        for model in read_models.ALL:
            if type(event) in model.reads:
                for statement, parameters in model.project(recorded):
                    connection.execute(statement, parameters)


def codes(connection: Connection, who: Reader) -> list[tuple[str, str]]:
    return [(item.code, item.owner) for item in worklist.worklist(connection, who)]


LISTS = "role:liaison-lead"


@pytest.mark.parametrize(
    ("events", "who", "expected"),
    [
        (ASKED, LENA_READS, [("answer-consultation", LENA)]),
        (ASKED, MAY_READS, []),
        (ASKED, LEAD_READS, []),
        (ASKED, CHRIS_READS, []),
        ((*ASKED, answered(), cleared()), LENA_READS, []),
        ((*ASKED, CLOSED), LENA_READS, []),
        ((*ASKED, ESCALATED), LENA_READS, [("answer-overdue", LISTS)]),
        ((*ASKED, ESCALATED), LEAD_READS, [("answer-overdue", LISTS)]),
        ((*ASKED, ESCALATED, answered(), cleared()), LEAD_READS, []),
        (
            (*ASKED, answered(), cleared(), opened(version=2), action_changed()),
            LENA_READS,
            [("answer-consultation", LENA)],
        ),
        ((*ASKED, answered(), cleared(), asked_again(), question_added()), LENA_READS, [("clearance-suspended", LENA)]),
        ((*ASKED, answered(), cleared(), asked_again(), question_added()), MAY_READS, [("answer-consultation", MAY)]),
        ((opened(asked(None, None)), action_proposed()), LEAD_READS, [("name-substitute", LISTS)]),
        ((opened(asked(None, None)), action_proposed(), question_added()), LEAD_READS, []),
        ((victim_known(),), LEAD_READS, [("name-worker", LISTS)]),
        ((victim_known(),), LENA_READS, []),
        ((victim_known(), opened(asked(RUTH, None)), action_proposed()), LEAD_READS, [("name-worker", LISTS)] * 2),
        ((*RUTH_AND_LENA, case_allocated(LENA)), LEAD_READS, [("worker-on-both-sides", LISTS)]),
        ((substitute_named(), case_allocated(SUE)), LEAD_READS, [("worker-on-both-sides", LISTS)]),
        ((*ASKED, case_allocated(LENA)), LENA_READS, []),
        ((*ASKED, case_allocated()), LENA_READS, [("answer-consultation", LENA)]),
        ((victim_known(), case_allocated(LEAD)), LEAD_READS, []),
    ],
)
def test_what_waits_stands_on_the_list_of_whoever_can_see_to_it(
    connection: Connection, events: Sequence[Event], who: Reader, expected: list[tuple[str, str]]
) -> None:
    project(connection, events)

    assert expected == codes(connection, who)


def test_a_condition_stands_on_her_workers_list_until_it_is_met(connection: Connection) -> None:
    conditional = answered("agreed-with-conditions", "alarm-in-place", "victim-told-first")
    project(connection, [*ASKED, conditional, cleared("agreed-with-conditions"), MET])

    assert [("condition-to-meet", "victim-told-first")] == [
        (item.code, item.detail) for item in worklist.worklist(connection, LENA_READS)
    ]


def test_another_reason_for_the_same_answer_leaves_a_step_done(connection: Connection) -> None:
    conditional = answered("agreed-with-conditions", "alarm-in-place")
    project(connection, [*ASKED, conditional, MET, conditional])

    assert [] == codes(connection, LENA_READS)


def test_a_changed_answer_asks_for_its_steps_anew(connection: Connection) -> None:
    conditional = answered("agreed-with-conditions", "alarm-in-place")
    project(connection, [*ASKED, conditional, MET, answered("objected"), conditional])

    assert [("condition-to-meet", LENA)] == codes(connection, LENA_READS)


def test_a_question_is_on_the_list_of_whoever_took_it_over(connection: Connection) -> None:
    taken_over = QuestionReassigned(action=ACTION, version=1, person=PERSON, victim=RUTH, worker=MAY)
    project(connection, [*ASKED, taken_over])

    assert [("answer-consultation", MAY)] == codes(connection, MAY_READS)
    assert [] == codes(connection, LENA_READS)


def test_an_item_says_when_it_is_due_and_what_to_do(connection: Connection) -> None:
    project(connection, [*ASKED, ESCALATED])
    (item,) = worklist.worklist(connection, LEAD_READS)

    assert (DUE_TEXT, ACTION, "cell-search", True) == (item.due_at, item.about, item.detail, item.is_escalated)
    assert item.sentence
    assert item.next_step


def test_a_victim_without_a_worker_is_due_the_next_working_day(connection: Connection) -> None:
    project(connection, [victim_known()])

    assert ["2025-03-04T09:30:00.000000Z"] == [item.due_at for item in worklist.worklist(connection, LEAD_READS)]


def test_no_item_names_an_agency_or_a_victim_to_a_worker(connection: Connection) -> None:
    project(connection, [*ASKED, answered(), cleared(), asked_again(), question_added()])
    said = str(worklist.worklist(connection, LENA_READS))

    assert "hmp-nowhere" not in said
    assert RUTH not in said
    assert NINA not in said


WORKERS = [None, LENA, MAY, LEAD]
READERS = [
    LENA_READS,
    MAY_READS,
    LEAD_READS,
    CHRIS_READS,
    reader(LENA, "liaison-worker", "case-manager"),
    reader(LENA, "case-manager"),
    reader(LEAD, "auditor"),
    reader("wrk_pam", "practice-manager", "coordinator", "operator"),
]


@pytest.mark.parametrize("worker", WORKERS)
@pytest.mark.parametrize("case_manager", [None, LENA, LEAD, CHRIS])
@pytest.mark.parametrize("who", READERS)
def test_the_tables_let_in_whom_access_lets_in(
    connection: Connection, worker: str | None, case_manager: str | None, who: Reader
) -> None:
    events: list[Event] = [victim_known(), opened(asked(RUTH, worker)), action_proposed()]
    events += [worker_assigned(worker=worker)] if worker else []
    events += [case_allocated(case_manager)] if case_manager else []
    project(connection, events)
    may_see = access.may_see_victim(who, worker, case_manager)

    assert may_see == bool(queries.my_victims(connection, who, 0, 10))
    assert may_see == (queries.one_victim(connection, who, RUTH) is not None)
    assert may_see == (queries.timeline_of(connection, who, RUTH, 0, 10) is not None)
    assert access.may_see_consultation(who, [worker], case_manager) == bool(queries.my_questions(connection, who, 10))
    assert may_see == (queries.person_of_consultation(connection, who, ACTION) == PERSON)


def test_who_manages_his_case_finds_nothing_whatever_else_they_are(connection: Connection) -> None:
    project(connection, [*ASKED, case_allocated(LENA)])

    assert queries.one_victim(connection, LENA_READS, RUTH) is None
    assert queries.person_of_consultation(connection, LENA_READS, ACTION) is None


def test_another_workers_victim_is_as_if_she_were_not_there(connection: Connection) -> None:
    project(connection, [*ASKED, victim_known(NINA), worker_assigned(NINA, MAY)])

    assert [RUTH] == [row.victim for row in queries.my_victims(connection, LENA_READS, 0, 10)]
    assert [RUTH, NINA] == [row.victim for row in queries.my_victims(connection, LEAD_READS, 0, 10)]
    assert queries.one_victim(connection, LENA_READS, NINA) is None
    assert queries.one_victim(connection, LENA_READS, derive("vic", "nobody")) is None


def test_a_worker_sees_what_is_asked_of_her_and_the_lead_sees_all(connection: Connection) -> None:
    project(connection, [*ASKED, question_added()])

    assert [(RUTH, DUE_TEXT)] == [(row.victim, row.due_at) for row in queries.my_questions(connection, LENA_READS, 10)]
    assert [(NINA, LATER_TEXT)] == [(row.victim, row.due_at) for row in queries.my_questions(connection, MAY_READS, 10)]
    assert 2 == len(queries.my_questions(connection, LEAD_READS, 10))


def test_pages_go_on_where_the_last_one_ended(connection: Connection) -> None:
    project(connection, [victim_known(), victim_known(NINA)])
    (first,) = queries.my_victims(connection, LEAD_READS, 0, 1)

    assert [NINA] == [row.victim for row in queries.my_victims(connection, LEAD_READS, first.order, 1)]


def test_a_victims_timeline_is_what_happened_around_her_alone(connection: Connection) -> None:
    reported = ContactReported(
        contact=CONTACT,
        victim=RUTH,
        person=PERSON,
        occurred_at=DUE_TEXT,
        means="telephone",
        words=sealed("words"),
        wants=(),
    )
    released = ReleaseDecided(
        release=RELEASE, victim=RUTH, contact=CONTACT, person=PERSON, code="unlawful-phone-likely-on-wing"
    )
    told = ImpactTold(action=ACTION, person=PERSON, victim=RUTH, effect="contact-stopped")
    conditional = answered("agreed-with-conditions", "alarm-in-place")
    project(connection, [*ASKED, reported, released, conditional, MET, victim_known(NINA), question_added(), told])
    rows = queries.timeline_of(connection, LENA_READS, RUTH, 0, 50)

    assert rows is not None
    assert [
        ("victim-known", None),
        ("worker-assigned", "assigned"),
        ("consultation-opened", None),
        ("contact-reported", "telephone"),
        ("release-decided", "unlawful-phone-likely-on-wing"),
        ("answer-given", "agreed-with-conditions"),
        ("condition-met", "alarm-in-place"),
        ("impact-told", "contact-stopped"),
    ] == [(row.what, row.detail) for row in rows]


def test_where_no_victim_is_known_no_timeline_is_written(connection: Connection) -> None:
    project(connection, [opened(asked(None, SUE)), answered(victim=None, worker=SUE)])

    assert [] == connection.execute(tables.timeline.select()).all()


def test_each_kind_of_item_has_a_code_of_its_own() -> None:
    assert len(worklist.ALL) == len({kind.code for kind in worklist.ALL})
