"""The blind index: finding a person by an identifier without reading, storing or sending the identifier."""

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping

from infra.sealing.binding import bind
from infra.sealing.keys import Keys
from schemas.sealed import Compartment


def tokens(keys: Keys, compartment: Compartment, identifiers: Mapping[str, str]) -> dict[str, str]:
    """HMAC-SHA-256 over type and canonical identifier: `{type: value}` -> `{type: token}`, 64 hex digits each.

    Equal identifiers give equal tokens, so their canonical form is the caller's to make. Raises PermissionError for a
    compartment that this service does not hold: whoever can make tokens can try out whom the index knows.
    """
    key = keys.index.get(compartment)
    if key is None:
        raise PermissionError(f"this service does not hold the index key of compartment {compartment}")
    return {kind: _token(key, kind, value) for kind, value in identifiers.items()}


def canonical_name(name: str) -> str:
    """One form for the ways a name is written: no case, no accents, single spaces. `  Zoë  O'NEIL ` -> `zoe o'neil`."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    return " ".join("".join(letter for letter in folded if not unicodedata.combining(letter)).split())


def _token(key: bytes, kind: str, value: str) -> str:
    return hmac.new(key, bind("token", kind, value), hashlib.sha256).hexdigest()
