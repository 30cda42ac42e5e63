"""A site's keys as files: made once, kept from other users of the machine, and given out by service.

Losing a private file loses what was sealed to it, for good; so nothing here ever overwrites one.
"""

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from infra.entropy import SystemEntropy
from infra.sealing import wrapping
from infra.sealing.compartments import COMPARTMENTS, held_by
from infra.sealing.wrapping import PrivateKey, PublicKey
from schemas.sealed import Compartment

Key = TypeVar("Key")

_FINGERPRINT: Final = "fingerprint.key"
_SECRET_BYTES: Final = 32
"""The length of an HMAC-SHA-256 key: as long as its output (RFC 2104, section 3)."""
_FOR_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What one service holds. `private` and `index` have only the compartments it may open; nothing secret is shown.

    `index` makes the tokens of the blind index; `fingerprint` the keyed digests that tell requests apart.
    """

    public: Mapping[Compartment, PublicKey] = field(repr=False)
    private: Mapping[Compartment, PrivateKey] = field(repr=False)
    index: Mapping[Compartment, bytes] = field(repr=False)
    fingerprint: bytes = field(repr=False)


def init_keys(directory: Path) -> None:
    """Make all keys of a site: `<compartment>.public`, `.private` and `.index` each, and `fingerprint.key`.

    Makes the directory with mode 0700 if it is not there; secret files get 0600. All are on disk when this returns.
    Raises FileExistsError, having written nothing, if any of the files is there, and PermissionError if the
    directory is open to other users.
    """
    files = _new_files()
    directory.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
    _refuse_if_open_to_others(directory)
    for name in files:
        if (directory / name).exists():
            raise FileExistsError(f"{directory / name} exists: keys are never overwritten")
    for name, content in files.items():
        _write(directory / name, content)
    _sync(directory)


def deal_keys(directory: Path, service: str, to: Path) -> None:
    """Copy what one service may hold of a site's keys to a directory of its own, which is made with mode 0700.

    What is there already must be the same: raises FileExistsError, having written nothing, if it is not.
    """
    names = [f"{compartment}.public" for compartment in COMPARTMENTS]
    names += [f"{compartment}.{kind}" for compartment in held_by(service) for kind in ("private", "index")]
    files = {name: (directory / name).read_bytes() for name in (*names, _FINGERPRINT)}
    to.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
    _refuse_if_open_to_others(to)
    for name, content in files.items():
        if (to / name).exists() and (to / name).read_bytes() != content:
            raise FileExistsError(f"{to / name} is another key: keys are never overwritten")
    for name, content in files.items():
        if not (to / name).exists():
            _write(to / name, content)
    _sync(to)


def load_keys(directory: Path, service: str) -> Keys:
    """The public keys of all compartments, and the secret ones of those that this service may hold; reads no others.

    Raises FileNotFoundError, PermissionError if a secret file can be read by other users, and ValueError if a file is
    no such key or a private key is not that of the public one; each names the file.
    """
    held = held_by(service)
    for compartment in held:
        _refuse_if_not_a_pair(directory, compartment)
    return Keys(
        public={name: _read(directory / f"{name}.public", wrapping.read_public) for name in COMPARTMENTS},
        private={name: _read_secret(directory / f"{name}.private", wrapping.read_private) for name in held},
        index={name: _read_secret(directory / f"{name}.index", _secret) for name in held},
        fingerprint=_read_secret(directory / _FINGERPRINT, _secret),
    )


def _new_files() -> dict[str, bytes]:
    """Name -> content. Real keys come from the system's entropy only, so no way is offered to pass another."""
    entropy = SystemEntropy()
    files = {_FINGERPRINT: entropy.bytes(_SECRET_BYTES)}
    for compartment in COMPARTMENTS:
        private = wrapping.generate()
        files[f"{compartment}.private"] = private
        files[f"{compartment}.public"] = wrapping.public_bytes(private)
        files[f"{compartment}.index"] = entropy.bytes(_SECRET_BYTES)
    return files


def _write(path: Path, content: bytes) -> None:
    """A new file that only its owner can read from its first moment on: public keys too, which harms nobody."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(directory: Path) -> None:
    """Make the names last, too: without this a power cut could leave data sealed to keys that are gone."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path, parse: Callable[[bytes], Key]) -> Key:
    content = path.read_bytes()
    try:
        return parse(content)
    except ValueError as refusal:
        raise ValueError(f"{path} is not a key of its kind: {refusal}") from None


def _read_secret(path: Path, parse: Callable[[bytes], Key]) -> Key:
    _refuse_if_open_to_others(path)
    return _read(path, parse)


def _secret(content: bytes) -> bytes:
    if len(content) != _SECRET_BYTES:
        raise ValueError(f"it should have {_SECRET_BYTES} bytes and has {len(content)}")
    return content


def _refuse_if_open_to_others(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & _FOR_OTHERS:
        raise PermissionError(f"{path} is open to other users (mode {mode:04o}): chmod go= {path}")


def _refuse_if_not_a_pair(directory: Path, compartment: Compartment) -> None:
    """A public key that somebody exchanged would let them read whatever is sealed from then on."""
    path = directory / f"{compartment}.public"
    if path.read_bytes() != _read_secret(directory / f"{compartment}.private", wrapping.public_bytes):
        raise ValueError(f"{path} is not the public key of {compartment}.private")
