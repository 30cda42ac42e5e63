"""Who may work with whom: the case manager of that person and those who see all; never the victim's side."""

import pytest

from infra.decider import fold
from infra.web.reader import Reader, Role
from schemas.casework import CaseAllocated, CaseOpened
from schemas.event import Event
from schemas.ids import derive
from schemas.victim_liaison import LiaisonNamed, LiaisonStoodDown
from services.disruption import access
from services.disruption.domain import person
from tests.domain.disruption_examples import CHRIS, PERSON, PRISON

OPENED = CaseOpened(person=PERSON, referral=derive("ref", "the first"))
ALLOCATED = CaseAllocated(person=PERSON, worker=CHRIS)
NAMED = LiaisonNamed(person=PERSON, worker=CHRIS, standing="substitute")
STOOD_DOWN = LiaisonStoodDown(person=PERSON, worker=CHRIS)


def reader(*roles: Role, id: str = CHRIS, agency: str = "") -> Reader:
    return Reader(id=id, roles=frozenset(roles), agency=agency, site="nowhere")


@pytest.mark.parametrize(
    ("who", "events", "may"),
    [
        (reader("case-manager"), (OPENED, ALLOCATED), True),
        (reader("case-manager"), (OPENED,), False),
        (reader("case-manager", id="wrk_other"), (OPENED, ALLOCATED), False),
        (reader("case-manager"), (ALLOCATED, CaseAllocated(person=PERSON, worker="wrk_other")), False),
        (reader("coordinator"), (OPENED,), True),
        (reader("practice-manager"), (OPENED, ALLOCATED), True),
        (reader("practice-manager"), (), False),
        (reader("coordinator"), (), False),
        (reader("case-manager", "liaison-worker"), (OPENED, ALLOCATED), False),
        (reader("practice-manager", "liaison-lead"), (OPENED, ALLOCATED), False),
        (reader("case-manager"), (OPENED, ALLOCATED, NAMED), False),
        (reader("practice-manager"), (NAMED, OPENED), False),
        (reader("case-manager"), (OPENED, NAMED, ALLOCATED, STOOD_DOWN), True),
        (reader("liaison-worker"), (OPENED, ALLOCATED), False),
        (reader("auditor", "operator", "service"), (OPENED, ALLOCATED), False),
        (reader("agency", agency=PRISON), (OPENED, ALLOCATED), False),
        (reader(), (OPENED, ALLOCATED), False),
    ],
)
def test_actions_are_for_those_who_work_with_him(who: Reader, events: tuple[Event, ...], *, may: bool) -> None:
    assert may is access.may_work_with(who, fold(person, events))


@pytest.mark.parametrize(
    ("who", "events", "may"),
    [
        (reader("coordinator"), (), True),
        (reader("practice-manager"), (OPENED,), True),
        (reader("case-manager"), (OPENED, ALLOCATED), True),
        (reader("case-manager"), (), False),
        (reader("case-manager", id="wrk_other"), (OPENED, ALLOCATED), False),
        (reader("coordinator"), (NAMED,), False),
        (reader("liaison-worker"), (OPENED,), False),
    ],
)
def test_orders_of_people_without_a_case_are_for_those_who_see_all(
    who: Reader,
    events: tuple[Event, ...],
    *,
    may: bool,
) -> None:
    assert may is access.may_see_orders(who, fold(person, events))


def test_only_a_practice_manager_authorises() -> None:
    assert access.may_authorise(reader("practice-manager"))
    assert not access.may_authorise(reader("case-manager", "coordinator"))


def test_an_agency_sees_its_own_tasks_alone() -> None:
    assert access.may_see_tasks(reader("agency", agency=PRISON), PRISON)
    assert not access.may_see_tasks(reader("agency", agency="another"), PRISON)
    assert not access.may_see_tasks(reader("case-manager", agency=PRISON), PRISON)
