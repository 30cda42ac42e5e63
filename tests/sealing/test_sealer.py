"""What is sealed opens for a holder, in its own place, until its subject is erased; and in no other way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.entropy import SeededEntropy
from infra.sealing.binding import bind
from infra.sealing.compartments import COMPARTMENTS, HOLDERS, held_by
from infra.sealing.keyring import Keyring
from infra.sealing.keys import load_keys
from infra.sealing.sealer import Sealer
from infra.sealing.wrapping import Tampered
from schemas.sealed import Compartment, Sealed

DANIEL, LEANNE = "per_daniel", "vic_leanne"
SERVICES = ("intake", "casework", "disruption", "victim_liaison", "notifications", "patterns", "audit", "console")

SealerOf = Callable[[str], Sealer]


@pytest.fixture
def sealer_of(keyring: Keyring, key_directory: Path, entropy: SeededEntropy) -> SealerOf:
    return lambda service: Sealer(service, keyring, load_keys(key_directory, service), entropy)


def test_what_intake_seals_casework_opens(sealer_of: SealerOf) -> None:
    sealed = sealer_of("intake").seal("person", DANIEL, {"name": "Daniel Example", "note": "Café — 10 °C"})
    casework = sealer_of("casework")

    assert {"name": "Daniel Example", "note": "Café — 10 °C"} == {
        field: casework.unseal(one) for field, one in sealed.items()
    }


def test_a_sealed_field_says_where_it_belongs_and_nothing_else(sealer_of: SealerOf) -> None:
    sealed = sealer_of("intake").seal("person", DANIEL, {"name": "Daniel Example"})["name"]

    assert ("person", DANIEL, "name") == (sealed.compartment, sealed.subject, sealed.field)
    assert b"Daniel Example" not in msgspec.json.encode(sealed)


def test_a_sealed_field_survives_the_journal(sealer_of: SealerOf) -> None:
    sealed = sealer_of("intake").seal("person", DANIEL, {"name": "Daniel Example"})["name"]
    read_back = msgspec.json.decode(msgspec.json.encode(sealed), type=Sealed)

    assert "Daniel Example" == sealer_of("casework").unseal(read_back)


def test_nothing_to_seal_makes_no_key(sealer_of: SealerOf, keyring: Keyring) -> None:
    assert {} == sealer_of("intake").seal("person", DANIEL, {})
    assert 0 == keyring.erase(DANIEL)


def test_the_fields_of_a_subject_share_a_key_and_no_nonce(sealer_of: SealerOf) -> None:
    sealed = sealer_of("intake").seal("person", DANIEL, {f"field-{number}": "same" for number in range(100)})

    assert 1 == len({one.key_id for one in sealed.values()})
    assert 100 == len({one.nonce for one in sealed.values()})
    assert 100 == len({one.ciphertext for one in sealed.values()})


@pytest.mark.parametrize("compartment", COMPARTMENTS)
@pytest.mark.parametrize("service", SERVICES)
def test_only_a_holder_opens_a_compartment(sealer_of: SealerOf, service: str, compartment: Compartment) -> None:
    sealer = sealer_of(service)
    sealed = sealer.seal(compartment, LEANNE, {"name": "Leanne Example"})["name"]
    if service in HOLDERS[compartment]:
        assert "Leanne Example" == sealer.unseal(sealed)
    else:
        with pytest.raises(PermissionError):
            sealer.unseal(sealed)


def test_intake_cannot_read_back_the_address_it_has_sealed(sealer_of: SealerOf) -> None:
    intake = sealer_of("intake")
    sealed = intake.seal("victim", LEANNE, {"address": "1 Example Street"})["address"]
    with pytest.raises(PermissionError):
        intake.unseal(sealed)

    assert "1 Example Street" == sealer_of("victim_liaison").unseal(sealed)


@pytest.mark.parametrize(
    "moved",
    [
        {"subject": "vic_other"},
        {"field": "note"},
        {"compartment": "staff"},
        {"nonce": bytes(12)},
        {"ciphertext": bytes(40)},
        {"ciphertext": b""},
    ],
)
def test_a_value_changed_or_moved_does_not_open(sealer_of: SealerOf, moved: dict[str, Any]) -> None:
    liaison = sealer_of("victim_liaison")
    sealed = liaison.seal("victim", LEANNE, {"address": "1 Example Street"})["address"]
    liaison.unseal(sealed)
    with pytest.raises(Tampered):
        liaison.unseal(msgspec.structs.replace(sealed, **moved))


def test_a_value_with_the_key_of_another_subject_does_not_open(sealer_of: SealerOf) -> None:
    intake = sealer_of("intake")
    mine = intake.seal("person", DANIEL, {"name": "Daniel Example"})["name"]
    other = intake.seal("person", "per_other", {"name": "Somebody Else"})["name"]
    with pytest.raises(Tampered):
        intake.unseal(msgspec.structs.replace(mine, key_id=other.key_id))


def test_every_single_bit_of_the_ciphertext_counts(sealer_of: SealerOf) -> None:
    intake = sealer_of("intake")
    sealed = intake.seal("person", DANIEL, {"code": "C1"})["code"]
    for bit in range(len(sealed.ciphertext) * 8):
        changed = bytearray(sealed.ciphertext)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Tampered):
            intake.unseal(msgspec.structs.replace(sealed, ciphertext=bytes(changed)))


def test_an_erased_subjects_values_are_none_and_others_are_not(sealer_of: SealerOf, keyring: Keyring) -> None:
    intake = sealer_of("intake")
    erased = intake.seal("person", DANIEL, {"name": "Daniel Example"})["name"]
    kept = intake.seal("person", "per_other", {"name": "Somebody Else"})["name"]
    intake.unseal(erased)
    keyring.erase(DANIEL)

    assert intake.unseal(erased) is None
    assert "Somebody Else" == intake.unseal(kept)


def test_an_erased_subject_may_not_be_asked_after_without_the_compartment(
    sealer_of: SealerOf, keyring: Keyring
) -> None:
    sealed = sealer_of("intake").seal("victim", LEANNE, {"name": "Leanne Example"})["name"]
    keyring.erase(LEANNE)
    with pytest.raises(PermissionError):
        sealer_of("casework").unseal(sealed)


def test_what_holds_no_text_is_reported_as_tampered(sealer_of: SealerOf, keyring: Keyring) -> None:
    key_id, key = keyring.data_key("person", DANIEL, "intake")
    nonce = bytes(12)
    ciphertext = AESGCM(key).encrypt(nonce, b"\xff", bind("field", "person", DANIEL, "name"))
    forged = Sealed(
        compartment="person", subject=DANIEL, field="name", key_id=key_id, nonce=nonce, ciphertext=ciphertext
    )
    with pytest.raises(Tampered):
        sealer_of("intake").unseal(forged)


def test_threads_that_seal_and_open_one_new_subject_lose_nothing(sealer_of: SealerOf) -> None:
    intake = sealer_of("intake")

    def there_and_back(number: int) -> str | None:
        return intake.unseal(intake.seal("person", DANIEL, {"note": f"note {number}"})["note"])

    with ThreadPoolExecutor(8) as threads:
        opened = list(threads.map(there_and_back, range(200)))

    assert [f"note {number}" for number in range(200)] == opened


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(plain=st.text(), field=st.text(), subject=st.text())
def test_any_text_comes_back_as_it_was(sealer_of: SealerOf, plain: str, field: str, subject: str) -> None:
    sealed = sealer_of("intake").seal("person", subject, {field: plain})[field]

    assert plain == sealer_of("casework").unseal(sealed)


@given(parts=st.lists(st.text()), others=st.lists(st.text()))
def test_different_places_are_bound_differently(parts: list[str], others: list[str]) -> None:
    assert (parts == others) == (bind("field", *parts) == bind("field", *others))
    assert bind("field", *parts) != bind("data-key", *parts)
    assert bind("field", *parts, "end") != bind("field", *parts)


def test_every_compartment_has_holders_and_every_holder_is_found() -> None:
    assert set(get_args(Compartment)) == set(HOLDERS)
    assert all(HOLDERS.values())
    assert ("person", "victim", "informant", "staff") == held_by("victim_liaison")
    assert () == held_by("patterns")
