"""Finding whom a report is about by tokens alone, and learning identifiers from referrals alone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, get_args

import pytest

from schemas.ids import derive
from schemas.reports.report import Identifier
from services.intake import finding
from services.intake.finding import STRENGTH, Found
from tests.domain.intake_examples import OTHER_PERSON, PERSON

PNC = ("PNC", "2002/0073319Z")
NOMS = ("NOMS", "A1234BC")
CRN = ("CRN", "X716298")


class Index:
    """The part of a desk that finds: an index in memory, whose tokens are the identifiers themselves."""

    site = "northmere"

    def __init__(self) -> None:
        self.known: defaultdict[str, set[str]] = defaultdict(set)

    async def tokens(self, _compartment: str, identifiers: Mapping[str, str]) -> dict[str, str]:
        return {kind: f"{kind}:{value}" for kind, value in identifiers.items()}

    async def find(self, _compartment: str, tokens: Sequence[str]) -> set[str]:
        return {subject for token in tokens for subject in self.known.get(token, ())}

    async def remember(self, _compartment: str, subject: str, tokens: Sequence[str]) -> None:
        for token in tokens:
            self.known[token].add(subject)


@pytest.fixture
def desk() -> Any:
    return Index()


async def test_without_identifiers_nobody_is_looked_for(desk: Any) -> None:
    assert Found() == await finding.find(desk, ())


async def test_somebody_is_found_by_any_of_his_identifiers(desk: Any) -> None:
    await desk.remember("person", PERSON, ["NOMS:A1234BC"])

    assert (PERSON,) == (await finding.find(desk, (PNC, NOMS))).candidates


async def test_identifiers_of_two_people_find_both(desk: Any) -> None:
    await desk.remember("person", PERSON, ["NOMS:A1234BC"])
    await desk.remember("person", OTHER_PERSON, ["PNC:2002/0073319Z"])

    assert tuple(sorted((PERSON, OTHER_PERSON))) == (await finding.find(desk, (PNC, NOMS))).candidates


async def test_a_new_persons_reference_does_not_depend_on_the_order_of_his_identifiers(desk: Any) -> None:
    one = await finding.find(desk, (PNC, NOMS, CRN))
    other = await finding.find(desk, (CRN, NOMS, PNC))
    strongest = await finding.find(desk, (PNC,))

    assert one.new_person == other.new_person == strongest.new_person
    assert derive("per", "northmere", "PNC", "PNC:2002/0073319Z") == one.new_person


async def test_all_identifiers_of_a_new_person_are_learnt(desk: Any) -> None:
    found = await finding.find(desk, (PNC, NOMS))

    await finding.learn(desk, found)

    assert (found.new_person,) == (await finding.find(desk, (NOMS,))).candidates


async def test_a_known_person_is_known_by_further_identifiers_afterwards(desk: Any) -> None:
    await desk.remember("person", PERSON, ["PNC:2002/0073319Z"])

    await finding.learn(desk, await finding.find(desk, (PNC, NOMS)))

    assert (PERSON,) == (await finding.find(desk, (NOMS,))).candidates


async def test_nothing_is_learnt_where_two_people_answer(desk: Any) -> None:
    await desk.remember("person", PERSON, ["NOMS:A1234BC"])
    await desk.remember("person", OTHER_PERSON, ["PNC:2002/0073319Z"])

    await finding.learn(desk, await finding.find(desk, (PNC, NOMS, CRN)))

    assert () == (await finding.find(desk, (CRN,))).candidates


async def test_learning_twice_changes_nothing(desk: Any) -> None:
    found = await finding.find(desk, (PNC, NOMS))

    await finding.learn(desk, found)
    await finding.learn(desk, found)

    assert (found.new_person,) == (await finding.find(desk, (PNC, NOMS))).candidates


def test_every_type_of_identifier_has_its_strength() -> None:
    assert set(STRENGTH) == set(get_args(Identifier.__annotations__["type"]))
