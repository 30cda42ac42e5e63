"""Key files: made once, for their owner's eyes only, and given out by service."""

import os
import stat
from pathlib import Path

import pytest

from infra.sealing.compartments import COMPARTMENTS, held_by
from infra.sealing.keys import init_keys, load_keys
from infra.sealing.wrapping import Tampered, generate, public_bytes, read_private, read_public, unwrap, wrap
from schemas.sealed import Compartment

KEY = bytes(range(32))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    directory = tmp_path / "site" / "keys"
    init_keys(directory)
    return directory


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_keys_of_a_site_are_for_their_owner_only(directory: Path) -> None:
    expected = {f"{name}.{kind}" for name in COMPARTMENTS for kind in ("public", "private", "index")}

    assert expected | {"fingerprint.key"} == {file.name for file in directory.iterdir()}
    assert 0o700 == mode(directory)
    assert {0o600} == {mode(file) for file in directory.iterdir()}


def test_a_loose_umask_does_not_open_them(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        init_keys(tmp_path / "keys")
    finally:
        os.umask(before)

    assert 0o700 == mode(tmp_path / "keys")
    assert {0o600} == {mode(file) for file in (tmp_path / "keys").iterdir()}


def test_no_two_sites_and_no_two_compartments_share_a_key(directory: Path, tmp_path: Path) -> None:
    init_keys(tmp_path / "other")
    contents = [file.read_bytes() for place in (directory, tmp_path / "other") for file in place.iterdir()]

    assert len(contents) == len(set(contents))


def test_keys_are_never_overwritten(directory: Path) -> None:
    before = {file.name: file.read_bytes() for file in directory.iterdir()}
    with pytest.raises(FileExistsError, match=r"fingerprint\.key"):
        init_keys(directory)

    assert before == {file.name: file.read_bytes() for file in directory.iterdir()}


def test_one_file_that_is_there_already_is_enough_to_write_none(tmp_path: Path) -> None:
    directory = tmp_path / "keys"
    directory.mkdir(mode=0o700)
    (directory / "victim.private").write_bytes(b"the only copy")
    with pytest.raises(FileExistsError, match=r"victim\.private"):
        init_keys(directory)

    assert ["victim.private"] == [file.name for file in directory.iterdir()]
    assert b"the only copy" == (directory / "victim.private").read_bytes()


def test_no_keys_are_made_in_a_directory_that_others_can_enter(tmp_path: Path) -> None:
    directory = tmp_path / "keys"
    directory.mkdir()
    directory.chmod(0o755)
    with pytest.raises(PermissionError, match="keys"):
        init_keys(directory)

    assert [] == list(directory.iterdir())


@pytest.mark.parametrize("service", ["intake", "casework", "victim_liaison", "notifications", "console"])
def test_a_service_is_given_all_public_keys_and_its_own_private_ones(directory: Path, service: str) -> None:
    keys = load_keys(directory, service)

    assert set(COMPARTMENTS) == set(keys.public)
    assert set(held_by(service)) == set(keys.private) == set(keys.index)
    assert 32 == len(keys.fingerprint)


def test_what_is_wrapped_to_a_loaded_public_key_opens_with_the_loaded_private_one(directory: Path) -> None:
    public = load_keys(directory, "intake").public["victim"]
    private = load_keys(directory, "victim_liaison").private["victim"]
    wrapped = wrap(KEY, public, "victim", "vic_leanne", "key_1")

    assert KEY == unwrap(wrapped, private, "victim", "vic_leanne", "key_1")


def test_a_service_needs_no_file_that_it_may_not_hold(directory: Path) -> None:
    for name in COMPARTMENTS:
        if name not in held_by("casework"):
            (directory / f"{name}.private").unlink()
            (directory / f"{name}.index").unlink()

    assert {"person", "notes"} == set(load_keys(directory, "casework").private)


def test_keys_loaded_twice_are_the_same_keys(directory: Path) -> None:
    first, again = load_keys(directory, "intake"), load_keys(directory, "intake")
    wrapped = wrap(KEY, first.public["report"], "report", "rep_1", "key_1")

    assert KEY == unwrap(wrapped, again.private["report"], "report", "rep_1", "key_1")
    assert first.index == again.index
    assert first.fingerprint == again.fingerprint


@pytest.mark.parametrize("name", ["person.private", "person.index", "fingerprint.key"])
@pytest.mark.parametrize("readable", [0o640, 0o604, 0o660])
def test_a_secret_file_that_others_can_read_is_refused_by_name(directory: Path, name: str, readable: int) -> None:
    (directory / name).chmod(readable)
    with pytest.raises(PermissionError, match=name):
        load_keys(directory, "casework")


def test_a_public_file_that_others_can_read_is_fine(directory: Path) -> None:
    for name in COMPARTMENTS:
        (directory / f"{name}.public").chmod(0o644)

    assert set(COMPARTMENTS) == set(load_keys(directory, "casework").public)


@pytest.mark.parametrize("name", ["person.private", "person.index", "fingerprint.key", "victim.public"])
@pytest.mark.parametrize("content", [b"", b"short", bytes(5000)])
def test_a_file_that_is_no_key_is_refused_by_name(directory: Path, name: str, content: bytes) -> None:
    (directory / name).write_bytes(content)
    with pytest.raises(ValueError, match=name):
        load_keys(directory, "casework")


@pytest.mark.parametrize("name", ["person.private", "person.index", "fingerprint.key", "victim.public"])
def test_a_missing_file_is_named(directory: Path, name: str) -> None:
    (directory / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        load_keys(directory, "casework")


def test_an_exchanged_public_key_is_noticed_by_its_holder(directory: Path) -> None:
    (directory / "person.public").write_bytes(public_bytes(generate()))
    with pytest.raises(ValueError, match=r"person\.public"):
        load_keys(directory, "casework")


def test_a_secret_key_is_never_shown(directory: Path) -> None:
    keys = load_keys(directory, "casework")

    assert "Keys()" == repr(keys)


@pytest.mark.parametrize(
    ("compartment", "subject", "key_id"),
    [("staff", "vic_leanne", "key_1"), ("victim", "vic_other", "key_1"), ("victim", "vic_leanne", "key_2")],
)
def test_a_wrapped_key_is_bound_to_its_place(compartment: Compartment, subject: str, key_id: str) -> None:
    private = generate()
    wrapped = wrap(KEY, read_public(public_bytes(private)), "victim", "vic_leanne", "key_1")
    with pytest.raises(Tampered):
        unwrap(wrapped, read_private(private), compartment, subject, key_id)


def test_a_wrapped_key_opens_for_no_other_private_key() -> None:
    wrapped = wrap(KEY, read_public(public_bytes(generate())), "victim", "vic_leanne", "key_1")
    with pytest.raises(Tampered):
        unwrap(wrapped, read_private(generate()), "victim", "vic_leanne", "key_1")


def test_a_wrapped_key_of_a_weaker_cipher_is_refused() -> None:
    private = generate()
    wrapped = wrap(bytes(16), read_public(public_bytes(private)), "victim", "vic_leanne", "key_1")
    with pytest.raises(Tampered):
        unwrap(wrapped, read_private(private), "victim", "vic_leanne", "key_1")
