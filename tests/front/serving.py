"""Real servers on free ports of this machine, in the loop of the test: services, whoever stands in for one, a front."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.service import Service
from infra.settings import Settings
from infra.web.front import front
from tests.installation import SERVICES

ADDRESS: Final = "127.0.0.1"
SECONDS_MAX: Final = 20.0
"""Whatever has not come by then never does; a busy machine is no failure."""
Header = tuple[bytes, bytes]
Answer = Callable[[Scope, Receive, Send], Awaitable[None]]


class _Server(uvicorn.Server):
    """As the product's own, but signals stay with whoever runs the tests."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """The base URL at which this application is served meanwhile; what is still open at the end is cut off."""
    config = uvicorn.Config(
        app, log_config=None, log_level="critical", access_log=False, server_header=False, lifespan="off"
    )
    server = _Server(config)
    # With the protocol named, so that asyncio turns Nagle's algorithm off and no answer waits for company.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as bound:
        bound.bind((ADDRESS, 0))
        bound.listen(128)
        serve = asyncio.create_task(server.serve(sockets=[bound]))
        try:
            yield base_of(bound)
        finally:
            server.should_exit = server.force_exit = True
            await serve


@contextmanager
def nobody_listening() -> Iterator[socket.socket]:
    """A port that is taken, and takes no connection."""
    with socket.socket() as bound:
        bound.bind((ADDRESS, 0))
        yield bound


def base_of(bound: socket.socket) -> str:
    """The base URL of whoever listens here."""
    return f"http://{ADDRESS}:{bound.getsockname()[1]}"


@asynccontextmanager
async def speaking(
    speak: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """A base URL at which these bytes are spoken, of HTTP or not."""
    server = await asyncio.start_server(speak, ADDRESS, 0)
    async with server:
        yield f"http://{ADDRESS}:{server.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def fronted(
    at: Mapping[str, str] | str,
    *,
    services: Sequence[Service] = SERVICES,
    routers: Sequence[APIRouter] = (),
    **more: Any,
) -> AsyncIterator[tuple[str, FastAPI]]:
    """The base URL of a front before the services `at` these base URLs, and its application."""
    urls = at if not isinstance(at, str) else {service.name: at for service in services}
    peers = ",".join(f"{name}={url}" for name, url in urls.items())
    async with front(services, Settings(peers=peers), routers=routers, **more) as app, serving(app) as base:
        yield base, app


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came to a service's address."""

    method: str
    target: bytes
    headers: tuple[Header, ...]
    body: bytes

    def header(self, name: bytes) -> list[bytes]:
        return [value for other, value in self.headers if other == name]


@dataclass(slots=True)
class StandIn:
    """An application at a service's address: keeps what it is asked and answers its name, or as it is told to."""

    name: str
    asked: list[Asked] = field(default_factory=list)
    answer: Answer | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.answer is not None:
            await self.answer(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            more = message["more_body"]
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        self.asked.append(Asked(scope["method"], scope["raw_path"] + query, tuple(scope["headers"]), body))
        await answered(send, self.name.encode())


async def answered(send: Send, body: bytes, status: int = 200, headers: Sequence[Header] = ()) -> None:
    """Send a whole answer."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def said_back(base: str, said: bytes) -> bytes:
    """Everything that comes back for these bytes, until the other side closes."""
    async with asyncio.timeout(SECONDS_MAX):
        reader, writer = await asyncio.open_connection(ADDRESS, int(base.rpartition(":")[2]))
        try:
            writer.write(said)
            await writer.drain()
            return await reader.read()
        finally:
            writer.close()


def status_of(answer: bytes) -> int:
    """The status of an answer as it came over the wire."""
    return int(answer.split(b" ", 2)[1])
