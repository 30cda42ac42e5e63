"""The case of one person: opened once, held by one worker who stands on one side, and unaware until marked aware."""

from dataclasses import replace

import pytest
from msgspec import structs

from infra.decider import fold
from schemas import catalogue
from schemas.casework import CaseAllocated, CaseOpened, CustodyRecorded, EngagementRecorded, ReferralJoined
from schemas.event import Event
from schemas.ids import derive
from services.casework.domain import case
from services.casework.domain.case import AllocateCase, OpenCase, RecordCustody, RecordEngagement, may_be_messaged
from tests.domain import told
from tests.domain.told import CASE_MANAGER, LIAISON, PERSON, REFERRAL, REPORT, THEN
from tests.given import given

ANOTHER = derive("ref", "the second")


def opened(*more: Event) -> tuple[Event, ...]:
    return (told.referral_received(), told.case_opened(), *more)


def engagement(state: str) -> RecordEngagement:
    return RecordEngagement(person=PERSON, state=state)


def custody(report: str = REPORT, at: str = THEN) -> RecordCustody:
    return RecordCustody(person=PERSON, report=report, occurred_at=at, establishment=told.sealed("establishment"))


def test_a_referral_opens_the_case() -> None:
    given(case, told.referral_received()).when(OpenCase(person=PERSON, referral=REFERRAL)).then(
        CaseOpened(person=PERSON, referral=REFERRAL)
    )


def test_a_further_referral_joins_the_open_case() -> None:
    given(case, *opened()).when(OpenCase(person=PERSON, referral=ANOTHER)).then(
        ReferralJoined(person=PERSON, referral=ANOTHER)
    )


def test_a_case_manager_is_named() -> None:
    given(case, *opened()).when(AllocateCase(person=PERSON, worker=CASE_MANAGER)).then(
        CaseAllocated(person=PERSON, worker=CASE_MANAGER)
    )


def test_a_second_allocation_replaces_the_first() -> None:
    given(case, *opened(told.case_allocated())).when(AllocateCase(person=PERSON, worker="wrk_dara")).then(
        CaseAllocated(person=PERSON, worker="wrk_dara")
    )


def test_nothing_is_allocated_before_there_is_a_case() -> None:
    given(case).when(AllocateCase(person=PERSON, worker=CASE_MANAGER)).then_rejected("case-not-open")


def test_wall_2_a_liaison_worker_cannot_be_his_case_manager() -> None:
    given(case, *opened(told.liaison_named())).when(AllocateCase(person=PERSON, worker=LIAISON)).then_rejected(
        "worker-on-both-sides"
    )


def test_wall_2_holds_for_one_who_was_named_before_the_case_was_opened() -> None:
    given(case, told.liaison_named(), *opened()).when(AllocateCase(person=PERSON, worker=LIAISON)).then_rejected(
        "worker-on-both-sides"
    )


def test_a_liaison_worker_who_stood_down_may_take_a_case() -> None:
    given(case, *opened(told.liaison_named(), told.liaison_stood_down())).when(
        AllocateCase(person=PERSON, worker=LIAISON)
    ).then(CaseAllocated(person=PERSON, worker=LIAISON))


def test_a_case_manager_named_on_the_other_side_meanwhile_cannot_be_confirmed() -> None:
    given(case, *opened(told.case_allocated(), told.liaison_named(CASE_MANAGER))).when(
        AllocateCase(person=PERSON, worker=CASE_MANAGER)
    ).then_rejected("worker-on-both-sides")


@pytest.mark.parametrize(
    ("state", "is_aware"),
    [
        ("unknown", False),
        ("unaware", False),
        ("not-yet-contacted", False),
        ("engaging", True),
        ("intermittent", True),
        ("declined", True),
        ("in-custody", False),
        ("moved", False),
        ("not-traceable", False),
    ],
)
def test_whether_he_is_aware_follows_from_the_state(state: str, is_aware: bool) -> None:  # noqa: FBT001 - a column
    given(case, *opened()).when(engagement(state)).then(
        EngagementRecorded(person=PERSON, state=state, is_aware=is_aware)
    )


def test_every_state_of_the_catalogue_can_be_recorded() -> None:
    for state in catalogue.engagement_states():
        given(case, *opened()).when(engagement(state)).then(
            EngagementRecorded(person=PERSON, state=state, is_aware=catalogue.counts_as_aware(state))
        )


def test_a_state_that_nobody_defined_is_refused() -> None:
    given(case, *opened()).when(engagement("friendly")).then_rejected("engagement-state-unknown")


def test_nobody_takes_part_in_a_case_that_is_not_open() -> None:
    given(case).when(engagement("engaging")).then_rejected("case-not-open")


def test_sr_11_he_is_never_messaged_unless_marked_aware() -> None:
    aware = EngagementRecorded(person=PERSON, state="engaging", is_aware=True)
    unaware = EngagementRecorded(person=PERSON, state="in-custody", is_aware=False)

    assert [False, False, True, False] == [
        may_be_messaged(fold(case, events)) for events in ((), opened(), opened(aware), opened(aware, unaware))
    ]


def test_custody_is_recorded_once_for_each_report() -> None:
    given(case, *opened()).when(custody()).then(
        CustodyRecorded(person=PERSON, report=REPORT, occurred_at=THEN, establishment=told.sealed("establishment"))
    )


def test_custody_told_before_the_referral_is_known_to_the_case() -> None:
    recorded = CustodyRecorded(person=PERSON, report=REPORT, occurred_at=THEN, establishment=None)

    newest = case.newest_custody(fold(case, (recorded, *opened())))

    assert newest is not None
    assert REPORT == newest.report


def test_the_newest_custody_is_the_latest_reception_and_not_the_last_report() -> None:
    now = CustodyRecorded(person=PERSON, report=REPORT, occurred_at="2025-03-02T10:00:00+01:00", establishment=None)
    late = CustodyRecorded(
        person=PERSON, report=derive("rep", "late"), occurred_at="2025-03-02T08:59:59Z", establishment=None
    )

    newest = case.newest_custody(fold(case, opened(now, late)))

    assert newest is not None
    assert REPORT == newest.report


def test_who_he_is_comes_from_the_newest_referral_that_says_it() -> None:
    newer = told.sealed("family_name", "per_other")
    second = structs.replace(told.referral_received(ANOTHER), person_details={"family_name": newer})
    state = fold(case, opened(second))

    assert {"family_name": newer} == dict(state.around.identity)


def test_what_happens_around_him_changes_nothing_that_is_decided_on() -> None:
    course = (told.information_released(), told.order_breached(), told.action_tasked(), told.task_recalled())

    assert fold(case, opened()) == fold(case, opened(*course))


def test_a_state_is_one_of_two_shapes() -> None:
    state = fold(case, opened(told.case_allocated()))

    assert isinstance(state, case.Open)
    assert replace(state, case_manager=None) == fold(case, opened())
