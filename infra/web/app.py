"""The web application of a host: every service's routes, one edge, one way to say no."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response, Security
from fastapi.security import HTTPBearer
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.clock import Clock
from infra.journal.writing import UnkeepableError
from infra.logs import log
from infra.metrics import CONTENT_TYPE, Metrics
from infra.web import problems
from infra.web.docs_page import docs_routes
from infra.web.limits import BodyLimit
from infra.web.requests import NotThere, ReadBy
from infra.web.tokens import Tokens

OPENAPI: Final = "/openapi.json"
BEARER: Final = HTTPBearer(auto_error=False, description="A token of the issuer that this installation believes.")
"""For the page that describes what can be asked, so that it can be tried there; `Tokens` alone decides who asks."""
UNANSWERED: Final = 499
"""What is observed where the client went away first: nginx's word for it, since RFC 9110 has none."""
SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What the edge needs of its host. `health` answers `{service: {source: code}}` for what is stopped."""

    tokens: Tokens
    clock: Clock
    fingerprint_key: bytes
    metrics: Metrics
    refusals: Mapping[str, str]
    health: Callable[[], Mapping[str, Mapping[str, str]]]
    body_bytes_max: int
    title: str = "Cordon"


def application(edge: Edge, routers: list[APIRouter]) -> FastAPI:
    """The application; whoever serves it starts and stops the host around it."""
    app = FastAPI(
        title=edge.title,
        version="0.1.0",
        description="Agencies report, workers decide, agencies are asked to act; the victim's safety goes first.",
        docs_url=None,
        redoc_url=None,
        openapi_url=OPENAPI,
        redirect_slashes=False,  # a redirection would repeat in a header whatever stood in the address
    )
    app.state.tokens = edge.tokens
    app.state.clock = edge.clock
    app.state.closing = asyncio.Event()
    app.state.fingerprint_key = edge.fingerprint_key
    problems.install(app, edge.refusals)
    app.add_exception_handler(SQLAlchemyError, _unavailable)
    app.add_exception_handler(UnkeepableError, _unkeepable)
    for router in (*routers, _health(edge)):
        app.include_router(router, dependencies=[Security(BEARER)])
    app.include_router(docs_routes(edge.title, OPENAPI))
    app.add_middleware(BodyLimit, bytes_max=edge.body_bytes_max)
    app.add_middleware(Observed, metrics=edge.metrics)  # outermost: what is refused for its size is seen, too
    return app


async def _unavailable(_request: Request, error: Exception) -> Response:
    """The database does not answer: nothing was recorded, and the same request may be sent again."""
    log("failed", level="error", error=type(error).__name__)
    return problems.problem(503, "service-unavailable", problems.EDGE_REFUSALS["service-unavailable"])


async def _unkeepable(_request: Request, _error: Exception) -> Response:
    """What was sent is within the limit, but the record it would make is not (rule 5)."""
    return problems.problem(413, "body-too-large", problems.EDGE_REFUSALS["body-too-large"])


def _health(edge: Edge) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/", include_in_schema=False)
    async def front() -> Response:
        """What can be asked here."""
        return RedirectResponse("/docs")

    @router.get("/health/liveness")
    async def liveness() -> dict[str, str]:
        """The process answers."""
        return {"status": "up"}

    @router.get("/health/readiness")
    async def readiness(response: Response) -> dict[str, Any]:
        """Whether every service hears every source: 503, with what is stopped, where one does not."""
        stopped = edge.health()
        is_well = not any(stopped.values())
        response.status_code = 200 if is_well else 503
        return {"status": "up" if is_well else "degraded", "stopped": stopped}

    @router.get("/metrics")
    async def metrics(read: ReadBy) -> Response:
        """Counters and gauges for Prometheus, which comes as an operator.

        For nobody else: that something was opened or recorded on the victim's side just now is a count here (SR-16).
        """
        if not read.has("operator"):
            raise NotThere
        return Response(edge.metrics.shown(), media_type=CONTENT_TYPE)

    return router


class Observed:
    """ASGI middleware: one canonical line and one observation a request, by the route's pattern, never its address."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app: Final = app
        self._metrics: Final = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, is_answered = UNANSWERED, False
        started = perf_counter()

        async def sent(message: Any) -> None:
            nonlocal status, is_answered
            if message["type"] == "http.response.start":
                is_answered = True
                status = message["status"]
                there = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(each for each in SECURITY_HEADERS if each[0] not in there)]
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception:
            if not is_answered:
                await problems.problem(500, "failed-here", problems.EDGE_REFUSALS["failed-here"])(scope, receive, sent)
            raise
        finally:
            seconds = perf_counter() - started
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.seconds.labels(route, str(status)).observe(seconds)
            level: Any = "error" if status >= 500 else "info"  # noqa: PLR2004 - RFC 9110
            log(
                "served",
                level=level,
                method=scope["method"],
                route=route,
                status=status,
                duration_ms=round(seconds * 1000, 1),
            )
