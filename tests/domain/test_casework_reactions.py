"""What casework does with what it hears, and that every service's sentence of refusal is there."""

import pytest

from infra.decider import fold
from infra.service import Ask, Heard, Note
from schemas.event import Event
from services.casework import reactions
from services.casework.domain import case, timeline
from services.casework.domain.case import OpenCase, RecordCustody
from services.casework.domain.refusals import REFUSALS
from services.casework.reactions import react
from services.casework.service import CASEWORK
from tests.domain import told
from tests.domain.told import NOW, PERSON, REFERRAL, REPORT, THEN, record_of
from tests.known import KnownStates
from tests.refusal_codes import codes_of

NOTHING_KNOWN = KnownStates({}, NOW)


def heard(event: Event) -> Heard:
    return Heard("elsewhere", record_of(event), event, b"", 1, bytes(32))


def test_a_referral_is_noted_before_the_case_is_opened_on_it() -> None:
    referral = told.referral_received()

    assert (
        Note(case, PERSON, referral),
        Ask(case, PERSON, OpenCase(person=PERSON, referral=REFERRAL)),
    ) == tuple(react(heard(referral), NOTHING_KNOWN))


def test_custody_is_taken_from_the_prisons_report_and_the_wing_is_left() -> None:
    command = RecordCustody(
        person=PERSON, report=REPORT, occurred_at=THEN, establishment=told.sealed("establishment", REPORT)
    )

    assert [Ask(case, PERSON, command)] == list(react(heard(told.received_into_custody()), NOTHING_KNOWN))


def test_other_reports_are_for_others_to_act_on() -> None:
    assert [] == list(react(heard(told.phones_recovered()), NOTHING_KNOWN))


@pytest.mark.parametrize("event", told.everything(), ids=lambda event: event.TYPE)
def test_what_is_heard_is_acted_on_or_noted_as_it_is(event: Event) -> None:
    effects = react(heard(event), NOTHING_KNOWN)

    heard_kinds = {kind for kinds in reactions.HEARS.values() for kind in kinds}
    assert (type(event) in heard_kinds) == bool(effects)
    assert all(event == effect.event for effect in effects if isinstance(effect, Note))


@pytest.mark.parametrize("event", told.everything(), ids=lambda event: event.TYPE)
def test_every_note_folds(event: Event) -> None:
    for effect in react(heard(event), NOTHING_KNOWN):
        if isinstance(effect, Note):
            fold(case, [effect.event])


def test_what_is_noted_for_the_timeline_stands_on_it() -> None:
    foreign = {row.event for row in timeline.ALL if not row.event.TYPE.startswith("casework.")}
    heard_kinds = {kind for kinds in reactions.HEARS.values() for kind in kinds}

    assert set() == foreign - heard_kinds


def test_every_refusal_has_its_sentence() -> None:
    assert set(REFUSALS) == codes_of("casework", case)
    assert REFUSALS is CASEWORK.refusals
