"""A report taken apart: no class of report lets a personal word through, and none needs a line of its own for that."""

from typing import Any

import msgspec
import pytest
from msgspec import inspect

from schemas.ids import derive
from schemas.reports import ALL, Facts
from schemas.reports.police import ReferralMade, VictimDetails
from schemas.reports.report import About, Code, Day, Identifier, Moment, Reference, Report, kind_of
from schemas.sealed import Sealed
from services.intake import sealing
from tests.domain.intake_examples import REPORT, TASK, sealed

CANARY = "canary"
CODED = {
    Moment: "2026-03-02T09:00:00Z",
    Day: "2026-03-02",
    Code: "some-code",
    Reference: "NM/26/0417",
}
BY_PATTERN = {inspect.type_info(kind).type.pattern: value for kind, value in CODED.items()}  # type: ignore[attr-defined]  # each is annotated text


def filled(shape: inspect.Type) -> Any:
    """A value of this shape with everything in it, and a canary wherever free words may stand."""
    match shape:
        case inspect.Metadata():
            return filled(shape.type)
        case inspect.UnionType():
            return filled(shape.types[0])
        case inspect.StructType():
            return shape.cls(**{field.name: filled(field.type) for field in shape.fields})
        case inspect.VarTupleType():
            return (filled(shape.item_type),)
        case inspect.LiteralType():
            return shape.values[0]
        case inspect.StrType(pattern=None):
            return CANARY
        case inspect.StrType():
            return BY_PATTERN.get(shape.pattern, TASK)
        case inspect.IntType():
            return shape.ge or 0
        case _:
            raise AssertionError(f"a report holds something new: {shape}")


def everything(kind: type[Report]) -> Facts:
    told: Facts = filled(inspect.type_info(kind))
    return told


def reachable(shape: inspect.Type) -> list[tuple[str, inspect.Type]]:
    """Every leaf below a shape with the name of its field; not below what is sealed."""
    match shape:
        case inspect.Metadata():
            return reachable(shape.type)
        case inspect.UnionType():
            return [leaf for member in shape.types for leaf in reachable(member)]
        case inspect.StructType():
            if shape.cls is Sealed:
                return []
            return [
                (f"{field.name}.{name}" if name else field.name, leaf)
                for field in shape.fields
                for name, leaf in reachable(field.type)
            ]
        case inspect.VarTupleType():
            return reachable(shape.item_type)
        case _:
            return [("", shape)]


def sealed_words(report: Facts) -> dict[str, Sealed]:
    return {name: sealed(name) for name in sealing.words(report)}


@pytest.mark.parametrize("kind", ALL, ids=kind_of)
def test_no_personal_word_of_any_report_is_in_its_facts(kind: type[Report]) -> None:
    report = everything(kind)

    facts = sealing.facts(report, sealed_words(report))

    assert CANARY not in repr(facts)
    assert facts.about is msgspec.UNSET
    assert () == sealing.victims(facts)
    assert all(isinstance(getattr(facts, name), Sealed) for name in sealing.text_fields(kind))


@pytest.mark.parametrize("kind", ALL, ids=kind_of)
def test_every_word_of_any_report_is_coded_or_can_be_sealed(kind: type[Report]) -> None:
    """A field of free words that is no `Text` would travel in the open: this finds it when the class is written."""
    may_be_sealed = set(sealing.text_fields(kind))

    free = {
        name
        for name, leaf in reachable(inspect.type_info(kind))
        if isinstance(leaf, inspect.StrType) and leaf.pattern is None
    }

    assert set() == {name for name in free - may_be_sealed if not name.startswith(("about.", "victims."))}


@pytest.mark.parametrize("kind", ALL, ids=kind_of)
def test_the_facts_of_any_report_travel_as_an_event_and_come_back(kind: type[Report]) -> None:
    report = everything(kind)
    facts = sealing.facts(report, sealed_words(report))

    assert facts == msgspec.json.decode(msgspec.json.encode(facts), type=kind)


@pytest.mark.parametrize("kind", ALL, ids=kind_of)
def test_no_text_of_a_report_is_sealed_under_the_name_of_a_persons_detail(kind: type[Report]) -> None:
    """Both are sealed to one compartment under the report: with one name, one could be put in the other's place."""
    about = About(
        identifiers=tuple(Identifier(type=name, value="x") for name in ("PNC", "CRO", "NOMS", "CRN")),
        family_name="x",
        given_names="x",
        born="1979-02-03",
    )
    details = sealing.details(about, [(identifier.type, identifier.type) for identifier in about.identifiers])

    assert set() == details.keys() & set(sealing.text_fields(kind))


def test_a_personal_word_that_was_not_sealed_stops_the_report() -> None:
    with pytest.raises(KeyError):
        sealing.facts(everything(ReferralMade), {})


def test_an_empty_text_stays_empty() -> None:
    report = ReferralMade(route="repeat", reason="")

    assert {} == sealing.words(report)
    assert "" == sealing.facts(report, {}).reason  # type: ignore[union-attr]  # it is a referral


def test_a_persons_details_are_his_names_his_birth_and_his_numbers() -> None:
    about = About(identifiers=(Identifier(type="PNC", value="x"),), family_name="Exampleby", born="1979-02-03")
    numbers = [("PNC", "2002/0073319Z"), ("NOMS", "A1234BC"), ("PNC", "1981/0000034U"), ("PNC", "2002/0073319Z")]

    expected = {
        "family_name": "Exampleby",
        "born": "1979-02-03",
        "pnc": "2002/0073319Z",
        "noms": "A1234BC",
        "pnc_2": "1981/0000034U",
    }

    assert expected == sealing.details(about, numbers)


def victim(given_names: str, family_name: str, relationship: str = "ex-partner") -> VictimDetails:
    return VictimDetails(family_name=family_name, given_names=given_names, relationship=relationship)


def test_everything_said_of_a_victim_is_sealed() -> None:
    said = filled(inspect.type_info(VictimDetails))

    assert set(VictimDetails.__struct_fields__) == sealing.victim_words(said).keys()


def test_a_victims_name_is_the_same_however_it_is_written_and_whatever_she_is_to_him() -> None:
    first = sealing.victim_names([victim("Zoë", "O'Sample")])
    second = sealing.victim_names([victim(" ZOE ", "o'sample", "partner")])

    assert first == second


def test_two_victims_of_one_name_in_one_report_are_two() -> None:
    names = sealing.victim_names([victim("Ann", "Sample"), victim("Ann", "Sample", "child"), victim("Ann", "Samples")])

    assert 3 == len(set(names))
    assert sealing.victim_names([victim("Ann", "Sample")]) == names[:1]


def test_what_one_report_says_of_one_victim_is_sealed_under_a_subject_of_its_own() -> None:
    subjects = {
        sealing.naming(REPORT, "one"),
        sealing.naming(REPORT, "two"),
        sealing.naming(derive("rep", "two"), "one"),
        sealing.refused_subject(REPORT, b"one"),
        REPORT,
    }

    assert 5 == len(subjects)


def test_what_is_too_long_to_be_kept_is_cut_and_says_so() -> None:
    long = "é" * sealing.RAW_BYTES_MAX
    kept, is_cut = sealing.cut("a" + long)

    assert is_cut
    assert sealing.RAW_BYTES_MAX - 1 == len(kept.encode())
    assert ("short", False) == sealing.cut("short")
