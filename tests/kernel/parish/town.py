"""The parish on a whole host, with tokens and real keys, as a client meets it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from httpx import ASGITransport, AsyncClient, Response

from infra.clock import ManualClock
from infra.entropy import SystemEntropy
from infra.host import Host
from infra.journal.journal import Journal
from infra.service import Service
from infra.settings import Settings
from infra.web.issuer import Client, Issuer
from infra.web.reader import Role
from infra.web.tokens import Tokens
from tests.kernel.parish.events import CODEC
from tests.kernel.parish.journals import NOW, SITE
from tests.kernel.parish.routes import routes
from tests.kernel.parish.services import PARISH, SEXTON

ISSUER: Final = "https://id.example.org"
BODY_BYTES_MAX: Final = 1_000_000
ALWAYS: Final = {"type", "status", "code", "title"}
EVER: Final = ALWAYS | {"pointer", "refused"}
"""The members of a problem."""
SERVED: Final = replace(
    PARISH, routes=routes, refusals={"hall-taken": "Somebody has it.", "hours-too-many": "Others want it too."}
)
WORKERS: Final[dict[str, Role]] = {
    "wrk_sam": "case-manager",
    "wrk_lea": "liaison-worker",
    "sexton": "service",
    "wrk_opal": "operator",
}


class Town:
    """A host at work and a client of it. Every answer is checked for what every answer must have."""

    def __init__(self, host: Host, client: AsyncClient, clock: ManualClock, issuer: Issuer) -> None:
        self.host = host
        self.client = client
        self.clock = clock
        self.issuer = issuer
        self._keys = 0

    @property
    def journal(self) -> Journal:
        """That of the parish."""
        return self.host.runners["parish"].journal

    def token(self, worker: str = "wrk_sam", issuer: Issuer | None = None) -> str:
        """A token that holds for a quarter of an hour."""
        client = Client(id=worker, roles=(WORKERS[worker],), agency="partnership", secret="invented")
        return (issuer or self.issuer).token(client)

    async def ask(
        self, method: str, path: str, body: bytes | None = None, worker: str = "wrk_sam", **headers: str
    ) -> Response:
        """Send a request with a token and a fresh idempotency key, unless other headers say otherwise."""
        self._keys += 1
        given = {"authorization": f"Bearer {self.token(worker)}", "idempotency-key": f"key-{self._keys}"}
        whole = given | {name.replace("_", "-"): value for name, value in headers.items()}
        sent = [(name.encode(), value.encode("latin-1")) for name, value in whole.items()]
        answer = await self.client.request(method, path, content=body, headers=sent)
        checked(answer)
        return answer

    async def refusal(
        self, method: str, path: str, body: bytes | None = None, worker: str = "wrk_sam", **headers: str
    ) -> tuple[int, str, str | None]:
        """As `ask`: the status, the code and the pointer of the refusal."""
        answer = await self.ask(method, path, body, worker, **headers)
        problem = answer.json()
        return answer.status_code, problem["code"], problem.get("pointer")

    async def book(self, name: str = "nave", worker: str = "wrk_sam", **given: Any) -> Response:
        """Book a hall; `given` are fields of the body, or headers where they are named `h_`."""
        headers = {field[2:]: str(value) for field, value in given.items() if field.startswith("h_")}
        body = {"person": "per-a"} | {field: value for field, value in given.items() if not field.startswith("h_")}
        return await self.ask("POST", f"/halls/{name}/bookings", json.dumps(body).encode(), worker, **headers)


def checked(answer: Response) -> None:
    """Whatever was asked: no mistake of ours, no sniffing, no framing, no referrer; and an error is a problem."""
    assert answer.status_code < 500 or answer.status_code == 503
    assert ["nosniff", "DENY", "no-referrer"] == [
        answer.headers.get(name) for name in ("x-content-type-options", "x-frame-options", "referrer-policy")
    ]
    if answer.status_code >= 400 and not answer.url.path.startswith("/health"):
        problem = answer.json()

        assert "application/problem+json" == answer.headers["content-type"]
        assert ALWAYS <= problem.keys() <= EVER
        assert ("about:blank", answer.status_code) == (problem["type"], problem["status"])
        assert problem["title"].endswith(".")


@asynccontextmanager
async def town(directory: Path, keys: Path, *services: Service, safe: bool = True) -> AsyncIterator[Town]:
    """The parish and its sexton, or these services, served. Not `safe`: what the application raises is answered."""
    clock = ManualClock(NOW)
    issuer = Issuer(ISSUER, SITE, clock, {})
    tokens = Tokens(ISSUER, SITE, clock, issuer.keys)
    settings = Settings(data=directory, keys=str(keys), body_bytes_max=BODY_BYTES_MAX, compare_seconds=86_400)
    async with Host(
        services or (SERVED, SEXTON), settings, tokens, clock=clock, entropy=SystemEntropy(), codec=CODEC
    ) as host:
        assert host.app is not None

        transport = ASGITransport(host.app, raise_app_exceptions=safe)
        async with AsyncClient(transport=transport, base_url="http://cordon.example.org") as client:
            yield Town(host, client, clock, issuer)
