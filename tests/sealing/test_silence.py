"""Personal values and keys are in no representation, no error and no log of the sealing code, whatever goes wrong."""

import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from infra.clock import ManualClock
from infra.entropy import SeededEntropy
from infra.sealing.binding import bind
from infra.sealing.blind_index import tokens
from infra.sealing.keyring import Keyring
from infra.sealing.keys import Keys, load_keys
from infra.sealing.sealer import Sealer
from infra.sealing.wrapping import Tampered
from schemas.sealed import Sealed

CANARY = "canary-7f3a"
DANIEL = "per_daniel"


@pytest.fixture
def keys(key_directory: Path) -> Keys:
    return load_keys(key_directory, "intake")


@pytest.fixture
def intake(keyring: Keyring, keys: Keys, entropy: SeededEntropy) -> Sealer:
    return Sealer("intake", keyring, keys, entropy)


@pytest.fixture(autouse=True)
def logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Everything that any library logs at any level is looked through after each test."""
    caplog.set_level(logging.DEBUG)
    yield
    assert CANARY not in caplog.text


def said(refused: pytest.ExceptionInfo[BaseException]) -> str:
    """All that an error and those behind it say, shown or suppressed, with what they carry along."""
    parts, error = [], refused.value
    parts += traceback.format_exception(error)
    while True:
        parts += [str(error), repr(error), repr(error.args), repr(vars(error))]
        behind = error.__cause__ or error.__context__
        if behind is None:
            return "\n".join(parts)
        error = behind


def told(act: Callable[[], object], kind: type[BaseException]) -> str:
    with pytest.raises(kind) as refused:
        act()
    return said(refused)


def test_a_canary_in_an_error_would_be_found() -> None:
    def fail() -> None:
        try:
            (CANARY + "\ud800").encode()
        except UnicodeEncodeError:
            raise ValueError("quiet") from None

    assert CANARY in told(fail, ValueError)


def test_no_representation_shows_a_value_or_a_key(intake: Sealer, keyring: Keyring, keys: Keys) -> None:
    sealed = intake.seal("person", DANIEL, {"name": CANARY})
    _, key = keyring.data_key("person", DANIEL, "intake")
    shown = "".join(map(repr, (sealed, intake, keyring, keys, keys.private, keyring.__dict__["_store"])))

    assert CANARY not in shown
    assert repr(key) not in shown
    assert repr(keys.fingerprint) not in shown
    assert repr(keys.index["person"]) not in shown


def test_a_value_that_cannot_be_sealed_is_not_repeated(intake: Sealer) -> None:
    text_of_error = told(lambda: intake.seal("person", DANIEL, {"name": CANARY + "\ud800"}), ValueError)

    assert CANARY not in text_of_error
    assert "name" in text_of_error


def test_a_value_that_does_not_authenticate_is_not_repeated(intake: Sealer) -> None:
    sealed = intake.seal("person", DANIEL, {"name": CANARY})["name"]

    assert CANARY not in told(lambda: intake.unseal(msgspec.structs.replace(sealed, field="note")), Tampered)


def test_a_value_that_is_no_text_is_not_repeated(intake: Sealer, keyring: Keyring) -> None:
    key_id, key = keyring.data_key("person", DANIEL, "intake")
    content = CANARY.encode() + b"\xff"
    sealed = Sealed(
        compartment="person",
        subject=DANIEL,
        field="name",
        key_id=key_id,
        nonce=bytes(12),
        ciphertext=AESGCM(key).encrypt(bytes(12), content, bind("field", "person", DANIEL, "name")),
    )

    assert CANARY not in told(lambda: intake.unseal(sealed), Tampered)


def test_a_value_of_a_compartment_not_held_is_not_repeated(intake: Sealer) -> None:
    sealed = intake.seal("victim", "vic_leanne", {"address": CANARY})["address"]

    assert CANARY not in told(lambda: intake.unseal(sealed), PermissionError)


def test_an_identifier_of_a_compartment_not_held_is_not_repeated(keys: Keys) -> None:
    assert CANARY not in told(lambda: tokens(keys, "victim", {"phone": CANARY}), PermissionError)


def test_an_identifier_that_is_not_unicode_has_a_token_all_the_same(keys: Keys) -> None:
    assert 64 == len(tokens(keys, "person", {"name": CANARY + "\ud800"})["name"])


def test_a_broken_keyring_repeats_neither_values_nor_keys_nor_tokens(
    tmp_path: Path, keys: Keys, clock: ManualClock, entropy: SeededEntropy
) -> None:
    url = f"sqlite:///{tmp_path / 'broken.db'}"
    keyring = Keyring(url, keys.public, clock, entropy)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE data_keys"))
        connection.execute(text("DROP TABLE tokens"))
    engine.dispose()
    intake = Sealer("intake", keyring, keys, entropy)
    with pytest.raises(DBAPIError) as unsealed:
        intake.seal("person", DANIEL, {"name": CANARY})
    with pytest.raises(DBAPIError) as unremembered:
        keyring.remember_tokens("person", DANIEL, [CANARY])
    keyring.close()

    assert CANARY not in said(unsealed)
    assert CANARY not in "".join(traceback.format_exception(unremembered.value)) + repr(unremembered.value)
