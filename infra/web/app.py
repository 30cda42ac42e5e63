"""The web application of a host: every service's routes, one edge, one way to say no."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response, Security
from fastapi.security import HTTPBearer
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.clock import Clock
from infra.journal.writing import UnkeepableError
from infra.logs import log, trail
from infra.metrics import CONTENT_TYPE, Metrics
from infra.web import problems
from infra.web.docs_page import docs_routes
from infra.web.limits import BodyLimit
from infra.web.requests import NotThere, ReadBy
from infra.web.tokens import Tokens

OPENAPI: Final = "/openapi.json"
HEALTH: Final = "/health/"
BEARER: Final = HTTPBearer(auto_error=False, description="A token of the issuer that this installation believes.")
"""For the page that describes what can be asked, so that it can be tried there; `Tokens` alone decides who asks."""
VERSION: Final = "0.1.0"
UNANSWERED: Final = 499
"""What is observed where the client went away first: nginx's word for it, since RFC 9110 has none."""
SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)


async def _at_once() -> None:
    """What is known by itself needs no looking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What the edge needs of its host. `health` answers `{service: {what: code}}` for what is not as it should be.

    `check` is awaited before health is asked, `measure` before metrics are shown; both take a bounded time. `about` is
    what operators are told of this process. Until `is_at_work` nothing but health is answered.
    """

    tokens: Tokens
    clock: Clock
    fingerprint_key: bytes
    metrics: Metrics
    refusals: Mapping[str, str]
    health: Callable[[], Mapping[str, Mapping[str, str]]]
    check: Callable[[], Awaitable[None]] = _at_once
    measure: Callable[[], Awaitable[None]] = _at_once
    about: Mapping[str, object] = field(default_factory=dict)
    is_at_work: Callable[[], bool] = lambda: True
    body_bytes_max: int
    title: str = "Cordon"


def application(edge: Edge, routers: list[APIRouter]) -> FastAPI:
    """The application; whoever serves it starts and stops the host around it."""
    app = FastAPI(
        title=edge.title,
        version=VERSION,
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
    serve_also(app, [*routers, _health(edge)])
    app.include_router(docs_routes(edge.title, OPENAPI))
    app.add_middleware(BodyLimit, bytes_max=edge.body_bytes_max)
    app.add_middleware(NotYet, is_at_work=edge.is_at_work)
    app.add_middleware(Observed, metrics=edge.metrics)  # outermost: what is refused for its size is seen, too
    return app


def serve_also(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Serve these, too, before anything of an application but its health was asked for."""
    for router in routers:
        app.include_router(router, dependencies=[Security(BEARER)])


async def _unavailable(request: Request, error: Exception) -> Response:
    """The database does not answer: nothing was recorded, and the same request may be sent again."""
    name, at = type(error).__name__, trail(error.__traceback__)
    log("failed", level="error", source="database", route=_route(request.scope), error=name, at=at)
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
        """The process answers, so its event loop turns. Whoever does not answer this is started again."""
        return {"status": "up"}

    @router.get("/health/readiness")
    async def readiness(response: Response) -> dict[str, Any]:
        """Whether every service hears every source and can record: 503, with a code for each thing amiss, if not.

        For people, alarms and whoever rolls out a new version, who wait for it. What can be shown is shown, and
        agencies are tasked, whatever it says (SR-27): nobody is to be kept from a service because of it.
        """
        await edge.check()
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
        await edge.measure()
        for service, codes in edge.health().items():
            edge.metrics.ready.labels(service).set(not codes)
        return Response(edge.metrics.shown(), media_type=CONTENT_TYPE)

    @router.get("/info")
    async def info(read: ReadBy) -> Mapping[str, object]:
        """Which version of what runs here, and since when. For operators alone."""
        # Nothing of it is about people (SR-16). But nobody else needs it, and versions tell whoever means harm what to
        # try.
        if not read.has("operator"):
            raise NotThere
        return edge.about

    return router


class NotYet:
    """ASGI middleware: before the host is at work it is told how it is, and everything else is asked to come again.

    A service that starts may have to rebuild what it shows: whoever watches processes must not take it for dead.
    """

    def __init__(self, app: ASGIApp, is_at_work: Callable[[], bool]) -> None:
        self._app: Final = app
        self._is_at_work: Final = is_at_work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_at_work() or scope["path"].startswith(HEALTH):
            await self._app(scope, receive, send)
            return
        refusal = problems.problem(503, "service-unavailable", problems.EDGE_REFUSALS["service-unavailable"])
        await refusal(scope, receive, send)


def _route(scope: Scope) -> str:
    """The pattern of the address that is asked, never the address."""
    return str(getattr(scope.get("route"), "path", "none"))


class Observed:
    """ASGI middleware: one canonical line and one observation a request, by the route's pattern, never its address."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app: Final = app
        self._metrics: Final = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, is_answered, failure = UNANSWERED, False, dict[str, str]()
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
        except asyncio.CancelledError:  # the server ends, and has waited for this long enough
            if not is_answered:
                await problems.problem(503, "answer-lost", problems.EDGE_REFUSALS["answer-lost"])(scope, receive, sent)
            raise
        except Exception as error:
            failure = {"error": type(error).__name__, "at": trail(error.__traceback__)}
            if not is_answered:
                await problems.problem(500, "failed-here", problems.EDGE_REFUSALS["failed-here"])(scope, receive, sent)
            raise
        finally:
            seconds = perf_counter() - started
            route = _route(scope)
            self._metrics.seconds.labels(route, str(status)).observe(seconds)
            is_wrong = status >= 500 and not route.startswith(HEALTH)  # noqa: PLR2004 - RFC 9110; a 503 is health's answer
            level: Any = "error" if is_wrong else "info"
            log(
                "served",
                level=level,
                method=scope["method"],
                route=route,
                status=status,
                duration_ms=round(seconds * 1000, 1),
                **failure,
            )
