"""A whole installation for tests: every service on one host, with real journals and keys, and asked over HTTP alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event as Gate
from typing import Any, Final, TypeVar

from httpx import ASGITransport, AsyncClient, Response

from infra.clock import Clock, ManualClock
from infra.entropy import SystemEntropy
from infra.host import Host
from infra.service import Ask, Heard, Known, Note, Service
from infra.settings import Settings
from infra.web.issuer import Client, Issuer
from infra.web.reader import Role
from infra.web.tokens import Tokens
from schemas.event import Event
from services.__main__ import all_services

Found = TypeVar("Found")
Kind = TypeVar("Kind", bound=Event)

SITE: Final = "northmere"
ISSUER: Final = "https://tests.example.org"
MONDAY: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""An ordinary working day, with ordinary ones after it."""

POLICE: Final = "northmere-police"
COURTS: Final = "northmere-courts"
PRISON: Final = "hmp-fennholt"
HOMES: Final = "northmere-homes"
COORDINATOR: Final = "wrk_cora-field"
CASE_MANAGER: Final = "wrk_carl-birch"
OTHER_CASE_MANAGER: Final = "wrk_odile-stone"
PRACTICE_MANAGER: Final = "wrk_pam-archer"
LEAD: Final = "wrk_lea-north"
LENA: Final = "wrk_lena-west"
MAY: Final = "wrk_may-east"
TWO_HATS: Final = "wrk_bo-marsh"
AUDITOR: Final = "wrk_ada-quill"
OPERATOR: Final = "wrk_otto-mast"
LISTENER: Final = "patterns"
STRANGER: Final = "wrk_nobody-here"

_ROLES: Final[Mapping[str, tuple[Role, ...]]] = {
    **dict.fromkeys((POLICE, COURTS, PRISON, HOMES), ("agency",)),
    COORDINATOR: ("coordinator",),
    CASE_MANAGER: ("case-manager",),
    OTHER_CASE_MANAGER: ("case-manager",),
    PRACTICE_MANAGER: ("practice-manager",),
    LEAD: ("liaison-lead",),
    LENA: ("liaison-worker",),
    MAY: ("liaison-worker",),
    TWO_HATS: ("liaison-worker", "case-manager", "practice-manager"),
    AUDITOR: ("auditor",),
    OPERATOR: ("operator",),
    LISTENER: ("service",),
    STRANGER: (),
}
CLIENTS: Final[Mapping[str, Client]] = {
    id: Client(id=id, roles=roles, agency=id if roles == ("agency",) else "northmere-change", secret=f"secret of {id}")
    for id, roles in _ROLES.items()
}
"""Everybody who may ask for a token here: agencies, workers of both sides, and some who are entitled to little."""

SERVICES: Final[tuple[Service, ...]] = all_services()

_SECONDS_MAX: Final = 20.0
"""A condition that has not come true by then never does; a busy machine is no failure."""
_LOOK_SECONDS: Final = 0.005
_keys: Final = count(1)


class Caller:
    """One client of the API. Each request carries a token of that moment; a command has a key of its own unless one
    is given.
    """

    def __init__(self, http: AsyncClient, issuer: Issuer, client: Client) -> None:
        self.id: Final = client.id
        self._http: Final = http
        self._issuer: Final = issuer
        self._client: Final = client

    async def get(self, path: str, **query: str | int) -> Response:
        """Whatever the answer is."""
        return await self._http.get(path, params=query, headers=self._authorization())

    async def read(self, path: str, **query: str | int) -> Any:
        """What is there, decoded; None where nothing is for this client."""
        answer = await self.get(path, **query)
        assert answer.status_code in {200, 404}, answer.text
        return answer.json() if answer.is_success else None

    async def post(self, path: str, body: object = None, *, key: str = "") -> Response:
        """Whatever the answer to a command is."""
        headers = self._authorization() | {"Idempotency-Key": key or f"key-{next(_keys)}"}
        if body is None:
            return await self._http.post(path, headers=headers)
        return await self._http.post(path, json=body, headers=headers)

    async def say(self, path: str, body: object = None, *, key: str = "") -> Any:
        """What came of a command that is taken."""
        answer = await self.post(path, body, key=key)
        assert answer.is_success, answer.text
        return answer.json()

    async def send(
        self, method: str, path: str, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Response:
        """Exactly these bytes and headers, beside a token."""
        return await self._http.request(
            method, path, content=content, headers=self._authorization() | dict(headers or {})
        )

    async def tell(self, kind: str, report: Mapping[str, Any], *, id: str = "") -> Any:
        """The receipt of a CloudEvent that this agency tells in its own name."""
        event = {
            "specversion": "1.0",
            "id": id or f"event-{next(_keys)}",
            "source": f"//{self.id}.example.org/tests",
            "type": kind,
            "data": dict(report),
        }
        return await self.say(f"/agencies/{self.id}/events", event)

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._issuer.token(self._client)}"}


