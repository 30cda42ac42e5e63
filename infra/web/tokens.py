"""Bearer tokens: signed by the issuer of this installation, for Cordon, for this site, and not expired.

OAuth 2 access tokens as JWT (RFC 9068) with Ed25519 signatures; the issuer's public keys come from settings.
"""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, get_args

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from infra.clock import Clock
from infra.web.problems import NotKnown, Refused
from infra.web.reader import Reader, Role

AUDIENCE: Final = "cordon"
ALGORITHM: Final = "Ed25519"
SCHEME: Final = "bearer "
_ROLES: Final = frozenset(get_args(Role))


class Tokens:
    """Who a bearer token says is asking. `keys` gives the issuer's present public keys."""

    def __init__(self, issuer: str, site: str, clock: Clock, keys: Callable[[], KeySet]) -> None:
        self._issuer: Final = issuer
        self._site: Final = site
        self._clock: Final = clock
        self._keys: Final = keys

    def reader(self, authorization: str) -> Reader:
        """The reader that an Authorization header stands for. Raises NotKnown, and never says what was in the token."""
        if not authorization.lower().startswith(SCHEME):
            raise NotKnown("token-missing")
        try:
            claims = jwt.decode(authorization[len(SCHEME) :].strip(), self._keys(), algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError, TypeError, KeyError):
            raise NotKnown("token-malformed") from None
        except OSError:  # the file with the issuer's keys is gone for the moment
            raise Refused(503, "service-unavailable") from None
        return self._reader(claims)

    def _reader(self, claims: dict[str, Any]) -> Reader:
        expires, roles = claims.get("exp"), claims.get("roles")
        is_ours = claims.get("iss") == self._issuer and claims.get("aud") == AUDIENCE
        is_whole = all(isinstance(claims.get(name), str) for name in ("sub", "agency", "site"))
        if not (is_ours and is_whole and isinstance(roles, list) and isinstance(expires, int | float)):
            raise NotKnown("token-malformed")
        if _instant(self._clock.now()) >= expires:
            raise NotKnown("token-expired")
        if claims["site"] != self._site:
            raise NotKnown("token-malformed")
        return Reader(
            id=claims["sub"],
            roles=frozenset(role for role in _ROLES if role in roles),
            agency=claims["agency"],
            site=claims["site"],
        )


def _instant(moment: datetime) -> float:
    return moment.timestamp()


def keys_from_file(path: Path) -> Callable[[], KeySet]:
    """The issuer's public keys from a JWK set in a file, read anew when the file has changed.

    Raises OSError or ValueError at once if there is no such file or no key set in it.
    """
    read_at, keys = -1.0, KeySet([])

    def present() -> KeySet:
        nonlocal read_at, keys
        changed_at = path.stat().st_mtime
        if changed_at != read_at:
            keys, read_at = KeySet.import_key_set(json.loads(path.read_bytes())), changed_at
        return keys

    present()
    return present
