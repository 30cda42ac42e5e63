"""The gate as a decision table: how the action stands, and the code with which asking the agency is refused."""

from dataclasses import replace
from typing import Any, get_args

import pytest

from infra.decider import answers, fold
from schemas.event import Event
from schemas.rejection import Rejected
from services.disruption.domain import action, clearance, gate
from services.disruption.domain import action_state as state
from services.disruption.domain.action_commands import AuthoriseAction, TaskAction
from tests.domain.disruption_examples import (
    NO_PLAN,
    READY,
    authorise,
    authorised,
    changed,
    cleared,
    conditions_met,
    proposed,
    suspended,
    task,
    tasked,
)
from tests.given import given

POINTS = proposed("unwanted-contact-block", "points-to-victim")

TABLE: tuple[tuple[str, tuple[Event, ...], str | None], ...] = (
    # SR-1, SR-3: nobody having answered is never consent
    ("nobody has answered", (proposed(),), "clearance-missing"),
    ("nobody has answered, though somebody authorised it", (proposed(), authorised()), "clearance-missing"),
    ("conditions are met of a clearance never given", (proposed(), conditions_met()), "clearance-missing"),
    # SR-1: a clearance is for one version
    ("a later version was cleared", (proposed(), cleared(version=2), authorised()), "clearance-missing"),
    ("cleared, then changed", (proposed(), cleared(), changed(), authorised(2)), "clearance-stale"),
    ("changed, then cleared as it was", (proposed(), changed(), cleared(), authorised(2)), "clearance-missing"),
    ("cleared, changed, cleared as it was", (proposed(), cleared(), changed(), cleared()), "clearance-stale"),
    ("changed after conditions were set", (proposed(), cleared("agreed", "a"), changed()), "clearance-stale"),
    ("changed after an objection", (proposed(), cleared("objected"), changed()), "clearance-stale"),
    ("changed while suspended", (proposed(), cleared(), suspended(), changed()), "clearance-stale"),
    ("changed before any answer", (proposed(), changed()), "clearance-missing"),
    # SR-1: a new victim, a new answer, a doubt
    ("suspended", (*READY, suspended()), "clearance-suspended"),
    ("suspended, then conditions met", (*READY, suspended(), conditions_met()), "clearance-suspended"),
    ("an earlier version suspended", (proposed(), changed(), cleared(version=2), authorised(2), suspended()), None),
    # SR-2: an objection blocks
    ("objected", (proposed(), cleared("objected"), authorised()), "clearance-objected"),
    ("agreed, then objected", (*READY, cleared("objected")), "clearance-objected"),
    # SR-3: not having been able to ask is never consent
    ("not reached", (proposed(), cleared("cannot-reach"), authorised()), "victim-not-reached"),
    # SR-7: the safety step comes first
    ("conditions open", (proposed(), cleared("agreed-with-conditions", "a"), authorised()), "conditions-not-met"),
    ("conditions called agreed", (proposed(), cleared("agreed", "alarm"), authorised()), "conditions-not-met"),
    ("conditions none named", (proposed(), cleared("agreed-with-conditions"), authorised()), "conditions-not-met"),
    (
        "conditions met, then others set",
        (
            proposed(),
            cleared("agreed-with-conditions", "a"),
            conditions_met(),
            cleared("agreed-with-conditions", "b"),
            authorised(),
        ),
        "conditions-not-met",
    ),
    # a second person answers for it
    ("not authorised", (proposed(), cleared()), "not-authorised"),
    ("authorised, then changed", (*READY, changed(), cleared(version=2)), "not-authorised"),
    # SR-6: what he will believe
    ("no plan", (proposed(plan=NO_PLAN), cleared(), authorised()), "attribution-plan-missing"),
    # the way through
    ("agreed and authorised", READY, None),
    ("authorised, then agreed", (proposed(), authorised(), cleared()), None),
    ("conditions met", (proposed(), cleared("agreed-with-conditions", "a"), conditions_met(), authorised()), None),
    ("suspended, then agreed again", (*READY, suspended(), cleared()), None),
    ("objected, then agreed", (proposed(), cleared("objected"), cleared(), authorised()), None),
    ("points to her, agreed in so many words", (POINTS, cleared(), authorised()), None),
    ("points to her, nobody answered", (POINTS, authorised()), "clearance-missing"),
)


