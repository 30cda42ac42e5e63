"""A service that is not there, or does not speak as it should: said at once, never made up, and never asked twice."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import perf_counter

import pytest
from httpx import AsyncClient, Response
from structlog.testing import capture_logs

from infra.web.front import CONNECT_SECONDS
from infra.web.problems import EDGE_REFUSALS
from tests.front.serving import ADDRESS, SECONDS_MAX, base_of, fronted, nobody_listening, speaking

AWAY = {
    "type": "about:blank",
    "status": 503,
    "code": "service-unavailable",
    "title": EDGE_REFUSALS["service-unavailable"],
}
LOST = {"type": "about:blank", "status": 502, "code": "answer-lost", "title": EDGE_REFUSALS["answer-lost"]}
Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]


@asynccontextmanager
async def before(services: str) -> AsyncIterator[AsyncClient]:
    async with (
        fronted(services) as (base, _),
        AsyncClient(base_url=base, trust_env=False, timeout=SECONDS_MAX) as client,
    ):
        yield client


async def asked_of(speak: Speak) -> tuple[Response, int]:
    """What is answered for a service that speaks so once it was asked, and how often it was asked."""
    asked = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.readuntil(b"\r\n\r\n")
        speak(reader, writer)
        writer.close()

    async with speaking(serve) as services, before(services) as client:
        return await client.post("/victims", content=b"{}"), asked


def said(words: bytes = b"") -> Speak:
    return lambda _, writer: writer.write(words)


def reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """End the connection so that the other side is told of an error, as when a process is killed."""
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    writer.transport.abort()


async def test_a_service_that_is_not_there_is_unavailable_at_once() -> None:
    with nobody_listening() as taken, capture_logs() as lines:
        async with before(base_of(taken)) as client:
            started = perf_counter()
            answers = [await client.get("/cases/canary-person"), await client.post("/victims", content=b"{}")]
            seconds = perf_counter() - started

    assert [(503, AWAY)] * 2 == [(answer.status_code, answer.json()) for answer in answers]
    assert "application/problem+json" == answers[0].headers["content-type"]
    assert seconds < CONNECT_SECONDS
    assert ["casework", "victim_liaison"] == [line["service"] for line in lines if line["event"] == "failed"]
    assert "canary" not in str(lines)


async def test_a_service_that_takes_no_connections_is_given_up_soon() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind((ADDRESS, 0))
        full.listen(0)
        for waiting in (first, second):
            waiting.settimeout(0)
            waiting.connect_ex(full.getsockname())
        async with before(base_of(full)) as client:
            started = perf_counter()
            answer = await client.get("/cases")

    assert (503, AWAY) == (answer.status_code, answer.json())
    assert perf_counter() - started < SECONDS_MAX


@pytest.mark.parametrize(
    "speak",
    [
        said(),
        reset,
        said(b"Hello, who is there?\r\n\r\n"),
        said(b"HTTP/1.1 20"),
        said(b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n"),
        said(b"HTTP/1.1 200 OK\r\n" + b"x" * 200_000),
        said(b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["nothing", "reset", "no HTTP", "half a line", "no length", "no end of headers", "only that it goes on"],
)
async def test_whoever_breaks_off_before_the_answer_may_have_done_it_and_is_not_asked_again(speak: Speak) -> None:
    answer, asked = await asked_of(speak)

    assert (502, LOST, 1) == (answer.status_code, answer.json(), asked)


async def test_a_service_that_comes_back_is_reached_without_ado() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhere")
        await writer.drain()
        writer.close()

    statuses = []
    with nobody_listening() as taken:
        async with before(base_of(taken)) as client:
            statuses.append((await client.get("/cases")).status_code)
            async with await asyncio.start_server(serve, sock=taken):
                statuses += [(await client.get("/cases")).status_code for _ in range(3)]

    assert [503, 200, 200, 200] == statuses
