"""An action through all its states: what moves it on, what stops it, and that nothing moves it twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from infra.decider import fold
from schemas.disruption import ActionConcluded, Outcome
from schemas.event import Event
from services.disruption.domain import action
from services.disruption.domain import action_state as state
from services.disruption.domain.action_commands import ActionCommand, RecallTask
from services.disruption.domain.answer import Reply
from tests.domain.disruption_examples import (
    ACCEPTED,
    ACTION,
    CHRIS,
    DECLINED,
    DONE,
    DUE,
    FOUND,
    NO_PLAN,
    NOT_POSSIBLE,
    PERSON,
    POLICE,
    PRIYA,
    READY,
    SECOND_TASK,
    STARTED,
    UNDER_WAY,
    answer,
    answered,
    authorise,
    authorised,
    change,
    changed,
    cleared,
    conclude,
    conditions_met,
    impact,
    overdue,
    propose,
    proposed,
    recalled,
    sealed,
    suspended,
    task,
    tasked,
    tell_overdue,
    withdraw,
    withdrawn,
)
from tests.given import given

RECALLED: tuple[Event, ...] = (*UNDER_WAY, suspended(), recalled())
CONCLUDED = ActionConcluded(action=ACTION, person=PERSON, outcome=FOUND)


def test_an_action_is_proposed() -> None:
    given(action).when(propose()).then(proposed())


def test_a_proposal_needs_a_tactic_that_is_offered() -> None:
    given(action).when(propose(tactic="wishful-thinking")).then_rejected("tactic-unknown")


def test_a_proposal_without_an_attribution_plan_is_refused() -> None:
    """SR-6."""
    given(action).when(propose(plan=NO_PLAN)).then_rejected("attribution-plan-missing")


def test_a_tactic_that_points_to_her_by_nature_cannot_be_rated_better() -> None:
    """SR-6."""
    given(action).when(propose("unwanted-contact-block", "ambiguous")).then_rejected("attribution-understated")
    given(action).when(propose("unwanted-contact-block", "points-to-victim")).then(
        proposed("unwanted-contact-block", "points-to-victim")
    )


def test_a_change_makes_the_next_version() -> None:
    given(action, proposed()).when(change()).then(changed())


def test_a_change_that_changes_nothing_leaves_the_clearance_alone() -> None:
    given(action, *READY).when(change(attribution="safe")).then_nothing()


def test_a_change_voids_clearance_and_authorisation() -> None:
    changed_one = fold(action, [*READY, changed()])

    assert isinstance(changed_one, state.Proposed)
    assert "stale" == changed_one.draft.clearance.CODE


def test_nobody_changes_a_version_they_have_not_read() -> None:
    given(action, proposed(), changed(attribution="safe")).when(change()).then_rejected("version-stale")


def test_a_change_is_held_to_the_same_rules_as_a_proposal() -> None:
    given(action, proposed()).when(replace(change(), tactic="wishful-thinking")).then_rejected("tactic-unknown")
    given(action, proposed()).when(replace(change(), plan=NO_PLAN)).then_rejected("attribution-plan-missing")
    given(action, proposed()).when(replace(change(), tactic="unwanted-contact-block")).then_rejected(
        "attribution-understated"
    )


def test_a_cleared_action_is_authorised_by_somebody_else() -> None:
    given(action, proposed(), cleared()).when(authorise()).then(authorised())


def test_nobody_authorises_what_they_proposed() -> None:
    given(action, proposed(by=PRIYA), cleared()).when(authorise()).then_rejected("authoriser-is-author")


def test_nobody_authorises_what_they_changed_nor_what_they_proposed_and_others_changed() -> None:
    by_both = (proposed(by=CHRIS), changed(by=PRIYA), cleared(version=2))

    given(action, *by_both).when(authorise(2, by=PRIYA)).then_rejected("authoriser-is-author")
    given(action, *by_both).when(authorise(2, by=CHRIS)).then_rejected("authoriser-is-author")
    given(action, *by_both).when(authorise(2, by="wrk_third")).then(authorised(2))


def test_nobody_authorises_a_version_they_have_not_read() -> None:
    given(action, proposed(), changed(), cleared(version=2)).when(authorise(1)).then_rejected("version-stale")
    given(action, proposed(), changed(), cleared(version=2), authorised(2)).when(authorise(1)).then_rejected(
        "version-stale"
    )


def test_authorised_already_is_nothing_new_even_after_the_agency_was_asked() -> None:
    given(action, *UNDER_WAY).when(authorise()).then_nothing()


def test_the_agency_is_asked_with_the_catalogue_s_time() -> None:
    given(action, *READY).when(task()).then(tasked())


def test_asking_again_under_another_reference_asks_for_nothing_more() -> None:
    given(action, *UNDER_WAY).when(task(SECOND_TASK)).then_nothing()


@pytest.mark.parametrize(
    ("before", "reply"),
    [
        ((), ACCEPTED),
        ((), STARTED),
        ((), DECLINED),
        ((), NOT_POSSIBLE),
        ((), DONE),
        ((ACCEPTED,), STARTED),
        ((ACCEPTED,), DECLINED),
        ((ACCEPTED,), DONE),
        ((ACCEPTED, STARTED), DECLINED),
        ((ACCEPTED, STARTED), NOT_POSSIBLE),
        ((ACCEPTED, STARTED), DONE),
    ],
)
def test_the_agency_s_replies_move_it_on(before: tuple[Reply, ...], reply: Reply) -> None:
    given(action, *UNDER_WAY, *map(answered, before)).when(answer(reply)).then(answered(reply))


@pytest.mark.parametrize(
    ("said", "reply"),
    [(STARTED, ACCEPTED), (DONE, ACCEPTED), (DONE, STARTED), (NOT_POSSIBLE, STARTED)],
)
def test_a_step_that_comes_late_changes_nothing(said: Reply, reply: Reply) -> None:
    given(action, *UNDER_WAY, answered(said)).when(answer(reply)).then_nothing()


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        (DECLINED, ACCEPTED),
        (DECLINED, Reply(answer="declined", reason="no-power")),
        (DECLINED, DONE),
        (NOT_POSSIBLE, DONE),
        (DONE, DECLINED),
        (DONE, Reply(answer="done", outcome=Outcome(code="phones-recovered", count=4))),
    ],
)
def test_the_agency_has_one_last_word(said: Reply, reply: Reply) -> None:
    given(action, *UNDER_WAY, answered(said)).when(answer(reply)).then_rejected("task-answered")


def test_only_the_agency_that_was_asked_answers() -> None:
    given(action, *UNDER_WAY).when(answer(DONE, agency=POLICE)).then_rejected("task-not-yours")


def test_only_the_present_task_is_answered() -> None:
    given(action, *UNDER_WAY).when(answer(DONE, id=SECOND_TASK)).then_rejected("task-not-present")
    given(action, *READY).when(answer(DONE)).then_rejected("action-not-tasked")
    given(action).when(answer(DONE)).then_rejected("action-unknown")
    given(action, *UNDER_WAY, answered(DONE), CONCLUDED).when(answer(DONE)).then_rejected("action-closed")


@pytest.mark.parametrize("steps", [(), (ACCEPTED,), (ACCEPTED, STARTED)])
def test_a_suspended_clearance_recalls_the_task(steps: tuple[Reply, ...]) -> None:
    given(action, *UNDER_WAY, *map(answered, steps), suspended()).when(RecallTask()).then(recalled())


@pytest.mark.parametrize(
    "events",
    [
        (),
        (proposed(), cleared(), suspended()),
        UNDER_WAY,
        (*UNDER_WAY, suspended(), cleared()),
        (*UNDER_WAY, suspended(version=2)),
        (*UNDER_WAY, answered(DONE), suspended()),
    ],
)
def test_nothing_is_recalled_where_nothing_stands_on_a_clearance_that_fell(events: tuple[Event, ...]) -> None:
    given(action, *events).when(RecallTask()).then_nothing()


def test_an_objection_after_tasking_recalls_too() -> None:
    given(action, *UNDER_WAY, cleared("objected")).when(RecallTask()).then(recalled())


def test_a_recalled_action_is_tasked_again_only_when_cleared_again() -> None:
    given(action, *RECALLED).when(task(SECOND_TASK)).then_rejected("clearance-suspended")
    given(action, *RECALLED, cleared("agreed-with-conditions", "alarm-in-place")).when(task(SECOND_TASK)).then_rejected(
        "conditions-not-met"
    )
    given(action, *RECALLED, cleared("agreed-with-conditions", "alarm-in-place"), conditions_met()).when(
        task(SECOND_TASK)
    ).then(tasked(SECOND_TASK))


def test_the_request_whose_task_was_recalled_does_not_ask_again_when_it_is_repeated() -> None:
    given(action, *RECALLED, cleared()).when(task()).then_nothing()


def test_an_agency_that_acted_before_the_recall_reached_it_can_say_so() -> None:
    given(action, *RECALLED).when(answer(DONE)).then(answered(DONE))
    given(action, *RECALLED, withdrawn()).when(answer(DONE)).then(answered(DONE))


@pytest.mark.parametrize("reply", [ACCEPTED, STARTED, DECLINED, NOT_POSSIBLE])
def test_after_a_recall_nothing_else_is_of_interest(reply: Reply) -> None:
    given(action, *RECALLED).when(answer(reply)).then_rejected("task-recalled")


@pytest.mark.parametrize("events", [(proposed(),), READY, RECALLED])
def test_an_action_is_withdrawn(events: tuple[Event, ...]) -> None:
    given(action, *events).when(withdraw()).then(withdrawn())


@pytest.mark.parametrize("steps", [(), (ACCEPTED,), (ACCEPTED, STARTED)])
def test_withdrawing_tells_the_agency_to_stop(steps: tuple[Reply, ...]) -> None:
    given(action, *UNDER_WAY, *map(answered, steps)).when(withdraw()).then(recalled("withdrawn"), withdrawn())


@pytest.mark.parametrize("reply", [DECLINED, NOT_POSSIBLE, DONE])
def test_what_the_agency_had_its_last_word_on_is_concluded(reply: Reply) -> None:
    given(action, *UNDER_WAY, answered(reply)).when(conclude()).then(CONCLUDED)
    given(action, *UNDER_WAY, answered(reply)).when(withdraw()).then_rejected("action-answered")


def test_an_action_whose_task_was_recalled_for_good_is_concluded() -> None:
    given(action, *RECALLED).when(conclude()).then(CONCLUDED)


def test_a_task_that_is_due_and_not_over_is_told_once() -> None:
    given(action, *UNDER_WAY).when(tell_overdue()).then(overdue())
    given(action, *UNDER_WAY, answered(ACCEPTED)).when(tell_overdue()).then(overdue())
    given(action, *UNDER_WAY, overdue(), answered(STARTED)).when(tell_overdue()).then_nothing()


@pytest.mark.parametrize(
    "events", [(), READY, (*UNDER_WAY, answered(DONE)), (*UNDER_WAY, answered(DECLINED)), RECALLED]
)
def test_a_task_that_is_over_is_not_overdue(events: tuple[Event, ...]) -> None:
    given(action, *events).when(tell_overdue()).then_nothing()


def test_a_deadline_that_another_replaced_says_nothing() -> None:
    given(action, *UNDER_WAY).when(tell_overdue(DUE - timedelta(days=1))).then_nothing()


def test_what_it_changed_for_her_is_known_as_a_code() -> None:
    known = fold(action, [*UNDER_WAY, answered(DONE), impact(), CONCLUDED, impact("risk-reduced")])

    assert isinstance(known, state.Concluded)
    assert ("contact-stopped", "risk-reduced") == known.draft.effects


@pytest.mark.parametrize(
    ("events", "command", "code"),
    [
        ((), change(), "action-unknown"),
        ((), withdraw(), "action-unknown"),
        ((), authorise(), "action-unknown"),
        ((), task(), "action-unknown"),
        ((), conclude(), "action-unknown"),
        (UNDER_WAY, replace(change(), plan=sealed("plan", b"another")), "action-tasked"),
        (RECALLED, change(), "action-tasked"),
        (READY, conclude(), "action-not-tasked"),
        (UNDER_WAY, conclude(), "action-not-answered"),
        ((*UNDER_WAY, answered(DECLINED)), change(), "action-answered"),
        ((*UNDER_WAY, answered(DECLINED)), authorise(), "action-answered"),
        ((*UNDER_WAY, answered(DECLINED)), task(SECOND_TASK), "action-answered"),
        ((proposed(), withdrawn()), change(), "action-closed"),
        ((proposed(), withdrawn()), authorise(), "action-closed"),
        ((*READY, withdrawn()), task(), "action-closed"),
        ((*RECALLED, withdrawn()), task(), "action-closed"),
        ((*RECALLED, withdrawn()), conclude(), "action-closed"),
        ((*UNDER_WAY, answered(DONE), CONCLUDED), withdraw(), "action-closed"),
        ((*UNDER_WAY, answered(DONE), CONCLUDED), conclude(Outcome(code="nothing-found")), "action-closed"),
    ],
)
def test_what_is_asked_too_early_or_too_late_is_refused(
    events: tuple[Event, ...], command: ActionCommand, code: str
) -> None:
    given(action, *events).when(command).then_rejected(code)
