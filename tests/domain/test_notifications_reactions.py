"""Who is told of what, in which order: read from what the service asks of itself when it hears."""

from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from infra.decider import fold
from infra.service import Ask, ClearDeadline, Heard, Note, SetDeadline
from schemas.disruption import ActionChanged
from schemas.event import Event
from schemas.notifications import NoticeAcknowledged, NoticeRaised, NoticeSettled
from services.notifications import reactions
from services.notifications.deadlines import SEEN, deadlines, on_due
from services.notifications.domain import alerts, audience, errands, notice
from services.notifications.domain.notice import EscalateNotice, RaiseNotice, SettleNotice
from services.notifications.reactions import react
from tests.domain import told
from tests.domain.told import ACTION, CASE_MANAGER, LIAISON, NOW, ORDER, PERSON, RELEASE, record_of
from tests.known import KnownStates

BOTH_KNOWN = KnownStates({(audience, PERSON): fold(audience, (told.liaison_named(), told.case_allocated()))}, NOW)
NOBODY_KNOWN = KnownStates({}, NOW)


def heard(event: Event) -> Heard:
    return Heard("elsewhere", record_of(event), event, b"", 1, bytes(32))


def raised(event: Event, known: KnownStates = BOTH_KNOWN) -> list[RaiseNotice]:
    commands = [effect.command for effect in react(heard(event), known) if isinstance(effect, Ask)]
    return [command for command in commands if isinstance(command, RaiseNotice)]


def settled(event: Event) -> list[str]:
    commands = [effect.command for effect in react(heard(event), BOTH_KNOWN) if isinstance(effect, Ask)]
    return [command.notice for command in commands if isinstance(command, SettleNotice)]


def to_whom(event: Event, known: KnownStates = BOTH_KNOWN) -> list[tuple[str, str, str, str | None]]:
    return [(one.owner, one.code, one.about, one.detail) for one in raised(event, known)]


def test_sr_9_of_a_broken_order_the_liaison_worker_is_told_first() -> None:
    assert [
        (LIAISON, "order-breached", ORDER, "telephone"),
        (CASE_MANAGER, "order-breached", ORDER, "telephone"),
    ] == to_whom(told.order_breached())


def test_where_nobody_is_known_the_leads_are_told_in_the_same_order() -> None:
    assert ["role:liaison-lead", "role:coordinator"] == [
        one.owner for one in raised(told.order_breached(), NOBODY_KNOWN)
    ]


def test_a_case_that_opens_asks_for_a_worker_and_a_manager() -> None:
    assert [
        ("role:liaison-lead", "find-liaison-worker", PERSON, None),
        ("role:coordinator", "allocate-case", PERSON, None),
    ] == to_whom(told.case_opened(), NOBODY_KNOWN)


def test_what_is_released_goes_to_the_case_manager_alone() -> None:
    assert [(CASE_MANAGER, "information-released", RELEASE, "unlawful-phone-likely-on-wing")] == to_whom(
        told.information_released()
    )


def test_a_tasked_action_is_told_to_her_first() -> None:
    assert [(LIAISON, "action-tasked"), (CASE_MANAGER, "action-tasked")] == [
        (one.owner, one.code) for one in raised(told.action_tasked())
    ]


def test_of_an_agencys_answers_she_is_told_when_it_is_done() -> None:
    answers = [[(one.owner, one.code, one.detail) for one in raised(event)] for event in told.task_answered()]

    assert [
        [(CASE_MANAGER, "task-accepted", None)],
        [(CASE_MANAGER, "task-declined", "no-capacity")],
        [(CASE_MANAGER, "task-started", None)],
        [(CASE_MANAGER, "task-not-possible", "prevented")],
        [(LIAISON, "task-done", "phones-recovered"), (CASE_MANAGER, "task-done", "phones-recovered")],
        [(LIAISON, "task-done", None), (CASE_MANAGER, "task-done", None)],
    ] == answers


def test_a_clearance_without_conditions_waits_for_a_practice_manager() -> None:
    agreed, *others = told.clearance_given()

    assert [(CASE_MANAGER, "clearance-agreed"), ("role:practice-manager", "authorise-action")] == [
        (one.owner, one.code) for one in raised(agreed)
    ]
    assert [CASE_MANAGER] * 3 == [one.owner for event in others for one in raised(event)]


def test_a_new_case_manager_is_told_and_counts_at_once() -> None:
    effects = react(heard(told.case_allocated()), NOBODY_KNOWN)

    assert [Note(audience, PERSON, told.case_allocated())] == [one for one in effects if isinstance(one, Note)]
    assert isinstance(effects[0], Note)
    assert [
        ("role:liaison-lead", "case-manager-named", CASE_MANAGER, None),
        (CASE_MANAGER, "case-allocated", PERSON, None),
    ] == to_whom(told.case_allocated(), NOBODY_KNOWN)


def test_a_liaison_worker_named_is_noted_and_ends_the_search_for_one() -> None:
    search = errands.notice_of("find-liaison-worker", PERSON)

    assert [
        Note(audience, PERSON, told.liaison_named()),
        Ask(notice, search, SettleNotice(notice=search)),
    ] == list(react(heard(told.liaison_named()), NOBODY_KNOWN))


