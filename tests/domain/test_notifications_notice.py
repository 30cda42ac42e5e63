"""A notice: raised once, off a list when it was seen there, on another list as well when nobody saw it in time."""

from infra.decider import fold
from schemas.event import Event
from schemas.ids import derive
from schemas.notifications import NoticeAcknowledged, NoticeEscalated, NoticeRaised, NoticeSettled
from services.notifications.domain import notice
from services.notifications.domain.notice import AcknowledgeNotice, EscalateNotice, RaiseNotice, SettleNotice
from tests.domain.told import CASE_MANAGER, LIAISON, ORDER, PERSON
from tests.given import given

NOTICE = derive("ntc", "message", LIAISON)
DUE = "2025-03-03T10:00:00.000000Z"
LATER = "2025-03-03T12:00:00.000000Z"
LEAD = "role:liaison-lead"
NO_ROLES: frozenset[str] = frozenset()


def raised(owner: str = LIAISON) -> NoticeRaised:
    return NoticeRaised(
        notice=NOTICE,
        person=PERSON,
        owner=owner,
        code="order-breached",
        about=ORDER,
        detail="telephone",
        due_at=DUE,
        escalates_to=LEAD,
    )


def seen(worker: str, owner: str) -> NoticeAcknowledged:
    return NoticeAcknowledged(notice=NOTICE, person=PERSON, worker=worker, owner=owner)


def escalated() -> NoticeEscalated:
    return NoticeEscalated(notice=NOTICE, person=PERSON, to=LEAD, due_at=LATER)


def acknowledge(worker: str, *roles: str) -> AcknowledgeNotice:
    return AcknowledgeNotice(notice=NOTICE, worker=worker, roles=frozenset(roles))


ESCALATE = EscalateNotice(notice=NOTICE, due_at=LATER)


RAISE = RaiseNotice(
    notice=NOTICE,
    person=PERSON,
    owner=LIAISON,
    code="order-breached",
    about=ORDER,
    detail="telephone",
    due_at=DUE,
    escalates_to=LEAD,
)
SETTLED = NoticeSettled(notice=NOTICE, person=PERSON)


def test_a_notice_is_raised_once() -> None:
    given(notice).when(RAISE).then(raised())


def test_what_was_asked_and_is_done_leaves_every_list() -> None:
    given(notice, raised(), escalated()).when(SettleNotice(notice=NOTICE)).then(SETTLED)


def test_what_was_never_asked_or_was_seen_everywhere_has_nothing_to_settle() -> None:
    given(notice).when(SettleNotice(notice=NOTICE)).then_nothing()
    given(notice, raised(), seen(LIAISON, LIAISON)).when(SettleNotice(notice=NOTICE)).then_nothing()


def test_what_was_settled_neither_escalates_nor_is_seen() -> None:
    given(notice, raised(), SETTLED).when(ESCALATE).then_nothing()
    given(notice, raised(), SETTLED).when(acknowledge(LIAISON)).then_nothing()


def test_the_same_may_be_asked_again_later() -> None:
    given(notice, raised(), SETTLED).when(RAISE).then(raised())


def test_its_owner_acknowledges_it() -> None:
    given(notice, raised()).when(acknowledge(LIAISON, "liaison-worker")).then(seen(LIAISON, LIAISON))


def test_a_holder_of_the_role_acknowledges_what_came_to_the_role() -> None:
    given(notice, raised("role:coordinator")).when(acknowledge("wrk_cora", "coordinator")).then(
        seen("wrk_cora", "role:coordinator")
    )


def test_what_one_holder_of_a_role_has_seen_the_others_need_not() -> None:
    given(notice, raised("role:coordinator"), seen("wrk_cora", "role:coordinator")).when(
        acknowledge("wrk_cody", "coordinator")
    ).then_nothing()


def test_nobody_acknowledges_for_her() -> None:
    given(notice, raised()).when(acknowledge(CASE_MANAGER, "case-manager")).then_rejected("notice-not-yours")


def test_a_notice_that_was_never_raised_cannot_be_acknowledged() -> None:
    given(notice).when(acknowledge(LIAISON)).then_rejected("notice-unknown")


def test_a_notice_nobody_has_seen_in_time_escalates_once() -> None:
    given(notice, raised()).when(ESCALATE).then(escalated())


def test_a_notice_that_was_seen_does_not_escalate() -> None:
    given(notice, raised(), seen(LIAISON, LIAISON)).when(ESCALATE).then_nothing()


def test_a_deadline_of_nothing_does_nothing() -> None:
    given(notice).when(ESCALATE).then_nothing()


def test_after_it_escalated_it_waits_for_both() -> None:
    state = fold(notice, (raised(), escalated()))

    assert isinstance(state, notice.Raised)
    assert (LIAISON, LEAD) == state.waits_for


def test_the_lead_who_has_seen_it_does_not_take_it_off_her_list() -> None:
    given(notice, raised(), escalated()).when(acknowledge("wrk_lara", "liaison-lead")).then(seen("wrk_lara", LEAD))

    state = fold(notice, (raised(), escalated(), seen("wrk_lara", LEAD)))
    assert isinstance(state, notice.Raised)
    assert (LIAISON,) == state.waits_for


def test_one_worker_takes_it_off_every_list_of_hers_at_once() -> None:
    given(notice, raised(), escalated()).when(acknowledge(LIAISON, "liaison-lead")).then(
        seen(LIAISON, LIAISON), seen(LIAISON, LEAD)
    )


def test_a_notice_of_the_leads_own_stays_on_that_list_and_is_marked() -> None:
    state = fold(notice, (raised(LEAD), escalated()))

    assert isinstance(state, notice.Raised)
    assert ((LEAD,), True) == (state.waits_for, state.is_escalated)


def test_whatever_comes_first_the_fold_is_total() -> None:
    events: tuple[Event, ...] = (seen(LIAISON, LIAISON), escalated())

    assert notice.INITIAL == fold(notice, events)
