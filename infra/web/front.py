"""One address for agencies and workers where each service is a process of its own: what a service owns is passed on.

Nothing is decided, kept, cached or asked again here. Whoever runs a reverse proxy already needs no front.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, Self

import httpx
import msgspec
from fastapi import APIRouter, FastAPI, Response
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.logs import log
from infra.metrics import CONTENT_TYPE, Metrics
from infra.service import Service
from infra.settings import PREFIX, Settings
from infra.web import problems
from infra.web.app import OPENAPI, Observed
from infra.web.docs_page import docs_routes
from infra.web.front_headers import CHUNKED, end_to_end, is_chunked
from infra.web.front_owners import Owners
from infra.web.limits import BodyLimit
from infra.web.live import HEARTBEAT_SECONDS
from infra.web.problems import NotThere
from infra.web.requests import ReadBy
from infra.web.tokens import Tokens

CONNECT_SECONDS: Final = 2.0
"""Services are near: one that does not take a connection by then is not there."""
SILENT_SECONDS_MAX: Final = 2 * HEARTBEAT_SECONDS
"""No answer takes so long, and a live stream breaks its silence twice in it."""
WRITE_SECONDS: Final = 10.0
CONNECTIONS_MAX: Final = 500
"""To each service, so that one whose answers take long keeps nobody from the others. A live stream holds one."""
IDLE_SECONDS: Final = 2.0
"""Less than the 5 s after which uvicorn closes a silent connection: let no request meet one that is being closed."""
READY_SECONDS: Final = 2.0

LIVE: Final = b"text/event-stream"
END: Final[Message] = {"type": "http.response.body", "body": b"", "more_body": False}

_TIMEOUT: Final = httpx.Timeout(SILENT_SECONDS_MAX, connect=CONNECT_SECONDS, write=WRITE_SECONDS, pool=CONNECT_SECONDS)
_LIMITS: Final = httpx.Limits(
    max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX, keepalive_expiry=IDLE_SECONDS
)
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class BrokenOffError(Exception):
    """A service died in the middle of its answer: whoever serves us breaks the client's connection, too."""


class _ClientLeftError(Exception):
    """The client went away before its request was whole."""


class _Readiness(msgspec.Struct):
    """What is read of a host's readiness."""

    stopped: dict[str, dict[str, str]]


