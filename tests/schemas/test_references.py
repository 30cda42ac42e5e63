"""References say what they are of: one kind is never taken for another, whoever mixes them up."""

from itertools import permutations
from typing import Any, get_args

import msgspec
import pytest

from schemas import ids, vocabulary
from schemas.ids import derive

KINDS = {
    prefix: getattr(ids, f"{name}Id")
    for prefix, name in (
        ("per", "Person"),
        ("vic", "Victim"),
        ("rep", "Report"),
        ("ref", "Referral"),
        ("ord", "Order"),
        ("act", "Action"),
        ("tsk", "Task"),
        ("rel", "Release"),
        ("con", "Contact"),
        ("ntc", "Notice"),
    )
}


def fields(name: str) -> list[tuple[type[Any], str]]:
    """Every event with a field of this name."""
    return [(event, name) for event in vocabulary.ALL.values() if name in event.__struct_fields__]


@pytest.mark.parametrize(("event", "field"), fields("person") + fields("victim"), ids=str)
def test_sr_24_a_victims_reference_never_stands_where_a_perpetrators_is_asked_for(event: type[Any], field: str) -> None:
    wrong = {"person": derive("vic", "ruth"), "victim": derive("per", "alan")}[field]

    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, type_of(event, field))


def type_of(event: type[Any], field: str) -> Any:
    """The declared type of a field."""
    return next(one.type for one in msgspec.structs.fields(event) if one.name == field)


@pytest.mark.parametrize(("one", "other"), list(permutations(KINDS, 2)))
def test_no_reference_is_of_two_kinds(one: str, other: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(derive(one, "the same"), KINDS[other])


@pytest.mark.parametrize("prefix", KINDS)
def test_a_reference_is_derived_and_of_its_kind(prefix: str) -> None:
    reference = derive(prefix, "the same")

    assert reference == derive(prefix, "the same")
    assert reference != derive(prefix, "another")
    assert reference != derive(prefix, "the", "same")
    assert reference == msgspec.convert(reference, KINDS[prefix])


def test_parts_cannot_be_shifted_into_each_other() -> None:
    assert derive("act", "ab", "c") != derive("act", "a", "bc")


def test_every_reference_there_is_has_its_kind_here() -> None:
    patterns = [
        get_args(kind)[1].pattern
        for kind in vars(ids).values()
        if getattr(kind, "__metadata__", None) and kind not in (ids.WorkerId, ids.AgencyCode)
    ]

    assert sorted(patterns) == sorted(get_args(kind)[1].pattern for kind in KINDS.values())
