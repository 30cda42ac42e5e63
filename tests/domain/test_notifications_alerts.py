"""The table of alerts: the liaison worker stands first in each, nobody is told nothing, and no place is ever named."""

import pytest

from infra.decider import fold
from schemas import catalogue
from schemas.event import Event
from services.notifications.domain import addressees, alerts, audience, errands, notice, wording
from services.notifications.domain.addressees import ON_THE_VICTIMS_SIDE
from services.notifications.domain.alerts import Alert, Telling
from services.notifications.domain.audience import Audience
from services.notifications.domain.refusals import REFUSALS
from services.notifications.service import NOTIFICATIONS
from tests.domain import told
from tests.domain.told import CASE_MANAGER, LIAISON
from tests.refusal_codes import codes_of

NOBODY = audience.INITIAL
HER_ALONE = Audience(liaison=(LIAISON,), case_manager=None)
HIM_ALONE = Audience(liaison=(), case_manager=CASE_MANAGER)
BOTH = Audience(liaison=(LIAISON, "wrk_lou"), case_manager=CASE_MANAGER)
HIM_ON_BOTH_SIDES = Audience(liaison=(CASE_MANAGER,), case_manager=CASE_MANAGER)
HER_ON_BOTH_SIDES = Audience(liaison=(LIAISON,), case_manager=LIAISON)
AUDIENCES = (NOBODY, HER_ALONE, HIM_ALONE, BOTH, HIM_ON_BOTH_SIDES, HER_ON_BOTH_SIDES)

TELLINGS = tuple((alert, telling) for alert in alerts.ALL for telling in alert.tells)


def name(thing: object) -> str:
    match thing:
        case Alert(event=event):
            return event.TYPE
        case Telling(code=code):
            return code
        case Event():
            return thing.TYPE
        case _:
            return ""


@pytest.mark.parametrize("alert", alerts.ALL, ids=name)
def test_sr_9_the_liaison_worker_always_comes_first(alert: Alert) -> None:
    is_hers = [telling.to in ON_THE_VICTIMS_SIDE for telling in alert.tells]

    assert sorted(is_hers, reverse=True) == is_hers


SR_9 = ("received-into-custody", "order-granted", "order-served", "order-breached", "task-done", "person-aware")


@pytest.mark.parametrize("code", SR_9)
def test_sr_9_she_is_told_of_every_fact_that_changes_the_risk(code: str) -> None:
    assert addressees.LIAISON in [telling.to for _, telling in TELLINGS if telling.code == code]


@pytest.mark.parametrize("alert", alerts.ALL, ids=name)
@pytest.mark.parametrize("around", AUDIENCES)
def test_nobody_s_list_is_empty_each_alert_comes_to_at_least_one(alert: Alert, around: Audience) -> None:
    assert alert.tells
    assert all(telling.to.lists(around) for telling in alert.tells)


@pytest.mark.parametrize("addressee", addressees.ALL, ids=lambda addressee: addressee.name)
def test_escalation_stays_on_the_addressees_own_side(addressee: addressees.Addressee) -> None:
    is_hers = addressee in ON_THE_VICTIMS_SIDE

    assert (addressees.LIAISON_LEAD if is_hers else addressees.PRACTICE_MANAGER) == addressee.escalates_to


def test_where_no_worker_is_known_it_comes_to_those_who_must_name_one() -> None:
    assert ("role:liaison-lead",) == addressees.LIAISON.lists(NOBODY)
    assert ("role:coordinator",) == addressees.CASE_MANAGER.lists(NOBODY)


def test_every_liaison_worker_of_his_victims_is_told() -> None:
    assert (LIAISON, "wrk_lou") == addressees.LIAISON.lists(BOTH)


@pytest.mark.parametrize("event", told.everything(), ids=name)
def test_a_fact_sets_off_at_most_one_alert_beside_that_of_the_two_sides(event: Event) -> None:
    for around in AUDIENCES:
        found = [alert for alert in alerts.set_off_by(event, around) if alert not in alerts.OF_BOTH_SIDES]

        assert len(found) <= 1


def test_every_alert_is_set_off_by_some_fact() -> None:
    found = [alert for event in told.everything() for around in AUDIENCES for alert in alerts.set_off_by(event, around)]

    assert [] == [alert for alert in alerts.ALL if alert not in found]