@pytest.mark.parametrize(("events", "code"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_an_agency_is_asked_only_through_the_gate(events: tuple[Event, ...], code: str | None) -> None:
    assert code == refusal(task(), fold(action, events))


@pytest.mark.parametrize("events", [row[1] for row in TABLE], ids=[row[0] for row in TABLE])
def test_without_hearing_the_victims_side_nothing_goes_out(events: tuple[Event, ...]) -> None:
    """SR-1, and before every other reason: what could not be heard may have changed everything."""
    given(action, *events).when(task(liaison_heard=False)).then_rejected("victim-liaison-unreachable")


@pytest.mark.parametrize(("events", "code"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_stale_clearance_opens_no_other_door(events: tuple[Event, ...], code: str | None) -> None:
    """Authorising asks for the same clearance and the same plan as the task itself."""
    stands = fold(action, events)
    if isinstance(stands, state.Proposed):
        expected = None if code == "not-authorised" else code

        assert expected == refusal(authorise(stands.draft.version), stands)


def refusal(command: TaskAction | AuthoriseAction, stands: state.Action) -> str | None:
    try:
        action.decide(command, stands)
    except Rejected as refused:
        return refused.code
    return None


CLEARANCES: tuple[clearance.Clearance, ...] = (
    clearance.Awaited(),
    clearance.Stale(),
    clearance.Suspended(),
    clearance.Objected(),
    clearance.NotReached(),
    clearance.AgreedOnConditions(("alarm-in-place",)),
    clearance.ConditionsDone(("alarm-in-place",)),
    clearance.Agreed(),
)


def with_clearance(stands: clearance.Clearance, attribution: Any = "safe") -> state.Authorised:
    ready = fold(action, READY)
    assert isinstance(ready, state.Authorised)
    return replace(ready, draft=replace(ready.draft, clearance=stands, attribution=attribution))


def test_every_standing_of_the_victims_side_is_tried() -> None:
    assert set(get_args(clearance.Clearance)) == {type(each) for each in CLEARANCES}


@pytest.mark.parametrize("stands", CLEARANCES, ids=lambda each: each.CODE)
def test_the_gate_opens_exactly_where_a_clearance_is_in_force(stands: clearance.Clearance) -> None:
    assert clearance.in_force(stands) is (() == gate.lacking(with_clearance(stands)))


@pytest.mark.parametrize("stands", CLEARANCES, ids=lambda each: each.CODE)
def test_what_points_to_her_asks_for_agreement_whatever_the_other_rules_say(stands: clearance.Clearance) -> None:
    """SR-6: "points to victim" needs agreement and the safety step in place first."""
    pointing = with_clearance(stands, "points-to-victim")
    is_agreed = isinstance(stands, clearance.Agreed | clearance.ConditionsDone)

    assert is_agreed is (gate.points_to_victim_without_agreement(task(), pointing) is None)


def test_what_is_missing_is_listed_whole() -> None:
    listed = ("clearance-missing", "not-authorised", "points-to-victim-without-agreement")

    assert listed == gate.lacking(fold(action, [POINTS]))
    assert () == gate.lacking(fold(action, READY))


def test_nothing_is_known_of_an_action_that_is_not_there_so_everything_is_missing() -> None:
    assert ("clearance-missing", "not-authorised", "attribution-plan-missing") == gate.lacking(state.Unknown())


def test_every_rule_of_the_gate_quotes_the_safety_rule_it_keeps() -> None:
    assert [] == [rule.__name__ for rule in gate.GATE if "SR-" not in (rule.__doc__ or "")]


def test_a_refusal_keeps_the_answer_of_every_rule() -> None:
    with pytest.raises(Rejected) as refused:
        action.decide(task(), fold(action, [proposed()]))

    assert answers(action.POLICIES, task(), fold(action, [proposed()])) == refused.value.answers
    assert len(gate.GATE) == len(refused.value.answers)


def test_rules_can_be_asked_of_an_action_in_any_shape() -> None:
    """The record of a command keeps what every rule says, whatever came of the command."""
    shapes = [fold(action, events) for _, events, _ in TABLE] + [state.Unknown(), fold(action, [*READY, tasked()])]

    for shape in shapes:
        assert len(gate.GATE) == len(answers(action.POLICIES, task(), shape))
