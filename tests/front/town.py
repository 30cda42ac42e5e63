"""Every service on a real address of its own making, a front before them, and everybody's way in on either side."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from httpx import AsyncClient

from infra.clock import ManualClock
from infra.entropy import SystemEntropy
from infra.host import Host
from infra.settings import Settings
from infra.web.issuer import Issuer
from infra.web.tokens import Tokens
from tests.front.serving import SECONDS_MAX, fronted, serving
from tests.installation import CLIENTS, ISSUER, MONDAY, SERVICES, SITE, Caller, Installation


@dataclass(frozen=True, slots=True)
class Town:
    """An installation whose `http` goes through the front; `direct` goes to the services themselves."""

    installation: Installation
    direct: AsyncClient
    front: FastAPI
    issuer: Issuer

    def by(self, id: str) -> Caller:
        """The API as this client has it through the front."""
        return self.installation.by(id)

    def past_the_front(self, id: str) -> Caller:
        """The API as this client has it where the services answer."""
        return Caller(self.direct, self.issuer, CLIENTS[id])


@asynccontextmanager
async def town(directory: Path) -> AsyncIterator[Town]:
    """The services of a site in one host on one address; the front knows it as the address of each."""
    clock = ManualClock(MONDAY)
    issuer = Issuer(ISSUER, SITE, clock, CLIENTS)
    tokens = Tokens(ISSUER, SITE, clock, issuer.keys)
    settings = Settings(data=directory / "site", issuer=ISSUER, retry_seconds_max=0.5)
    async with Host(SERVICES, settings, tokens, clock=clock, entropy=SystemEntropy()) as host:
        assert host.app is not None
        async with (
            serving(host.app) as services,
            fronted(services, routers=[issuer.routes()], tokens=tokens) as (base, app),
            AsyncClient(base_url=base, trust_env=False, timeout=SECONDS_MAX) as http,
            AsyncClient(base_url=services, trust_env=False, timeout=SECONDS_MAX) as direct,
        ):
            yield Town(Installation(host, http, issuer, clock), direct, app, issuer)
