"""Who stands around one perpetrator, and what leaves the victim's side from there."""

from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from infra.decider import fold
from schemas.event import Message, Private
from schemas.victim_liaison import ImpactRecorded, ImpactTold, LiaisonStoodDown
from services.victim_liaison.domain import circle
from services.victim_liaison.domain.circle import AssignWorker, KnowVictim, NameSubstitute, TellImpact
from tests.domain.victim_liaison_examples import (
    ACTION,
    CHRIS,
    DETAILS,
    LENA,
    MAY,
    NINA,
    OTHER_ACTION,
    PERSON,
    REFERRAL,
    RUTH,
    SUE,
    action_changed,
    action_concluded,
    action_proposed,
    action_tasked,
    action_withdrawn,
    asked,
    case_allocated,
    case_opened,
    liaison_named,
    sealed,
    substitute_named,
    victim_known,
    worker_assigned,
)
from tests.given import given

KNOW_RUTH = KnowVictim(victim=RUTH, person=PERSON, referral=REFERRAL, details=DETAILS)
NAME_SUE = NameSubstitute(person=PERSON, worker=SUE)


def assign(worker: str = LENA, victim: str = RUTH) -> AssignWorker:
    return AssignWorker(victim=victim, person=PERSON, worker=worker, standing="assigned")


def stood_down(worker: str) -> LiaisonStoodDown:
    return LiaisonStoodDown(person=PERSON, worker=worker)


def test_a_victim_becomes_known() -> None:
    given(circle).when(KNOW_RUTH).then(victim_known())


def test_a_victim_whom_no_referral_named_becomes_known_around_somebody_who_is_known() -> None:
    recorded = replace(KNOW_RUTH, referral=None)
    known = structs.replace(victim_known(), referral=None)

    for before in (case_opened(), case_allocated(), victim_known(NINA)):
        given(circle, before).when(recorded).then(known)


@pytest.mark.parametrize("command", [replace(KNOW_RUTH, referral=None), NAME_SUE])
def test_a_mistyped_reference_makes_no_circle(command: KnowVictim | NameSubstitute) -> None:
    given(circle).when(command).then_rejected("person-unknown")
    given(circle, action_proposed()).when(command).then_rejected("person-unknown")


def test_the_other_side_is_told_of_a_worker_and_never_of_a_victim() -> None:
    given(circle, victim_known()).when(assign()).then(worker_assigned(), liaison_named())


def test_a_worker_of_two_victims_is_named_once() -> None:
    given(circle, victim_known(), worker_assigned(), liaison_named(), victim_known(NINA)).when(
        assign(victim=NINA)
    ).then(worker_assigned(NINA))


def test_who_hands_over_is_told_no_more() -> None:
    given(circle, victim_known(), worker_assigned(), liaison_named()).when(assign(MAY)).then(
        worker_assigned(worker=MAY), liaison_named(MAY), stood_down(LENA)
    )


def test_who_hands_over_one_of_two_victims_is_still_told() -> None:
    history = (victim_known(), worker_assigned(), liaison_named(), victim_known(NINA), worker_assigned(NINA))
    given(circle, *history).when(assign(MAY)).then(worker_assigned(worker=MAY), liaison_named(MAY))


def test_who_hands_over_and_is_the_substitute_is_still_told() -> None:
    history = (victim_known(), worker_assigned(), liaison_named(), substitute_named(LENA))
    given(circle, *history).when(assign(MAY)).then(worker_assigned(worker=MAY), liaison_named(MAY))


def test_nobody_is_assigned_to_a_victim_of_somebody_else() -> None:
    given(circle).when(assign()).then_rejected("victim-unknown")


def test_wall_2_the_case_manager_cannot_stand_with_a_victim() -> None:
    given(circle, victim_known(), case_allocated(LENA)).when(assign()).then_rejected("worker-on-both-sides")


def test_wall_2_the_case_manager_cannot_be_the_substitute() -> None:
    given(circle, case_allocated(SUE)).when(NAME_SUE).then_rejected("worker-on-both-sides")