UNTOLD = frozenset({"intake.referral-received.v1", "disruption.action-proposed.v1", "disruption.action-changed.v1"})
"""The first two are not heard; the third only settles what was asked about the version before."""


@pytest.mark.parametrize("event", told.everything(), ids=name)
def test_every_fact_that_is_heard_is_told_to_somebody(event: Event) -> None:
    is_noted_alone = event.TYPE.startswith("victim-liaison.liaison-")

    assert (event.TYPE not in UNTOLD) == bool(alerts.set_off_by(event, NOBODY)) or is_noted_alone


@pytest.mark.parametrize(("alert", "telling"), TELLINGS, ids=name)
def test_what_is_told_is_a_code_and_a_reference(alert: Alert, telling: Telling) -> None:
    for event in told.everything():
        if type(event) is alert.event and any(alert.when(event, around) for around in AUDIENCES):
            said = (telling.code, getattr(event, telling.about or alert.about), telling.detail(event) or "")

            assert told.PRISON not in said
            assert not any("establishment" in word for word in said)


@pytest.mark.parametrize(("alert", "telling"), TELLINGS, ids=name)
def test_every_alert_has_words_for_the_side_it_goes_to(alert: Alert, telling: Telling) -> None:
    is_hers = telling.to in ON_THE_VICTIMS_SIDE

    assert telling.code in wording.BY_CODE, alert
    assert wording.next_step(telling.code, on_the_victims_side=is_hers)


def test_every_wording_is_used_and_written_once() -> None:
    assert sorted({telling.code for _, telling in TELLINGS}) == sorted(written.code for written in wording.ALL)


def test_words_are_said_only_to_a_side_that_is_told() -> None:
    told_to = {(telling.code, telling.to in ON_THE_VICTIMS_SIDE) for _, telling in TELLINGS}
    written = {(one.code, True) for one in wording.ALL if one.for_liaison}
    written |= {(one.code, False) for one in wording.ALL if one.for_case}

    assert told_to == written


@pytest.mark.parametrize("errand", errands.ALL, ids=lambda errand: errand.code)
def test_an_errand_has_one_list_and_is_about_what_the_alert_is_about(errand: errands.Errand) -> None:
    asked = [(alert, telling) for alert, telling in TELLINGS if telling.code == errand.code]

    assert asked
    assert {errand.about} == {telling.about or alert.about for alert, telling in asked}
    assert 1 == len({telling.to.lists(around) for _, telling in asked for around in AUDIENCES})


def test_every_clock_is_in_the_catalogue() -> None:
    assert set() == {telling.clock for _, telling in TELLINGS} - set(catalogue.clocks())


def test_a_broken_order_is_urgent_for_both_sides() -> None:
    tellings = [telling for _, telling in TELLINGS if telling.code == "order-breached"]

    assert [alerts.URGENT, alerts.URGENT] == [telling.clock for telling in tellings]


def test_she_is_not_told_why_a_task_was_recalled() -> None:
    hers, his = (telling for _, telling in TELLINGS if telling.code == "task-recalled")

    assert (None, "clearance-suspended") == (hers.detail(told.task_recalled()), his.detail(told.task_recalled()))


def test_a_sentence_says_the_detail_in_words() -> None:
    assert "An order was broken: telephone." == wording.sentence("order-breached", "telephone")
    assert "An order was served: he knows of it." == wording.sentence("order-served", None)
    assert "Something that you may act on was let known: unlawful phone likely on the wing." == wording.sentence(
        "information-released", "unlawful-phone-likely-on-wing"
    )


def test_a_code_given_up_since_still_reads() -> None:
    assert "Tag fitted." == wording.sentence("tag-fitted", None)
    assert wording.next_step("tag-fitted", on_the_victims_side=True)


def test_the_audience_is_what_was_noted_last() -> None:
    events = (
        told.liaison_named(),
        told.liaison_named("wrk_lou"),
        told.liaison_named(),
        told.case_allocated("wrk_dara"),
        told.case_allocated(),
        told.liaison_stood_down("wrk_lou"),
    )

    assert Audience(liaison=(LIAISON,), case_manager=CASE_MANAGER) == fold(audience, events)


def test_every_refusal_has_its_sentence() -> None:
    assert set(REFUSALS) == codes_of("notifications", notice, audience)
    assert REFUSALS is NOTIFICATIONS.refusals
