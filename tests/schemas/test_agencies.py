"""The agencies of a site: one checked TOML text each."""

import pytest

from schemas import agencies, catalogue
from schemas.agencies import AgencyFaulty
from schemas.reports import BY_KIND
from services.disruption.domain.tactics import ALL

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
    read = agencies.load({"example-homes.toml": HOMES})

    assert ["example-homes"] == list(read)
    assert ("agency.task-accepted.v1",) == read["example-homes"].may_tell


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("example-homes.toml", "code = ", "end of document"),
        ("example-homes.toml", HOMES.replace('kind = "housing"', 'kind = "circus"'), "kind"),
        ("example-homes.toml", HOMES.replace('area = "northmere"', ""), "area"),
        ("example-homes.toml", "colour = 'green'\n" + HOMES, "colour"),
        ("example-homes.toml", HOMES.replace("task-accepted.v1", "task-forgotten.v1"), "may_tell"),
        ("example-homes.toml", HOMES.replace("tenancy@", "tenancy at "), "email"),
        ("other-homes.toml", HOMES, "example-homes"),
    ],
)
def test_a_file_that_is_no_agency_is_named_with_its_field(name: str, text: str, where: str) -> None:
    with pytest.raises(AgencyFaulty, match=f"{name}: .*{where}"):
        agencies.load({name: text})


def test_the_agencies_of_the_site_are_whole() -> None:
    assert ["hmp-fennholt", "northmere-courts", "northmere-homes", "northmere-police"] == sorted(agencies.agencies())


def test_every_kind_of_report_is_told_by_some_agency() -> None:
    told = {kind for agency in agencies.agencies().values() for kind in agency.may_tell}

    assert set(BY_KIND) == told


def test_for_every_tactic_that_is_offered_there_is_an_agency_that_can_act() -> None:
    kinds = {agency.kind for agency in agencies.agencies().values()}

    assert [] == [tactic.code for tactic in ALL if catalogue.tactic(tactic.code).agency_kind not in kinds]
