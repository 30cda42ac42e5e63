"""What intake does with what it hears."""

from typing import Any

import pytest
from msgspec import Raw

from infra.decider import fold
from infra.service import Ask, Heard, Note
from schemas.envelope import Record
from schemas.event import Event
from schemas.ids import derive
from services.intake.domain import referral, report, task
from services.intake.reactions import HEARS, react
from services.intake.service import INTAKE
from tests.domain.intake_examples import (
    BREACH,
    DETAILS,
    NOW,
    PERSON,
    REFERRAL,
    REPORT,
    VICTIM,
    identified,
    received,
    taken,
)
from tests.domain.test_intake_task import RECALLED, TASKED
from tests.known import KnownStates


def heard(event: Event, source: str) -> Heard:
    record = Record(
        id="one",
        source=source,
        type=event.TYPE,
        subject="stream",
        time="2026-03-02T09:00:00.000000Z",
        recordedtime="2026-03-02T09:00:00.000000Z",
        logicaltime=1,
        salt="",
        site="northmere",
        correlationid="one",
        causationid="one",
        actor="somebody",
        specversion="1.0",
        datacontenttype="application/json",
        data=Raw(b"{}"),
    )
    return Heard(source=source, record=record, event=event, raw=b"", number=1, hash=b"")


@pytest.mark.parametrize("event", [TASKED, RECALLED], ids=["tasked", "recalled"])
def test_a_task_is_noted_under_its_reference(event: Any) -> None:
    effects = react(heard(event, "disruption"), KnownStates({}))

    assert [Note(task, event.task, event)] == list(effects)


def test_a_referral_whose_person_is_known_goes_to_his_stream() -> None:
    told = received(REFERRAL, agency="northmere-police", person_details=DETAILS, victims=(VICTIM,))
    known = KnownStates({(report, REPORT): fold(report, [told, identified()])}, NOW)

    command = referral.ReceiveReferral(
        referral=derive("ref", REPORT),
        person=PERSON,
        agency="northmere-police",
        route="visible-high-risk",
        dash_score=17,
        person_details=DETAILS,
        victims=(VICTIM,),
        now=NOW,
    )

    assert [Ask(referral, PERSON, command)] == list(react(heard(identified(), "intake"), known))


def test_a_report_that_is_no_referral_leads_to_nothing_more() -> None:
    known = KnownStates({(report, REPORT): fold(report, [received(BREACH), identified(), taken()])})

    assert [] == list(react(heard(identified(), "intake"), known))


def test_what_it_does_not_act_on_leads_to_nothing() -> None:
    assert [] == list(react(heard(taken(), "intake"), KnownStates({})))


def test_intake_hears_itself_and_disruption() -> None:
    assert {"disruption", "intake"} == set(HEARS)
    assert HEARS == INTAKE.hears