@asynccontextmanager
async def front(
    services: Sequence[Service],
    settings: Settings,
    *,
    routers: Sequence[APIRouter] = (),
    tokens: Tokens | None = None,
    title: str = "Cordon",
) -> AsyncIterator[FastAPI]:
    """The application, as long as its connections are open; it serves the `routers` itself.

    With `tokens` operators see its metrics, without nobody does. Raises ValueError where the settings do not say at
    which URL a service answers.
    """
    owners, metrics = Owners(services), Metrics()
    trusted = ssl.create_default_context()
    async with AsyncExitStack() as stack:
        passages = {
            name: await stack.enter_async_context(_Passage(name, _url(settings, name), trusted))
            for name in owners.names
        }
        own = [*routers, _health(passages)]
        if tokens is not None:
            own.append(_metrics(metrics))
        app = FastAPI(title=title, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
        app.state.closing = asyncio.Event()
        app.state.tokens = tokens
        problems.install(app, {})
        for router in (*own, docs_routes(title, OPENAPI), _document(owners.document(title, own))):
            app.include_router(router)
        app.add_middleware(BodyLimit, bytes_max=settings.body_bytes_max)
        app.add_middleware(PassedOn, owners=owners, passages=passages)  # before the limit: services keep their own
        app.add_middleware(Observed, metrics=metrics)
        yield app


class PassedOn:
    """ASGI middleware: what a service owns goes to it; everything else stays here."""

    def __init__(self, app: ASGIApp, owners: Owners, passages: dict[str, "_Passage"]) -> None:
        self._app: Final = app
        self._owners: Final = owners
        self._passages: Final = passages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        owned = self._owners.of(scope) if scope["type"] == "http" else None
        if owned is None:
            await self._app(scope, receive, send)
            return
        name, scope["route"] = owned
        await self._passages[name].pass_on(scope, receive, send)


class _Sent(httpx.AsyncByteStream):
    """A request's body as it arrives, and after it the word that the client went away."""

    def __init__(self, receive: Receive) -> None:
        self._receive: Final = receive
        self.is_whole: Final = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise _ClientLeftError
            if chunk := message.get("body", b""):
                yield chunk
            more = message.get("more_body", False)
        self.is_whole.set()

    async def left(self) -> None:
        """Return when the client has gone away."""
        await self.is_whole.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass


class _Passage:
    """The way to one service: from `async with` to its end.

    A transport, not a client: that would follow redirections, keep cookies and unpack what was packed for another.
    """

    def __init__(self, name: str, url: httpx.URL, trusted: ssl.SSLContext) -> None:
        self._name: Final = name
        self._url: Final = url
        self._transport: Final = httpx.AsyncHTTPTransport(verify=trusted, trust_env=False, limits=_LIMITS, retries=0)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._transport.aclose()

    async def pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask the service the same, and answer what it answers, until either goes away.

        At shutdown a live stream ends here, others finish. An event of which only a part was sent is discarded by
        its reader (HTML, 9.2.6), so such an end claims nothing. Raises BrokenOffError.
        """
        sent, is_live = _Sent(receive), asyncio.Event()
        answering = asyncio.create_task(self._answer(scope, receive, send, sent, is_live))
        leaving = asyncio.create_task(sent.left())
        closing = asyncio.create_task(_all_of(is_live, scope["app"].state.closing))
        tasks = (answering, leaving, closing)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if not answering.cancelled():
            answering.result()
        elif not closing.cancelled():
            await send(END)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, sent: _Sent, is_live: asyncio.Event) -> None:
        try:
            answer = await self._transport.handle_async_request(self._request(scope, sent))
        except _ClientLeftError:
            return
        except httpx.TransportError as error:
            log("failed", level="error", service=self._name, error=type(error).__name__)
            await _refusal(error)(scope, receive, send)
            return
        try:
            headers = end_to_end(answer.headers.raw, without=b"date")  # whoever serves us dates every answer
            await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
            if any(name == b"content-type" and value.startswith(LIVE) for name, value in headers):
                is_live.set()
            async for chunk in answer.aiter_raw():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except httpx.TransportError as error:
            log("failed", level="error", service=self._name, error=type(error).__name__)
            raise BrokenOffError from None
        finally:
            await answer.aclose()
        await send(END)

    def _request(self, scope: Scope, sent: _Sent) -> httpx.Request:
        """The same request for the service: httpx would write another method, address and framing than was sent."""
        headers = [(b"host", self._url.netloc), *end_to_end(scope["headers"], without=b"host")]
        if is_chunked(scope["headers"]):
            headers.append(CHUNKED)
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        request = httpx.Request(
            scope["method"],
            self._url,
            headers=headers,
            stream=sent,
            extensions={"target": self._target(scope["raw_path"] + query), "timeout": _TIMEOUT.as_dict()},
        )
        request.method = scope["method"]
        return request

    def _target(self, path: bytes) -> bytes:
        return self._url.raw_path.rstrip(b"/") + path

    async def readiness(self) -> tuple[bool, dict[str, str]]:
        """Whether the service is ready, and what of it is stopped: `itself`, if it does not say."""
        timeout = httpx.Timeout(READY_SECONDS).as_dict()
        extensions = {"target": self._target(b"/health/readiness"), "timeout": timeout}
        try:
            async with asyncio.timeout(READY_SECONDS):
                answer = await self._transport.handle_async_request(
                    httpx.Request("GET", self._url, extensions=extensions)
                )
                said = msgspec.json.decode(await answer.aread(), type=_Readiness)
        except (httpx.RequestError, msgspec.MsgspecError, TimeoutError):
            return False, {"itself": "unreachable"}
        return answer.is_success, said.stopped.get(self._name, {})


def _url(settings: Settings, service: str) -> httpx.URL:
    try:
        url = httpx.URL(settings.peer_url(service))
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError(f"{PREFIX}PEERS has no URL of HTTP for {service}")
    return url


async def _all_of(*events: asyncio.Event) -> None:
    for event in events:
        await event.wait()


def _refusal(error: httpx.TransportError) -> Response:
    """Nothing was done where nobody was there to be told; otherwise only the service knows."""
    if isinstance(error, _NEVER_SENT):
        return problems.problem(503, "service-unavailable", problems.EDGE_REFUSALS["service-unavailable"])
    return problems.problem(502, "answer-lost", problems.EDGE_REFUSALS["answer-lost"])


def _health(passages: dict[str, _Passage]) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/", include_in_schema=False)
    async def top() -> Response:
        """What can be asked here."""
        return RedirectResponse("/docs")

    @router.get("/health/liveness")
    async def liveness() -> dict[str, str]:
        """The process answers."""
        return {"status": "up"}

    @router.get("/health/readiness")
    async def readiness(response: Response) -> dict[str, Any]:
        """Whether every service is ready: 503, with what is stopped or does not answer, where one is not."""
        said = await asyncio.gather(*(passage.readiness() for passage in passages.values()))
        is_well = all(is_ready for is_ready, _ in said)
        response.status_code = 200 if is_well else 503
        stopped = {name: codes for name, (_, codes) in zip(passages, said, strict=True)}
        return {"status": "up" if is_well else "degraded", "stopped": stopped}

    return router


def _metrics(metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/metrics")
    async def shown(read: ReadBy) -> Response:
        """The front's own counters and gauges, for operators alone. Each service has its own, at its own address."""
        if not read.has("operator"):
            raise NotThere
        return Response(metrics.shown(), media_type=CONTENT_TYPE)

    return router


def _document(whole: bytes) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get(OPENAPI)
    async def document() -> Response:
        return Response(whole, media_type="application/json")

    return router
