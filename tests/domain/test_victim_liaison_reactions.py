"""What the victim's side does with what it hears."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.decider import fold
from infra.service import Ask, ClearDeadline, Note, SetDeadline
from schemas.event import Event
from services.victim_liaison.deadlines import deadlines, on_due
from services.victim_liaison.domain import circle, consultation
from services.victim_liaison.domain.consultation import AddVictim, CloseConsultation, Consult, Escalate, Reassign
from services.victim_liaison.reactions import HEARS, react
from tests.domain.victim_liaison_examples import (
    ACTION,
    DETAILS,
    DUE,
    LATER,
    LENA,
    MAY,
    NINA,
    NOW,
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
    answered,
    asked,
    case_allocated,
    case_opened,
    heard,
    opened,
    question_added,
    substitute_named,
    victim_known,
    victim_named,
    worker_assigned,
)
from tests.known import KnownStates


def around(*events: Event, now: datetime = NOW) -> KnownStates:
    return KnownStates({(circle, PERSON): fold(circle, events)}, now)


def reaction(event: Event, known: KnownStates) -> Sequence[Note | Ask]:
    return react(heard(event), known)


def note(event: Any) -> Note:
    return Note(circle, PERSON, event)


def add(victim: str, worker: str | None) -> AddVictim:
    return AddVictim(victim=victim, worker=worker, due_at=DUE)


def test_a_named_victim_is_known() -> None:
    know = circle.KnowVictim(victim=RUTH, person=PERSON, referral=REFERRAL, details=DETAILS)

    assert (Ask(circle, PERSON, know),) == reaction(victim_named(), around())


def test_a_named_victim_suspends_before_she_is_even_known() -> None:
    first, *_, last = reaction(victim_named(NINA), around(action_proposed(), action_proposed(OTHER_ACTION)))

    assert Ask(consultation, ACTION, add(NINA, None)) == first
    assert isinstance(last, Ask)
    assert isinstance(last.command, circle.KnowVictim)


def test_a_victim_recorded_here_is_asked_about_in_every_open_action() -> None:
    known = around(action_proposed(), action_proposed(OTHER_ACTION), action_withdrawn(), victim_known(NINA))

    assert (Ask(consultation, OTHER_ACTION, add(NINA, None)),) == reaction(victim_known(NINA), known)


def test_a_worker_who_was_named_meanwhile_is_asked_at_once() -> None:
    known = around(action_proposed(), victim_known(NINA), worker_assigned(NINA, MAY))

    assert (Ask(consultation, ACTION, add(NINA, MAY)),) == reaction(victim_known(NINA), known)


def test_a_new_worker_is_asked_in_every_open_action() -> None:
    known = around(victim_known(), action_proposed(), worker_assigned())

    assert (Ask(consultation, ACTION, Reassign(victim=RUTH, worker=LENA)),) == reaction(worker_assigned(), known)


def test_an_overtaken_assignment_asks_who_is_her_worker_now() -> None:
    known = around(victim_known(), action_proposed(), worker_assigned(), worker_assigned(worker=MAY))

    assert (Ask(consultation, ACTION, Reassign(victim=RUTH, worker=MAY)),) == reaction(worker_assigned(), known)


def test_a_substitute_is_asked_where_no_victim_is_known() -> None:
    known = around(action_proposed(), substitute_named())

    assert (Ask(consultation, ACTION, Reassign(victim=None, worker=SUE)),) == reaction(substitute_named(), known)


def test_a_proposed_action_is_asked_about_and_noted() -> None:
    proposed = action_proposed()
    consult = Consult(action=ACTION, version=1, person=PERSON, asked=(asked(RUTH, LENA),), due_at=DUE)

    assert (Ask(consultation, ACTION, consult), note(proposed)) == reaction(
        proposed, around(victim_known(), worker_assigned())
    )


def test_a_changed_action_is_asked_about_anew() -> None:
    changed = action_changed()
    consult = Consult(action=ACTION, version=2, person=PERSON, asked=(asked(None, None),), due_at=DUE)

    assert (Ask(consultation, ACTION, consult), note(changed)) == reaction(changed, around(action_proposed()))


def test_a_consultation_has_two_working_days() -> None:
    friday = datetime(2025, 4, 17, 8, tzinfo=UTC)
    asking = reaction(action_proposed(), around(now=friday))[0]

    assert isinstance(asking, Ask)
    assert datetime(2025, 4, 23, 8, tzinfo=UTC) == asking.command.due_at, "Good Friday and Easter Monday do not count"


def test_the_end_of_an_action_closes_its_consultation() -> None:
    close = Ask(consultation, ACTION, CloseConsultation())

    for end in (action_withdrawn(), action_concluded()):
        assert (close, note(end)) == reaction(end, around(action_proposed()))


def test_what_is_only_needed_later_is_noted() -> None:
    for event in (action_tasked(), case_opened(), case_allocated()):
        assert (note(event),) == reaction(event, around())


def test_everything_heard_leads_to_something() -> None:
    known = around(victim_known(), worker_assigned(), substitute_named(), action_proposed())
    events = [
        victim_named(),
        case_opened(),
        case_allocated(),
        action_proposed(),
        action_changed(),
        action_tasked(),
        action_withdrawn(),
        action_concluded(),
        victim_known(),
        worker_assigned(),
        substitute_named(),
    ]

    assert {kind for kinds in HEARS.values() for kind in kinds} == {type(event) for event in events}
    assert all(reaction(event, known) for event in events)


def test_what_is_not_heard_leads_to_nothing() -> None:
    assert () == reaction(opened(), around())


def test_each_question_has_a_clock_of_its_own() -> None:
    both = opened(asked(RUTH, LENA), asked(NINA, MAY))

    assert (SetDeadline(f"answer-{RUTH}", DUE), SetDeadline(f"answer-{NINA}", DUE)) == deadlines("s", both)
    assert (ClearDeadline("answer-no-victim"), SetDeadline(f"answer-{NINA}", LATER)) == deadlines("s", question_added())
    assert (ClearDeadline(f"answer-{RUTH}"),) == deadlines("s", answered())
    assert () == deadlines("s", case_allocated())


def test_a_due_time_comes_back_as_a_command() -> None:
    due = DUE + timedelta(seconds=1)

    assert Ask(consultation, ACTION, Escalate(now=due)) == on_due(f"consultation-{ACTION}", f"answer-{RUTH}", due)
