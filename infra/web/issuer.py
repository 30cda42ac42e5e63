"""A token issuer for demonstrations and tests: invented clients, keys that die with the process.

An installation in earnest has its own identity provider. Nothing serves this one but the demonstration: `cordon demo`
on the loopback address, and `cordon demo-issuer`, which listens beyond it only when it is told to in so many words.
"""

import asyncio
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, FastAPI, Request
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from infra.clock import Clock
from infra.metrics import Metrics
from infra.web import problems
from infra.web.app import Observed
from infra.web.limits import BodyLimit
from infra.web.problems import Refused
from infra.web.reader import Role
from infra.web.tokens import ALGORITHM, AUDIENCE

LIFETIME: Final = timedelta(minutes=15)
FORM_BYTES_MAX: Final = 4_096
"""What a request for a token may be: an id and a secret."""
WHAT_IT_IS: Final = "An issuer for a demonstration with invented people. Nobody may believe it about anyone real."


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Somebody who may ask for a token: what it will say of him or her, and the secret that earns it."""

    id: str
    roles: tuple[Role, ...]
    agency: str
    secret: str = field(repr=False)


class Issuer:
    """Gives tokens to clients it knows. `name` is its `iss` claim."""

    def __init__(self, name: str, site: str, clock: Clock, clients: Mapping[str, Client]) -> None:
        self.name: Final = name
        self._site: Final = site
        self._clock: Final = clock
        self._clients: Final = clients
        self._key: Final = OKPKey.generate_key("Ed25519", {"kid": "demonstration", "use": "sig"})

    def keys(self) -> KeySet:
        """What a signature is checked with."""
        return KeySet([self._key])

    def token(self, client: Client, lifetime: timedelta = LIFETIME) -> str:
        """A token for a client, good for this long."""
        now = int(self._clock.now().timestamp())
        claims: dict[str, Any] = {
            "iss": self.name,
            "aud": AUDIENCE,
            "sub": client.id,
            "roles": list(client.roles),
            "agency": client.agency,
            "site": self._site,
            "iat": now,
            "exp": now + int(lifetime.total_seconds()),
        }
        return jwt.encode({"alg": ALGORITHM, "kid": "demonstration"}, claims, self._key, algorithms=[ALGORITHM])

    def routes(self) -> APIRouter:
        """`POST /demo/token`: the client credentials grant of OAuth 2 (RFC 6749, 4.4)."""
        router = APIRouter(tags=["demonstration"])

        @router.post("/demo/token")
        async def token(request: Request) -> dict[str, Any]:
            """A token for an invented worker, agency or service of this demonstration."""
            form = dict(parse_qsl((await request.body()).decode("ascii", "replace")))
            if form.get("grant_type") != "client_credentials":
                raise Refused(400, "grant-unknown")
            client = self._clients.get(form.get("client_id", ""))
            secret = form.get("client_secret", "")
            if client is None or not hmac.compare_digest(client.secret.encode(), secret.encode()):
                raise Refused(401, "client-unknown")
            return {
                "access_token": self.token(client),
                "token_type": "Bearer",
                "expires_in": int(LIFETIME.total_seconds()),
            }

        return router


def standing_alone(issuer: Issuer) -> FastAPI:
    """The application that gives this issuer's tokens, and nothing else, where the services are elsewhere."""
    app = FastAPI(title=WHAT_IT_IS, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.closing = asyncio.Event()
    problems.install(app, {})
    app.include_router(issuer.routes())
    app.include_router(_itself(issuer.name))
    app.add_middleware(BodyLimit, bytes_max=FORM_BYTES_MAX)
    app.add_middleware(Observed, metrics=Metrics())
    return app


def _itself(name: str) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/")
    async def what_it_is() -> dict[str, str]:
        """What this is, so that nobody takes it for an identity provider."""
        return {"issuer": name, "what": WHAT_IT_IS}

    @router.get("/health/liveness")
    async def liveness() -> dict[str, str]:
        """The process answers."""
        return {"status": "up"}

    return router
