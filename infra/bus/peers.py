"""The other services of a site, asked over HTTP: for messages after a place, and for where they stand (rules 9, 10).

The truth is in their journals; whatever a broker brought or did not bring, here it can be checked and fetched.
"""

import time
from collections.abc import Callable
from http import HTTPStatus
from threading import Lock
from typing import Any, Final, TypeVar

import httpx
import msgspec

from infra.bus.port import Forked, SourceHead, UnreachableError
from infra.bus.standing import Standing
from infra.journal.journal import Sent
from infra.journal.place import Place

Kind = TypeVar("Kind")

TIMEOUT_SECONDS: Final = 5.0
CONNECT_SECONDS: Final = 1.0
"""Peers are near: one that does not take a connection by then is not there."""
RENEW_SECONDS: Final = 30.0
"""A token that ends sooner than this is replaced, if the issuer answers; else it is used to its end."""


class _Message(msgspec.Struct):
    number: int
    hash: str
    record: str


class _Messages(msgspec.Struct):
    messages: list[_Message]


class StandingSaid(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /services/{name}/standing` as it is answered; the hash in hexadecimal."""

    number: int
    hash: str
    stopped: tuple[str, ...]
    is_abreast: bool


class HeadSaid(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /services/{name}/head` as it is answered; the hash in hexadecimal."""

    number: int
    hash: str
    stopped: tuple[str, ...]
    is_settled: bool


class _Granted(msgspec.Struct):
    """What is read of the issuer's answer (RFC 6749, 5.1)."""

    access_token: str
    expires_in: float


class Peers:
    """Other services as one service sees them. For any thread. `address_of` raises ValueError for one it knows not.

    Every method raises UnreachableError where no answer can be had: the service is away, or does not know us.
    """

    def __init__(self, address_of: Callable[[str], str], token_url: str, client_id: str, client_secret: str) -> None:
        self._address_of: Final = address_of
        self._token_url: Final = token_url
        self._form: Final = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        # Peers are within the installation, whatever proxy the environment names for others.
        self._http: Final = httpx.Client(
            timeout=httpx.Timeout(TIMEOUT_SECONDS, connect=CONNECT_SECONDS), trust_env=False
        )
        self._lock: Final = Lock()
        self._token = ""
        self._expires_at = 0.0

    def messages(self, source: str, after: Place, limit: int) -> list[Sent]:
        """The stored bytes after a message that was heard. Raises Forked where the source does not hold exactly it."""
        query = {"after": after.number, "hash": after.hash.hex(), "limit": limit}
        said = self._answer(source, "messages", _Messages, query)
        try:
            return [Sent(one.number, bytes.fromhex(one.hash), one.record.encode()) for one in said.messages]
        except ValueError:
            raise UnreachableError(source) from None

    def head(self, source: str, within: float = 0.0) -> SourceHead:
        """Where the source stands once it has acted on all there was for it, or after `within` seconds."""
        said = self._answer(source, "head", HeadSaid, {"within": within}, wait=within)
        return SourceHead(
            number=said.number, hash=_hash(source, said.hash), stopped=said.stopped, is_settled=said.is_settled
        )

    def standing(self, source: str) -> Standing:
        """Where the source stands, as far as it can say so alone."""
        said = self._answer(source, "standing", StandingSaid, {})
        return Standing(
            number=said.number, hash=_hash(source, said.hash), stopped=said.stopped, is_abreast=said.is_abreast
        )

    def close(self) -> None:
        """Let go of every connection."""
        self._http.close()

    def _answer(self, source: str, what: str, kind: type[Kind], query: dict[str, Any], *, wait: float = 0.0) -> Kind:
        time_limit = httpx.Timeout(TIMEOUT_SECONDS + wait, connect=CONNECT_SECONDS)
        try:
            url = f"{self._address_of(source)}/services/{source}/{what}"
            answer = self._http.get(url, params=query, headers=self._authorization(), timeout=time_limit)
            if answer.status_code == HTTPStatus.UNAUTHORIZED:  # the issuer was started again: it signs anew
                answer = self._http.get(url, params=query, headers=self._authorization(anew=True), timeout=time_limit)
            if answer.status_code == HTTPStatus.CONFLICT:
                raise Forked
            answer.raise_for_status()
            return msgspec.json.decode(answer.content, type=kind)
        except (httpx.HTTPError, httpx.InvalidURL, msgspec.MsgspecError, ValueError) as error:
            raise UnreachableError(source) from error

    def _authorization(self, *, anew: bool = False) -> dict[str, str]:
        with self._lock:
            now = time.monotonic()
            if anew or now >= self._expires_at - RENEW_SECONDS:
                try:
                    self._renew(now)
                except (httpx.HTTPError, msgspec.MsgspecError):
                    if anew or now >= self._expires_at:
                        raise
            return {"Authorization": f"Bearer {self._token}"}

    def _renew(self, now: float) -> None:
        answer = self._http.post(self._token_url, data=self._form)
        answer.raise_for_status()
        granted = msgspec.json.decode(answer.content, type=_Granted)
        self._token, self._expires_at = granted.access_token, now + granted.expires_in


def _hash(source: str, text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise UnreachableError(source) from None
