"""The API as a workload uses it: one installation in this process, or services behind URLs; nothing else is needed."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Protocol

import httpx
import msgspec

from tests.installation import CLIENTS, Installation

JSON: Final = "application/json"
TIMEOUT_SECONDS: Final = 30.0
PATIENCE_SECONDS: Final = 60.0
"""How long nobody may answer: longer than it takes to start a service again on a busy machine."""
PAUSE_SECONDS: Final = 0.1
RENEW_SECONDS: Final = 60.0
"""A token that ends sooner than this is replaced before it is refused."""
AWAY: Final = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})
EDGE_AWAY: Final = frozenset({"", "service-unavailable"})
"""Codes of an answer that was given before anything was decided: asking again changes no history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one client of the API sends. `key` is its Idempotency-Key; an agency's events and reads have none."""

    who: str
    method: str
    path: str
    content: bytes = b""
    kind: str = JSON
    key: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """Beside the token."""
        keyed = {"Idempotency-Key": self.key} if self.key else {}
        return keyed | ({"Content-Type": self.kind} if self.content else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: `outcome` is the code of a refusal, else the status in digits; `said` is the body decoded."""

    outcome: str
    said: Any


class Client(Protocol):
    """Whatever carries requests, each with a token of its sender's own, and brings the answers."""

    async def send(self, request: Request) -> Answer:
        """The answer, whatever it is. Raises what its transport raises when nobody answers for long."""
        ...


def answer_of(response: httpx.Response) -> Answer:
    """A response as a workload reads it."""
    said = msgspec.json.decode(response.content) if response.content else None
    code = said.get("code") if isinstance(said, dict) and not response.is_success else None
    return Answer(outcome=code or str(response.status_code), said=said)


def one_place(base: str) -> Callable[[str], str]:
    """Everything behind one URL: a host of all services, or what stands in front of them."""
    return lambda _path: base


def place_of_each(places: Mapping[str, str]) -> Callable[[str], str]:
    """Each service at a URL of its own, `{service: URL}`: the address says whose it is."""
    return lambda path: places[service_of(path)]


_OF_ONE: Final = {
    "reports": "intake",
    "cases": "casework",
    "actions": "disruption",
    "orders": "disruption",
    "liaison": "victim_liaison",
    "victims": "victim_liaison",
    "consultations": "victim_liaison",
    "persons": "victim_liaison",
    "worklist": "notifications",
    "audit": "audit",
}
_PARTS_OF_AN_AGENCY: Final = 3


def service_of(path: str) -> str:
    """The service that an address belongs to. Raises KeyError for an address that no service has."""
    first, *rest = path.partition("?")[0].strip("/").split("/")
    match first:
        case "services":
            return rest[0]
        case "agencies":
            return "disruption" if rest[1] == "tasks" else "intake"
        case _:
            return _OF_ONE[first]


class OverHttp:
    """Services that answer HTTP, with tokens from `token_url` (client credentials).

    `place(path)` is the base URL of whoever serves an address; `secrets` are the clients' by their id. Nobody
    answering, or a 502, 503 or 504 that says nothing was decided, is asked again for PATIENCE_SECONDS: each request
    carries a key or an id that is the same each time.
    """

    def __init__(
        self, http: httpx.AsyncClient, place: Callable[[str], str], token_url: str, secrets: Mapping[str, str]
    ) -> None:
        self._http: Final = http
        self._place: Final = place
        self._token_url: Final = token_url
        self._secrets: Final = secrets
        self._tokens: Final[dict[str, tuple[str, float]]] = {}

    async def send(self, request: Request) -> Answer:
        """As `Client.send`. Raises httpx.TransportError when nobody answers."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer, is_final = await self._once(request)
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
            else:
                if is_final or time.monotonic() > deadline:
                    return answer
            await asyncio.sleep(PAUSE_SECONDS)

    async def _once(self, request: Request) -> tuple[Answer, bool]:
        """The answer, and whether it is one: a token of an issuer that was started again is not known any more."""
        token = await self._token(request.who)
        response = await self._http.request(
            request.method,
            self._place(request.path) + request.path,
            content=request.content,
            headers=request.headers | {"Authorization": f"Bearer {token}"},
        )
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            self._tokens.pop(request.who, None)
            return Answer(outcome="401", said=None), False
        if response.status_code in AWAY and _code(response) in EDGE_AWAY:
            return Answer(outcome=str(response.status_code), said=None), False
        return answer_of(response), True

    async def _token(self, who: str) -> str:
        token, until = self._tokens.get(who, ("", 0.0))
        if time.monotonic() >= until:
            form = {"grant_type": "client_credentials", "client_id": who, "client_secret": self._secrets[who]}
            granted = (await self._http.post(self._token_url, data=form)).raise_for_status().json()
            token = str(granted["access_token"])
            self._tokens[who] = token, time.monotonic() + granted["expires_in"] - RENEW_SECONDS
        return token


SECRETS: Final = {client.id: client.secret for client in CLIENTS.values()}
"""Of everybody in the cast, for an issuer that knows the clients of `tests.installation`."""


def embedded(there: Installation) -> OverHttp:
    """An installation in this process (`tests.installation.installed`)."""
    return OverHttp(there.http, one_place(""), "/demo/token", SECRETS)


@asynccontextmanager
async def over_http(
    place: Callable[[str], str], token_url: str, secrets: Mapping[str, str] = SECRETS
) -> AsyncIterator[OverHttp]:
    """Services behind URLs, whatever proxy the environment names for others."""
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as http:
        yield OverHttp(http, place, token_url, secrets)


def _code(response: httpx.Response) -> str:
    try:
        said = msgspec.json.decode(response.content)
    except msgspec.MsgspecError:
        return ""
    return str(said.get("code", "")) if isinstance(said, dict) else ""