class Installation:
    """A running host and everybody's way in; it can be asked to wait, and to let a service fall silent."""

    def __init__(self, host: Host, http: AsyncClient, issuer: Issuer, clock: Clock) -> None:
        self.host: Final = host
        self.http: Final = http
        self.clock: Final = clock
        self._issuer: Final = issuer

    def by(self, id: str) -> Caller:
        """The API as this client has it."""
        return Caller(self.http, self._issuer, CLIENTS[id])

    async def until(self, look: Callable[[], Awaitable[Found]], holds: Callable[[Found], bool] = bool) -> Found:
        """What `look` finds, once it holds: words between services are on their way for a moment."""
        found = await look()
        try:
            async with asyncio.timeout(_SECONDS_MAX):
                while not holds(found):
                    await asyncio.sleep(_LOOK_SECONDS)
                    found = await look()
        except TimeoutError:
            raise AssertionError(f"never came true; the last look found {found!r}") from None
        return found

    async def settled(self) -> None:
        """Wait until every service has acted on all that was said: for what must not happen any more.

        Twice the same heads, settled each time: what was said between two looks would have moved one.
        """
        bus, names = self.host.bus, tuple(self.host.runners)
        before: list[int] = []

        async def heads() -> list[int]:
            nonlocal before
            now = await asyncio.to_thread(lambda: [bus.head(name) for name in names])
            numbers = [head.number for head in now]
            is_still = numbers == before and all(head.is_settled for head in now)
            before = numbers
            return numbers if is_still else []

        await self.until(heads)

    def pass_time(self, by: timedelta) -> None:
        """Let this much time pass on a clock that is set by hand; what falls due is seen to by the host."""
        assert isinstance(self.clock, ManualClock)
        self.clock.advance(by)

    async def recorded(self, service: str, kind: type[Kind]) -> list[Kind]:
        """Everything of this kind in a service's journal, in order."""
        journal = self.host.runners[service].journal

        def read() -> list[Kind]:
            events: list[Kind] = []
            after = 0
            while entries := journal.read(after):
                events += [
                    event for entry in entries if isinstance(event := journal.envelope_and_event(entry)[1], kind)
                ]
                after = entries[-1].sequence
            return events

        return await asyncio.to_thread(read)

    @contextmanager
    def unreachable(self, service: str) -> Iterator[None]:
        """Nobody gets an answer from this service over the bus meanwhile."""
        self.host.bus.leave(service)
        try:
            yield
        finally:
            self.host.bus.join(self.host.runners[service].journal)

    @asynccontextmanager
    async def held(self, service: str) -> AsyncIterator[None]:
        """This service commits nothing meanwhile: its one writer is busy with a job that does not end."""
        is_held, gate = Gate(), Gate()

        def hold(_transaction: object) -> None:
            is_held.set()
            gate.wait()

        job = asyncio.ensure_future(self.host.runners[service].write(hold))
        await asyncio.to_thread(is_held.wait)
        try:
            yield
        finally:
            gate.set()
            await job


def without(*names: str) -> Sequence[Service]:
    """All services but these."""
    return [service for service in SERVICES if service.name not in names]


def poisoned(name: str, kind: type[Event]) -> Sequence[Service]:
    """All services, of which this one has a fault: it cannot act on events of this kind, and stops hearing there."""

    def react_of(service: Service) -> Callable[[Heard, Known], Sequence[Note | Ask]]:
        def react(heard: Heard, known: Known) -> Sequence[Note | Ask]:
            if isinstance(heard.event, kind):
                raise ZeroDivisionError
            return service.react(heard, known)

        return react

    return [replace(each, react=react_of(each)) if each.name == name else each for each in SERVICES]


@asynccontextmanager
async def installed(
    directory: Path,
    *,
    services: Sequence[Service] = SERVICES,
    clock: Clock | None = None,
    hear_seconds_max: float = 10.0,
) -> AsyncIterator[Installation]:
    """An installation in this directory, new or as it was left. Without a clock, it stands still at `MONDAY`."""
    clock = clock or ManualClock(MONDAY)
    settings = Settings(
        data=directory / "site", issuer=ISSUER, hear_seconds_max=hear_seconds_max, retry_seconds_max=0.5
    )
    issuer = Issuer(ISSUER, SITE, clock, CLIENTS)
    tokens = Tokens(ISSUER, SITE, clock, issuer.keys)
    routers = [issuer.routes()]
    async with Host(services, settings, tokens, clock=clock, entropy=SystemEntropy(), routers=routers) as host:
        assert host.app is not None
        transport = ASGITransport(host.app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://cordon.example.org") as http:
            yield Installation(host, http, issuer, clock)
