"""The agencies of a site: one checked TOML text each, and what each may tell."""

import pytest

from schemas.rejection import Rejected
from schemas.reports import BY_KIND
from services.intake import register
from services.intake.domain.agencies import load, refuse_unless_agreed

HOMES = """
code = "example-homes"
name = "Example Homes"
kind = "housing"
area = "northmere"
may_tell = ["agency.task-accepted.v1"]

[[contacts]]
role = "Tenancy desk"
email = "tenancy@example.org"
"""


def test_an_agency_is_read_from_its_file() -> None:
    agencies = load({"example-homes.toml": HOMES})

    assert ["example-homes"] == list(agencies)
    assert ("agency.task-accepted.v1",) == agencies["example-homes"].may_tell


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("example-homes.toml", "code = "),
        ("example-homes.toml", HOMES.replace('kind = "housing"', 'kind = "circus"')),
        ("example-homes.toml", HOMES.replace('area = "northmere"', "")),
        ("example-homes.toml", "colour = 'green'\n" + HOMES),
        ("example-homes.toml", HOMES.replace("task-accepted.v1", "task-forgotten.v1")),
        ("other-homes.toml", HOMES),
    ],
)
def test_a_file_that_is_no_agency_is_named(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=name):
        load({name: text})


def test_an_agency_tells_what_was_agreed_and_nothing_else() -> None:
    homes = load({"example-homes.toml": HOMES})["example-homes"]

    refuse_unless_agreed(homes, "agency.task-accepted.v1")
    with pytest.raises(Rejected) as refusal:
        refuse_unless_agreed(homes, "police.referral-made.v1")

    assert ("kind-not-agreed", "/type") == (refusal.value.code, refusal.value.pointer)


def test_the_agencies_that_come_with_the_service_are_whole() -> None:
    agencies = register.agencies()

    assert ["hmp-fennholt", "northmere-courts", "northmere-homes", "northmere-police"] == sorted(agencies)


def test_every_kind_of_report_is_told_by_some_agency() -> None:
    told = {kind for agency in register.agencies().values() for kind in agency.may_tell}

    assert set(BY_KIND) == told
