"""The blind index finds people by what they are called, and tells nothing to whoever does not hold its key."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.sealing.blind_index import canonical_name, tokens
from infra.sealing.keyring import Keyring
from infra.sealing.keys import Keys, load_keys

PNC = {"pnc": "2015/1234567A"}


@pytest.fixture
def intake(key_directory: Path) -> Keys:
    return load_keys(key_directory, "intake")


def test_one_identifier_has_one_token_for_every_holder(key_directory: Path, intake: Keys) -> None:
    casework = load_keys(key_directory, "casework")

    assert tokens(casework, "person", PNC) == tokens(intake, "person", PNC)


def test_a_token_is_hex_and_says_nothing_of_its_value(intake: Keys) -> None:
    token = tokens(intake, "person", PNC)["pnc"]

    assert 64 == len(bytes.fromhex(token)) * 2
    assert "1234567" not in token


def test_type_value_and_compartment_each_make_another_token(intake: Keys) -> None:
    made = [
        tokens(intake, "person", {"pnc": "1234"})["pnc"],
        tokens(intake, "person", {"pnc": "1235"})["pnc"],
        tokens(intake, "person", {"cro": "1234"})["cro"],
        tokens(intake, "person", {"pn": "c1234"})["pn"],
        tokens(intake, "report", {"pnc": "1234"})["pnc"],
    ]

    assert len(made) == len(set(made))


def test_another_site_makes_other_tokens(intake: Keys) -> None:
    elsewhere = Keys(public={}, private={}, index={"person": bytes(32)}, fingerprint=bytes(32))

    assert tokens(elsewhere, "person", PNC) != tokens(intake, "person", PNC)


def test_who_does_not_hold_the_compartment_can_try_nobody_out(intake: Keys) -> None:
    with pytest.raises(PermissionError, match="victim"):
        tokens(intake, "victim", {"phone": "+447700900123"})


def test_a_person_is_found_by_a_token(keyring: Keyring, intake: Keys) -> None:
    keyring.remember_tokens("person", "per_daniel", list(tokens(intake, "person", PNC).values()))

    assert {"per_daniel"} == keyring.find("person", [tokens(intake, "person", PNC)["pnc"]])


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("Daniel Example", "daniel example"),
        ("  DANIEL \t\n  EXAMPLE ", "daniel example"),
        ("Zoë O'Neil", "zoe o'neil"),
        ("Zoe\u0308 O'Neil", "zoe o'neil"),
        ("Weiß", "weiss"),
        ("WEISS", "weiss"),
        ("İpek", "ipek"),
        ("Łukasz", "łukasz"),
        ("Nguyễn\u00a0Văn", "nguyen van"),
        ("\ufb01nn", "finn"),
        ("", ""),
    ],
)
def test_the_ways_a_name_is_written_are_one(written: str, canonical: str) -> None:
    assert canonical == canonical_name(written)


@given(st.text())
def test_a_canonical_name_is_canonical(name: str) -> None:
    once = canonical_name(name)

    assert once == canonical_name(once)
    assert once == canonical_name(unicodedata.normalize("NFD", name))
    assert once == canonical_name(unicodedata.normalize("NFC", f" {name}\n"))
