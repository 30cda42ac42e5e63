"""Who may tell intake something, and who may see what it keeps."""

from typing import get_args

import pytest

from infra.web.reader import Reader, Role
from services.intake import access

ROLES = get_args(Role)


def reader(role: Role, agency: str = "northmere-police") -> Reader:
    return Reader(id="somebody", roles=frozenset({role}), agency=agency, site="northmere")


def test_an_agency_tells_in_its_own_name_alone() -> None:
    assert access.may_tell(reader("agency"), "northmere-police")
    assert not access.may_tell(reader("agency"), "hmp-fennholt")


@pytest.mark.parametrize("role", [role for role in ROLES if role != "agency"])
def test_nobody_else_tells_or_sees_receipts_in_an_agencys_name(role: Role) -> None:
    assert not access.may_tell(reader(role), "northmere-police")
    assert not access.may_see_receipts(reader(role), "northmere-police")


@pytest.mark.parametrize("role", ROLES)
def test_coordinators_alone_see_what_waits_and_what_was_refused(role: Role) -> None:
    is_coordinator = role == "coordinator"

    assert is_coordinator == access.may_see_waiting(reader(role))
    assert is_coordinator == access.may_see_refused(reader(role))
    assert is_coordinator == access.may_identify(reader(role))