def test_who_was_the_case_manager_once_may_stand_with_a_victim() -> None:
    given(circle, victim_known(), case_allocated(LENA), case_allocated(CHRIS)).when(assign()).then(
        worker_assigned(), liaison_named()
    )


def test_sr_3_a_substitute_is_named_for_a_person_without_known_victims() -> None:
    given(circle, case_opened()).when(NAME_SUE).then(substitute_named(), liaison_named(SUE, "substitute"))


def test_another_substitute_takes_the_place_of_the_first() -> None:
    given(circle, case_opened(), substitute_named(MAY), liaison_named(MAY, "substitute")).when(NAME_SUE).then(
        substitute_named(), liaison_named(SUE, "substitute"), stood_down(MAY)
    )


def tell(victim: str = RUTH, action: str = ACTION) -> TellImpact:
    return TellImpact(action=action, person=PERSON, victim=victim, effect="contact-stopped", words=sealed("words"))


def test_an_impact_crosses_as_a_code_and_her_words_stay() -> None:
    told = ImpactTold(action=ACTION, person=PERSON, victim=RUTH, effect="contact-stopped", words=sealed("words"))
    given(circle, victim_known(), action_proposed(), action_tasked()).when(tell()).then(
        told, ImpactRecorded(action=ACTION, person=PERSON, effect="contact-stopped")
    )


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (tell(victim=NINA), "victim-unknown"),
        (tell(action=OTHER_ACTION), "action-unknown"),
        (tell(), "action-not-tasked"),
    ],
)
def test_an_impact_is_one_of_an_action_that_was_carried_out(command: TellImpact, code: str) -> None:
    given(circle, victim_known(), action_proposed()).when(command).then_rejected(code)


def test_an_impact_may_be_told_after_the_end() -> None:
    history = (victim_known(), action_proposed(), action_tasked(), action_concluded())
    assert 2 == len(circle.decide(tell(), fold(circle, history)))


def test_every_known_victim_is_asked_for_with_her_worker_or_none() -> None:
    around = fold(circle, [victim_known(), victim_known(NINA), worker_assigned(), substitute_named()])

    assert (asked(RUTH, LENA), asked(NINA, None)) == circle.to_be_asked(around)


@pytest.mark.parametrize(("history", "worker"), [([], None), ([substitute_named()], SUE)])
def test_where_no_victim_is_known_the_substitute_is_asked(history: list[Any], worker: str | None) -> None:
    assert (asked(None, worker),) == circle.to_be_asked(fold(circle, history))


@pytest.mark.parametrize("end", [action_withdrawn(), action_concluded()])
def test_what_is_over_is_not_asked_about_again(end: Any) -> None:
    around = fold(circle, [action_proposed(), action_changed(), action_proposed(OTHER_ACTION), end])

    assert {OTHER_ACTION} == circle.open_actions(around).keys()


def test_an_action_is_remembered_in_its_newest_version() -> None:
    around = fold(circle, [action_proposed(), action_tasked(), action_changed(2)])

    assert (2, "ambiguous", True) == (
        around.actions[ACTION].version,
        around.actions[ACTION].attribution,
        around.actions[ACTION].was_tasked,
    )


def test_what_comes_out_of_order_is_passed_over() -> None:
    early = [action_tasked(), action_withdrawn(), action_concluded(), worker_assigned()]

    assert circle.INITIAL == fold(circle, early)


def test_no_message_of_the_victims_side_has_a_field_for_a_victim() -> None:
    from schemas import victim_liaison  # noqa: PLC0415 - this one test reads the whole vocabulary
    from schemas.vocabulary import declared  # noqa: PLC0415 - as above

    messages = [kind for kind in declared(victim_liaison) if issubclass(kind, Message)]

    assert messages
    assert not [kind.__name__ for kind in messages if not kind.CROSSES]
    assert not [
        kind.__name__ for kind in messages if {"victim", "reason", "words", "details"} & {*kind.__struct_fields__}
    ]
    assert not [kind.__name__ for kind in messages if issubclass(kind, Private)]
