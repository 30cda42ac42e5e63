"""What casework shows: cases to those who hold them, and a timeline that tells nothing of the victim's side."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from infra.decider import fold
from infra.web.reader import Reader, Role
from schemas import victim_liaison
from schemas.casework import CaseAllocated
from schemas.ids import derive
from schemas.vocabulary import declared
from services.casework import access, read_models
from services.casework.domain import case, timeline
from services.casework.domain.case import AllocateCase, RecordEngagement
from services.casework.service import CASEWORK
from tests.domain import told
from tests.domain.alone import Alone
from tests.domain.told import CASE_MANAGER, LIAISON, NOW, PERSON

HIM_TOO = derive("per", "brian invented")


def reader(id: str, *roles: Role) -> Reader:
    return Reader(id=id, roles=frozenset(roles), agency="drive-essex", site="essex")


COORDINATOR = reader("wrk_cora", "coordinator")
READERS = (
    COORDINATOR,
    reader("wrk_petra", "practice-manager"),
    reader(CASE_MANAGER, "case-manager"),
    reader("wrk_dara", "case-manager"),
    reader(LIAISON, "liaison-worker"),
    reader(LIAISON, "case-manager"),
    reader(LIAISON, "coordinator"),
    reader(CASE_MANAGER, "case-manager", "liaison-worker"),
    reader("wrk_lara", "liaison-lead"),
    reader("wrk_ada", "auditor"),
    reader(told.PRISON, "agency"),
)


@pytest.fixture
def casework(tmp_path: Path) -> Iterator[Alone]:
    alone = Alone(CASEWORK, tmp_path, NOW)
    yield alone
    alone.close()


def hear_the_story(casework: Alone) -> None:
    casework.tell("intake", told.referral_received(), told.received_into_custody())
    casework.tell("victim_liaison", told.liaison_named(), told.information_released())
    casework.ask(case, PERSON, AllocateCase(person=PERSON, worker=CASE_MANAGER), "allocate")
    casework.ask(case, PERSON, RecordEngagement(person=PERSON, state="unaware"), "engage")
    casework.tell("disruption", told.proposed(), told.action_tasked(), told.order_breached(), told.task_recalled())


def rows_of(casework: Alone, who: Reader = COORDINATOR) -> Sequence[read_models.TimelineRow] | None:
    return casework.look(lambda connection: read_models.timeline_of(connection, who, PERSON, 0, 100))


def test_the_timeline_says_in_codes_what_happened_when(casework: Alone) -> None:
    hear_the_story(casework)

    rows = rows_of(casework)

    assert rows is not None
    assert [
        ("case-opened", None),
        ("received-into-custody", None),
        ("information-received", "unlawful-phone-likely-on-wing"),
        ("case-manager-named", None),
        ("engagement-recorded", "unaware"),
        ("action-proposed", "cell-search"),
        ("action-tasked", "cell-search"),
        ("order-breached", "telephone"),
        ("task-recalled", None),
    ] == [(row.what, row.detail) for row in rows]


def test_sr_16_no_fact_of_the_victims_side_but_what_was_let_known_is_on_the_timeline() -> None:
    of_the_victims_side = set(declared(victim_liaison))

    assert {victim_liaison.InformationReleased} == of_the_victims_side & {row.event for row in timeline.ALL}


def test_sr_16_the_timeline_names_no_liaison_worker_no_agency_and_no_reason_of_hers(casework: Alone) -> None:
    hear_the_story(casework)

    shown = msgspec.json.encode(rows_of(casework)).decode()

    assert [] == [word for word in (LIAISON, told.PRISON, "suspended", "clearance", "victim") if word in shown]


def test_every_row_of_the_timeline_has_its_fields() -> None:
    for row in timeline.ALL:
        assert {"person", row.reference} <= set(row.event.__struct_fields__)


@pytest.mark.parametrize("who", READERS, ids=lambda who: f"{who.id}-{'-'.join(sorted(who.roles))}")
def test_the_list_shows_exactly_the_cases_that_may_be_seen(casework: Alone, who: Reader) -> None:
    hear_the_story(casework)

    listed = casework.look(lambda connection: read_models.open_cases(connection, who, 0, 100))

    may_see = access.may_see_case(who, casework.journal.state(case, PERSON))
    assert may_see == bool(listed)
    assert may_see == (rows_of(casework, who) is not None)


def test_who_sees_the_case_after_the_story() -> None:
    seen = fold(case, (told.case_opened(), told.liaison_named(), told.case_allocated()))

    assert [True, True, True] + [False] * 8 == [access.may_see_case(who, seen) for who in READERS]


def test_sr_12_a_liaison_worker_has_no_list_of_cases() -> None:
    assert [True, True, True, True, False, True, True, False, False, False, False] == [
        access.may_list_cases(who) for who in READERS
    ]


def test_a_case_manager_named_on_the_other_side_loses_sight_of_the_case(casework: Alone) -> None:
    hear_the_story(casework)
    casework.tell("victim_liaison", told.liaison_named(CASE_MANAGER))

    assert rows_of(casework, reader(CASE_MANAGER, "case-manager")) is None


def test_only_the_case_manager_may_mark_him_aware() -> None:
    seen = fold(case, (told.case_opened(), told.liaison_named(), told.case_allocated()))

    assert [READERS[2]] == [who for who in READERS if access.may_record_engagement(who, seen)]


def test_only_those_who_see_all_cases_may_allocate_one() -> None:
    seen = fold(case, (told.case_opened(), told.liaison_named()))

    assert list(READERS[:2]) == [who for who in READERS if access.may_allocate(who, seen)]


def test_a_person_without_a_case_looks_like_one_whose_case_is_not_yours(casework: Alone) -> None:
    hear_the_story(casework)
    nobody = casework.look(lambda connection: read_models.timeline_of(connection, COORDINATOR, HIM_TOO, 0, 100))

    assert nobody is None
    assert rows_of(casework, reader("wrk_dara", "case-manager")) is None


def test_rebuilt_indexes_equal_the_live_ones(casework: Alone) -> None:
    hear_the_story(casework)
    live = (rows_of(casework), casework.look(lambda connection: read_models.open_cases(connection, COORDINATOR, 0, 9)))

    casework.journal.rebuild()

    assert live == (
        rows_of(casework),
        casework.look(lambda connection: read_models.open_cases(connection, COORDINATOR, 0, 9)),
    )


def test_what_is_noted_is_not_said_again(casework: Alone) -> None:
    hear_the_story(casework)

    assert ["casework.case-opened.v1", "casework.case-allocated.v1", "casework.engagement-recorded.v1"] == [
        event.TYPE for event in casework.said()
    ]
    assert CaseAllocated(person=PERSON, worker=CASE_MANAGER) in casework.said()
