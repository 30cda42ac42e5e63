"""Who is asked about an action, what is answered, and the one clearance it comes to."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from infra.decider import fold
from schemas.event import Event
from schemas.victim_liaison import (
    ConditionMet,
    ConditionsMet,
    ConsultationClosed,
    ConsultationEscalated,
    QuestionReassigned,
    Verdict,
)
from services.victim_liaison.domain import consultation
from services.victim_liaison.domain.answers import MeetCondition
from services.victim_liaison.domain.consultation import AddVictim, CloseConsultation, Consult, Escalate, Reassign
from services.victim_liaison.domain.course import Closed, Open
from tests.domain.victim_liaison_examples import (
    ACTION,
    DUE,
    LATER,
    LENA,
    MAY,
    NINA,
    PERSON,
    RUTH,
    SUE,
    answer,
    answered,
    asked,
    asked_again,
    cleared,
    opened,
    question_added,
    revoked,
    sealed,
)
from tests.given import given

BOTH = (asked(RUTH, LENA), asked(NINA, MAY))
NOBODY_KNOWN = asked(None, SUE)
NOBODY_NAMED = asked(None, None)
CLOSED = ConsultationClosed(action=ACTION, person=PERSON)
ESCALATED = ConsultationEscalated(action=ACTION, version=1, person=PERSON)
ALL_MET = ConditionsMet(action=ACTION, version=1, person=PERSON)
ON_ALARM: tuple[Verdict, str] = ("agreed-with-conditions", "alarm-in-place")
ON_TELLING: tuple[Verdict, str] = ("agreed-with-conditions", "victim-told-first")
ON_BOTH: tuple[Verdict, str, str] = ("agreed-with-conditions", "alarm-in-place", "victim-told-first")
ADD_NINA = AddVictim(victim=NINA, worker=MAY, due_at=LATER)


def consult(version: int = 1) -> Consult:
    return Consult(action=ACTION, version=version, person=PERSON, asked=(asked(),), due_at=DUE)


def met(condition: str = "alarm-in-place", victim: str = RUTH) -> ConditionMet:
    return ConditionMet(action=ACTION, version=1, person=PERSON, victim=victim, condition=condition)


def meet(condition: str = "alarm-in-place", victim: str = RUTH, worker: str = LENA, version: int = 1) -> MeetCondition:
    return MeetCondition(version=version, victim=victim, worker=worker, condition=condition)


def reassigned(worker: str, victim: str | None = RUTH) -> QuestionReassigned:
    return QuestionReassigned(action=ACTION, version=1, person=PERSON, victim=victim, worker=worker)


def test_a_proposed_action_is_asked_about() -> None:
    given(consultation).when(consult()).then(opened())


def test_a_new_version_is_asked_about_again() -> None:
    given(consultation, opened()).when(consult(2)).then(opened(version=2))


def test_a_new_version_first_suspends_the_clearance_of_the_old_one() -> None:
    given(consultation, opened(), answered(), cleared()).when(consult(2)).then(
        asked_again(version=1), opened(version=2)
    )


def test_an_older_version_is_not_asked_about_any_more() -> None:
    given(consultation, opened(version=3)).when(consult(2)).then_nothing()


def test_a_withdrawn_action_is_not_asked_about_again() -> None:
    given(consultation, opened(), CLOSED).when(consult(2)).then_nothing()


def test_the_only_worker_clears_the_action() -> None:
    given(consultation, opened()).when(answer()).then(answered(), cleared())


def test_sr_1_nothing_is_cleared_before_the_worker_of_every_known_victim_has_answered() -> None:
    given(consultation, opened(*BOTH)).when(answer()).then(answered())


@pytest.mark.parametrize(
    ("ruths", "ninas", "expected"),
    [
        ("agreed", "agreed", "agreed"),
        ("agreed", "agreed-with-conditions", "agreed-with-conditions"),
        ("agreed", "cannot-reach", "cannot-reach"),
        ("agreed", "objected", "objected"),
        ("agreed-with-conditions", "agreed", "agreed-with-conditions"),
        ("agreed-with-conditions", "agreed-with-conditions", "agreed-with-conditions"),
        ("agreed-with-conditions", "cannot-reach", "cannot-reach"),
        ("agreed-with-conditions", "objected", "objected"),
        ("cannot-reach", "agreed", "cannot-reach"),
        ("cannot-reach", "agreed-with-conditions", "cannot-reach"),
        ("cannot-reach", "cannot-reach", "cannot-reach"),
        ("cannot-reach", "objected", "objected"),
        ("objected", "agreed", "objected"),
        ("objected", "agreed-with-conditions", "objected"),
        ("objected", "cannot-reach", "objected"),
        ("objected", "objected", "objected"),
    ],
)
def test_the_gravest_verdict_is_the_clearance(ruths: Verdict, ninas: Verdict, expected: Verdict) -> None:
    hers = ("alarm-in-place",) if ruths == "agreed-with-conditions" else ()
    others = ("victim-told-first",) if ninas == "agreed-with-conditions" else ()
    given(consultation, opened(*BOTH), answered(ruths, *hers)).when(
        answer(ninas, *others, victim=NINA, worker=MAY)
    ).then(
        answered(ninas, *others, victim=NINA, worker=MAY),
        cleared(expected, *hers, *others),
    )


def test_conditions_are_the_union_sorted() -> None:
    first = answered("agreed-with-conditions", "children-provided-for", "victim-told-first")
    given(consultation, opened(*BOTH), first).when(
        answer("agreed-with-conditions", "victim-told-first", "alarm-in-place", victim=NINA, worker=MAY)
    ).then(
        answered("agreed-with-conditions", "alarm-in-place", "victim-told-first", victim=NINA, worker=MAY),
        cleared("agreed-with-conditions", "alarm-in-place", "children-provided-for", "victim-told-first"),
    )


def test_sr_1_a_new_victim_suspends_what_was_cleared_without_her() -> None:
    given(consultation, opened(), answered(), cleared()).when(ADD_NINA).then(asked_again(), question_added())


def test_what_others_answered_about_this_version_stands_when_a_victim_is_added() -> None:
    given(consultation, opened(), answered(), cleared(), asked_again(), question_added()).when(
        answer(victim=NINA, worker=MAY)
    ).then(answered(victim=NINA, worker=MAY), cleared())


def test_a_new_victim_before_the_first_clearance_is_asked_about_too() -> None:
    given(consultation, opened()).when(ADD_NINA).then(question_added())


def test_a_victim_is_added_once() -> None:
    given(consultation, opened()).when(AddVictim(victim=RUTH, worker=MAY, due_at=LATER)).then_nothing()


@pytest.mark.parametrize("history", [(), (opened(), CLOSED)])
def test_a_victim_is_not_added_to_what_is_not_asked(history: tuple[Event, ...]) -> None:
    given(consultation, *history).when(ADD_NINA).then_nothing()


def test_sr_3_where_no_victim_is_known_the_substitute_answers() -> None:
    given(consultation, opened(NOBODY_KNOWN)).when(answer(victim=None, worker=SUE)).then(
        answered(victim=None, worker=SUE), cleared()
    )


def test_sr_3_where_nobody_is_named_nobody_answers() -> None:
    given(consultation, opened(NOBODY_NAMED)).when(answer(victim=None, worker=SUE)).then_rejected("worker-not-named")


def test_sr_3_being_the_lead_is_not_being_named() -> None:
    given(consultation, opened(NOBODY_NAMED)).when(answer(victim=None, worker=SUE, by_lead=True)).then_rejected(
        "worker-not-named"
    )


def test_sr_3_a_known_victim_without_a_worker_holds_everything_up() -> None:
    given(consultation, opened(asked(), asked(NINA, None))).when(answer()).then(answered())


def test_the_substitutes_answer_does_not_count_for_a_victim_who_becomes_known() -> None:
    history = (opened(NOBODY_KNOWN), answered(victim=None, worker=SUE), cleared())
    given(consultation, *history).when(ADD_NINA).then(asked_again(), question_added())
    given(consultation, *history, asked_again(), question_added()).when(
        answer("objected", victim=None, worker=SUE)
    ).then_rejected("not-asked-about")


def test_a_question_without_a_worker_gets_one() -> None:
    given(consultation, opened(NOBODY_NAMED)).when(Reassign(victim=None, worker=SUE)).then(reassigned(SUE, None))


def test_who_takes_over_a_question_answers_it() -> None:
    given(consultation, opened(), reassigned(MAY)).when(answer(worker=MAY)).then(answered(worker=MAY), cleared())


def test_who_handed_a_question_over_answers_it_no_more() -> None:
    given(consultation, opened(), reassigned(MAY)).when(answer(worker=LENA)).then_rejected("not-her-worker")


def test_a_given_answer_outlasts_its_worker() -> None:
    given(consultation, opened(), answered(), cleared()).when(Reassign(victim=RUTH, worker=MAY)).then(reassigned(MAY))


@pytest.mark.parametrize("history", [(), (opened(asked(NINA, MAY)),), (opened(), CLOSED)])
def test_nobody_takes_over_what_is_not_asked(history: tuple[Event, ...]) -> None:
    given(consultation, *history).when(Reassign(victim=RUTH, worker=SUE)).then_nothing()


def test_a_worker_may_change_her_mind() -> None:
    given(consultation, opened(), answered(), cleared()).when(answer("objected")).then(
        revoked(), answered("objected"), cleared("objected")
    )


def test_other_conditions_are_another_answer() -> None:
    given(consultation, opened(), answered(*ON_ALARM), cleared(*ON_ALARM)).when(answer(*ON_TELLING)).then(
        revoked(), answered(*ON_TELLING), cleared(*ON_TELLING)
    )


def test_another_reason_for_the_same_answer_suspends_nothing() -> None:
    with_reason = replace(answer(), reason=sealed("reason"))
    expected = msgspec.structs.replace(answered(), reason=sealed("reason"))

    given(consultation, opened(), answered(), cleared()).when(with_reason).then(expected)


def test_a_changed_answer_before_the_clearance_revokes_nothing() -> None:
    given(consultation, opened(*BOTH), answered()).when(answer("objected")).then(answered("objected"))


def test_a_late_answer_counts() -> None:
    given(consultation, opened(), ESCALATED).when(answer()).then(answered(), cleared())


def test_a_late_answer_about_an_older_version_does_not_count() -> None:
    given(consultation, opened(), ESCALATED, opened(version=2)).when(answer()).then_rejected("version-stale")


def test_an_answer_to_an_old_version_never_clears_the_new_one() -> None:
    given(consultation, opened(), answered(), cleared(), asked_again(), opened(version=2)).when(answer()).then_rejected(
        "version-stale"
    )


def test_nobody_answers_what_nobody_was_asked() -> None:
    given(consultation).when(answer()).then_rejected("consultation-unknown")


def test_nobody_answers_when_the_action_is_over() -> None:
    given(consultation, opened(), CLOSED).when(answer()).then_rejected("consultation-closed")


def test_nobody_answers_for_a_victim_who_is_not_asked_about() -> None:
    given(consultation, opened()).when(answer(victim=NINA, worker=MAY)).then_rejected("not-asked-about")


def test_only_her_worker_answers() -> None:
    given(consultation, opened(*BOTH)).when(answer(worker=MAY)).then_rejected("not-her-worker")


def test_a_liaison_lead_answers_as_cover() -> None:
    given(consultation, opened()).when(answer(worker=SUE, by_lead=True)).then(answered(worker=SUE), cleared())


def test_an_agreement_with_conditions_names_them() -> None:
    given(consultation, opened()).when(answer("agreed-with-conditions")).then_rejected("conditions-missing")


@pytest.mark.parametrize("verdict", ["agreed", "objected", "cannot-reach"])
def test_no_condition_is_dropped_in_silence(verdict: Verdict) -> None:
    given(consultation, opened()).when(answer(verdict, "alarm-in-place")).then_rejected("conditions-unexpected")


TO_BE_MET = (opened(), answered(*ON_BOTH), cleared(*ON_BOTH))


def test_sr_7_one_step_of_two_is_not_all() -> None:
    given(consultation, *TO_BE_MET).when(meet()).then(met())


def test_sr_7_with_the_last_step_the_other_side_hears_that_all_are_done() -> None:
    given(consultation, *TO_BE_MET, met()).when(meet("victim-told-first")).then(met("victim-told-first"), ALL_MET)


def test_a_step_done_for_one_victim_is_not_done_for_another() -> None:
    history = (opened(*BOTH), answered(*ON_ALARM), answered(*ON_ALARM, victim=NINA, worker=MAY), cleared(*ON_ALARM))
    given(consultation, *history).when(meet()).then(met())
    given(consultation, *history, met()).when(meet(victim=NINA, worker=MAY)).then(met(victim=NINA), ALL_MET)


def test_steps_done_before_the_last_answer_are_said_with_the_clearance() -> None:
    given(consultation, opened(*BOTH), answered(*ON_ALARM), met()).when(answer(victim=NINA, worker=MAY)).then(
        answered(victim=NINA, worker=MAY), cleared(*ON_ALARM), ALL_MET
    )


def test_steps_stay_done_when_a_victim_is_added() -> None:
    history = (opened(), answered(*ON_ALARM), cleared(*ON_ALARM), met(), ALL_MET, asked_again(), question_added())
    given(consultation, *history).when(answer(victim=NINA, worker=MAY)).then(
        answered(victim=NINA, worker=MAY), cleared(*ON_ALARM), ALL_MET
    )


def test_what_is_asked_for_again_has_to_be_done_again() -> None:
    history = (opened(), answered(*ON_ALARM), cleared(*ON_ALARM), met(), ALL_MET)
    objection = (revoked(), answered("objected"), cleared("objected"))
    given(consultation, *history, *objection).when(answer(*ON_ALARM)).then(
        revoked(), answered(*ON_ALARM), cleared(*ON_ALARM)
    )


def test_only_what_was_asked_for_is_met() -> None:
    given(consultation, *TO_BE_MET).when(meet("children-provided-for")).then_rejected("condition-not-asked-for")


def test_nothing_is_met_before_anything_was_asked_for() -> None:
    given(consultation, opened()).when(meet()).then_rejected("condition-not-asked-for")


def test_a_step_for_an_older_version_is_not_a_step_for_this_one() -> None:
    given(consultation, *TO_BE_MET, asked_again(), opened(version=2)).when(meet()).then_rejected("version-stale")


def test_only_her_worker_says_that_a_step_is_done() -> None:
    given(consultation, *TO_BE_MET).when(meet(worker=MAY)).then_rejected("not-her-worker")


def test_silence_goes_to_the_lead_and_clears_nothing() -> None:
    given(consultation, opened()).when(Escalate(now=DUE)).then(ESCALATED)


def test_nothing_escalates_before_its_time() -> None:
    given(consultation, opened()).when(Escalate(now=DUE - timedelta(seconds=1))).then_nothing()


def test_what_is_answered_does_not_escalate() -> None:
    given(consultation, opened(), answered(), cleared()).when(Escalate(now=DUE)).then_nothing()


def test_a_later_victim_gives_no_more_time_to_the_first() -> None:
    given(consultation, opened(), question_added()).when(Escalate(now=DUE)).then(ESCALATED)


def test_a_question_added_after_an_escalation_escalates_by_itself() -> None:
    given(consultation, opened(), ESCALATED, question_added()).when(Escalate(now=LATER)).then(ESCALATED)


@pytest.mark.parametrize("history", [(), (opened(), CLOSED)])
def test_nothing_escalates_that_is_not_asked(history: tuple[Event, ...]) -> None:
    given(consultation, *history).when(Escalate(now=LATER)).then_nothing()


def test_a_withdrawn_action_closes_its_consultation() -> None:
    given(consultation, opened(), answered(), cleared()).when(CloseConsultation()).then(CLOSED)


def test_nothing_is_closed_that_was_never_open() -> None:
    given(consultation).when(CloseConsultation()).then_nothing()


def test_how_it_stood_can_be_looked_at_after_the_end() -> None:
    before = fold(consultation, [opened(), answered(), cleared()])

    assert isinstance(before, Open)
    assert Closed(before) == fold(consultation, [CLOSED], before)


def test_what_was_said_before_anything_was_asked_changes_nothing() -> None:
    assert consultation.INITIAL == fold(consultation, [answered(), cleared(), met(), ESCALATED, CLOSED])
