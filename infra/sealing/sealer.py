"""A service's own sealer: plain fields in, sealed fields out, and back if the service holds the compartment."""

from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.entropy import Entropy
from infra.sealing.binding import bind
from infra.sealing.keyring import Keyring
from infra.sealing.keys import Keys
from infra.sealing.wrapping import Tampered
from schemas.sealed import Compartment, Sealed

_NONCE_BYTES: Final = 12
"""Drawn by chance: safe for 2^32 fields under one key (NIST SP 800-38D, 8.3); a key lives for minutes."""


class Sealer:
    """Seals for one service with what it holds. Synchronous and safe for threads, if its entropy is."""

    def __init__(self, service: str, keyring: Keyring, keys: Keys, entropy: Entropy) -> None:
        self._service = service
        self._keyring = keyring
        self._keys = keys
        self._entropy = entropy

    def seal(self, compartment: Compartment, subject: str, fields: Mapping[str, str]) -> dict[str, Sealed]:
        """Seal plain fields of one subject: `{field: plain}` -> `{field: Sealed}`. Needs no private key.

        Raises ValueError, naming the field alone, for text that is not Unicode (half of a surrogate pair).
        """
        encoded = {field: _encode(field, plain) for field, plain in fields.items()}
        if not encoded:
            return {}
        key_id, key = self._keyring.data_key(compartment, subject, self._service)
        cipher = AESGCM(key)
        sealed = {}
        for field, plain in encoded.items():
            nonce = self._entropy.bytes(_NONCE_BYTES)
            sealed[field] = Sealed(
                compartment=compartment,
                subject=subject,
                field=field,
                key_id=key_id,
                nonce=nonce,
                ciphertext=cipher.encrypt(nonce, plain, bind("field", compartment, subject, field)),
            )
        return sealed

    def unseal(self, sealed: Sealed) -> str | None:
        """The plain text; None when the subject was erased. This is the one way from sealed to plain.

        It keeps no record of the opening: the desk's `open` does, before it calls this, and nothing else may call it.
        Raises PermissionError for a compartment that this service does not hold, and Tampered when what is sealed
        was changed or moved. An unknown `key_id` cannot be told from an erased one.
        """
        private_key = self._keys.private.get(sealed.compartment)
        if private_key is None:
            raise PermissionError(f"{self._service} does not hold the key of compartment {sealed.compartment}")
        key = self._keyring.unwrap(sealed.key_id, private_key)
        if key is None:
            return None
        place = bind("field", sealed.compartment, sealed.subject, sealed.field)
        try:
            plain = AESGCM(key).decrypt(sealed.nonce, sealed.ciphertext, place)
        except InvalidTag:
            raise Tampered(f"field {sealed.field} of compartment {sealed.compartment} does not open") from None
        return _decode(sealed, plain)


def _encode(field: str, plain: str) -> bytes:
    try:
        return plain.encode()
    except UnicodeEncodeError:
        pass  # raised outside, since this exception carries the text and would go along as the context
    raise ValueError(f"field {field} is not Unicode text")


def _decode(sealed: Sealed, plain: bytes) -> str:
    try:
        return plain.decode()
    except UnicodeDecodeError:
        pass  # as in _encode
    raise Tampered(f"field {sealed.field} of compartment {sealed.compartment} was not sealed as text")
