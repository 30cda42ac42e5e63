"""Wrapping a subject's data key so that only the holder of a compartment's private key can unwrap it.

HPKE (RFC 9180), base mode: whoever has the public key can wrap. The key exchange is X25519 together with ML-KEM-768,
so a copy of the keyring kept today does not fall to a quantum computer later.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from infra.sealing.binding import bind

PublicKey = hpke.MLKEM768X25519PublicKey
PrivateKey = hpke.MLKEM768X25519PrivateKey

DATA_KEY_BYTES: Final = 32
"""AES-256."""

_SUITE: Final = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_SEED_BYTES: Final = 64
"""FIPS 203: the two 32-byte seeds, d and z, from which an ML-KEM private key is expanded."""
_MLKEM_PUBLIC_BYTES: Final = 1184
"""FIPS 203: an encapsulation key of ML-KEM-768."""


class Tampered(Exception):  # noqa: N818 - what happened, not an error of the program
    """What was sealed does not authenticate: changed, moved elsewhere, or sealed for another key. Names no value."""


def generate() -> bytes:
    """A new private key: 64 bytes of ML-KEM seed, then 32 of X25519."""
    return MLKEM768PrivateKey.generate().private_bytes_raw() + X25519PrivateKey.generate().private_bytes_raw()


def public_bytes(private: bytes) -> bytes:
    """The public key of a private one, both as bytes: 1,184 of ML-KEM, then 32 of X25519. Raises ValueError."""
    mlkem, x25519 = _parts(private)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def read_private(raw: bytes) -> PrivateKey:
    """The private key from the bytes of `generate`. Raises ValueError."""
    return PrivateKey(*_parts(raw))


def read_public(raw: bytes) -> PublicKey:
    """The public key from the bytes of `public_bytes`. Raises ValueError."""
    return PublicKey(
        MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC_BYTES]),
        X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC_BYTES:]),
    )


def wrap(key: bytes, to: PublicKey, compartment: str, subject: str, key_id: str) -> bytes:
    """A data key of 32 bytes, wrapped for one place: 1,168 bytes, different each time."""
    return _SUITE.encrypt(key, to, bind("data-key", compartment, subject, key_id))


def unwrap(wrapped: bytes, private: PrivateKey, compartment: str, subject: str, key_id: str) -> bytes:
    """The data key. Raises Tampered if it was wrapped for another place or to another key, or is no such key."""
    try:
        key = _SUITE.decrypt(wrapped, private, bind("data-key", compartment, subject, key_id))
    except InvalidTag:
        raise Tampered(f"data key {key_id} of compartment {compartment} does not unwrap") from None
    if len(key) != DATA_KEY_BYTES:  # anyone can wrap: a shorter one would quietly be a weaker cipher
        raise Tampered(f"data key {key_id} of compartment {compartment} has the wrong length")
    return key


def _parts(raw: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    return (
        MLKEM768PrivateKey.from_seed_bytes(raw[:_SEED_BYTES]),
        X25519PrivateKey.from_private_bytes(raw[_SEED_BYTES:]),
    )