def test_what_asks_for_a_worker_can_be_found_by_what_names_one() -> None:
    asked = {one.code: one.notice for one in raised(told.case_opened(), NOBODY_KNOWN)}
    agreed, *_ = told.clearance_given()
    authorise = next(one.notice for one in raised(agreed) if one.code == "authorise-action")

    assert [asked["find-liaison-worker"]] == settled(told.liaison_named())
    assert [asked["allocate-case"]] == settled(told.case_allocated())
    assert [authorise] == settled(told.clearance_suspended())
    assert [authorise] == settled(told.proposed(ActionChanged))


def test_when_the_last_liaison_worker_stands_down_another_is_asked_for() -> None:
    assert [("role:liaison-lead", "find-liaison-worker", PERSON, None)] == to_whom(told.liaison_stood_down())


def test_when_one_of_two_stands_down_nobody_is_asked_for() -> None:
    two = fold(audience, (told.liaison_named(), told.liaison_named("wrk_lou")))

    assert [] == raised(told.liaison_stood_down(), KnownStates({(audience, PERSON): two}, NOW))


def test_wall_2_one_worker_on_both_sides_is_told_to_both_leads() -> None:
    found = raised(told.liaison_named(CASE_MANAGER))

    assert [
        ("role:liaison-lead", "worker-on-both-sides", CASE_MANAGER),
        ("role:coordinator", "worker-on-both-sides", CASE_MANAGER),
    ] == [(one.owner, one.code, one.about) for one in found]


def test_custody_is_told_without_the_report_that_names_the_prison() -> None:
    assert [
        (LIAISON, "received-into-custody", PERSON, None),
        (CASE_MANAGER, "received-into-custody", PERSON, None),
    ] == to_whom(told.received_into_custody())
    assert [] == raised(told.phones_recovered())


@pytest.mark.parametrize("event", told.everything(), ids=lambda event: event.TYPE)
def test_no_notice_names_an_agency_or_an_establishment(event: Event) -> None:
    for known in (BOTH_KNOWN, NOBODY_KNOWN):
        for one in raised(event, known):
            assert told.PRISON not in msgspec.json.encode(one).decode()


@pytest.mark.parametrize("event", told.everything(), ids=lambda event: event.TYPE)
def test_every_notice_can_be_said(event: Event) -> None:
    for known in (BOTH_KNOWN, NOBODY_KNOWN):
        for command in raised(event, known):
            for said in notice.decide(command, notice.INITIAL):
                assert said == msgspec.json.decode(msgspec.json.encode(said), type=NoticeRaised)


@pytest.mark.parametrize("event", told.everything(), ids=lambda event: event.TYPE)
def test_every_notice_of_a_fact_is_another_one(event: Event) -> None:
    for known in (BOTH_KNOWN, NOBODY_KNOWN):
        ids = [one.notice for one in raised(event, known)]

        assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("event", told.everything(), ids=lambda event: event.TYPE)
def test_old_news_is_noted_and_told_to_nobody(event: Event) -> None:
    effects = react(replace(heard(event), is_old=True), BOTH_KNOWN)

    assert [] == [effect for effect in effects if isinstance(effect, Ask)]


def test_what_it_hears_is_what_it_tells_of_or_notes() -> None:
    hears = {kind for kinds in reactions.HEARS.values() for kind in kinds}

    settling = {kind for errand in errands.ALL for kind in errand.settled_by}
    assert hears == {alert.event for alert in alerts.ALL} | settling


def test_the_same_message_gives_the_same_notice() -> None:
    assert raised(told.order_breached()) == raised(told.order_breached())


def test_an_urgent_notice_is_due_in_half_an_hour_and_another_on_the_next_working_day() -> None:
    urgent = raised(told.order_breached())
    soon = raised(told.information_released())

    assert ["2025-03-03T10:00:00.000000Z"] * 2 == [one.due_at for one in urgent]
    assert ["2025-03-04T09:30:00.000000Z"] == [one.due_at for one in soon]


def test_over_easter_the_next_working_day_is_a_tuesday() -> None:
    thursday = KnownStates(BOTH_KNOWN.states, datetime(2025, 4, 17, 15, tzinfo=UTC))

    assert ["2025-04-22T15:00:00.000000Z"] == [one.due_at for one in raised(told.information_released(), thursday)]


def test_a_notice_is_watched_until_it_is_seen() -> None:
    (command,) = raised(told.information_released())
    (event,) = notice.decide(command, notice.INITIAL)
    seen = NoticeAcknowledged(notice=command.notice, person=PERSON, worker=CASE_MANAGER, owner=CASE_MANAGER)

    assert (SetDeadline(SEEN, datetime(2025, 3, 4, 9, 30, tzinfo=UTC)),) == deadlines("notice", event)
    assert (ClearDeadline(SEEN),) == deadlines("notice", seen)
    assert (ClearDeadline(SEEN),) == deadlines("notice", NoticeSettled(notice=command.notice, person=PERSON))


def test_when_its_time_has_come_the_next_one_has_two_hours() -> None:
    asked = on_due(f"notice-{ACTION}", SEEN, NOW)

    assert Ask(notice, ACTION, EscalateNotice(notice=ACTION, due_at="2025-03-03T11:30:00.000000Z")) == asked
