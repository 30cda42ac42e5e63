"""Answers that go on: what is told arrives when it is told, and when one side goes away the other is let go at once."""

import asyncio
from asyncio import Event
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from infra.web.app import UNANSWERED
from tests.front.serving import SECONDS_MAX, StandIn, answered, fronted, serving

STREAM = "/worklist/stream"


class Telling:
    """A live stream: tells each word when it is given it, until the client leaves or it is told to end."""

    def __init__(self) -> None:
        self.words: asyncio.Queue[bytes] = asyncio.Queue()
        self.is_left = Event()
        self.media_type = b"text/event-stream"

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        headers = [(b"content-type", self.media_type)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        telling = asyncio.create_task(self._tell(send))
        leaving = asyncio.ensure_future(receive())
        await asyncio.wait((telling, leaving), return_when=asyncio.FIRST_COMPLETED)
        if leaving.done():
            self.is_left.set()
            telling.cancel()
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        if telling.done() and not telling.cancelled():
            telling.result()

    async def _tell(self, send: Send) -> None:
        while word := await self.words.get():
            if word == b"die":
                raise ZeroDivisionError
            await send({"type": "http.response.body", "body": word, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@pytest.fixture
def telling(stand_in: StandIn) -> Telling:
    stand_in.answer = told = Telling()
    return told


@pytest.fixture
async def front(stand_in: StandIn) -> AsyncIterator[tuple[AsyncClient, FastAPI]]:
    async with (
        serving(stand_in) as services,
        fronted(services) as (base, app),
        AsyncClient(base_url=base, trust_env=False, timeout=SECONDS_MAX) as client,
    ):
        yield client, app


@asynccontextmanager
async def listening(client: AsyncClient, path: str = STREAM) -> AsyncIterator[tuple[Response, AsyncIterator[bytes]]]:
    async with client.stream("GET", path) as answer:
        yield answer, answer.aiter_raw()


async def test_each_word_arrives_before_the_next_is_told(telling: Telling, front: tuple[AsyncClient, FastAPI]) -> None:
    async with listening(front[0]) as (answer, words):
        heard = []
        for word in (b"data: one\n\n", b"data: two\n\n", b"data: three\n\n"):
            await telling.words.put(word)
            heard.append(await anext(words))

    assert "text/event-stream" == answer.headers["content-type"]
    assert [b"data: one\n\n", b"data: two\n\n", b"data: three\n\n"] == heard


async def test_the_answer_begins_before_anything_is_told(telling: Telling, front: tuple[AsyncClient, FastAPI]) -> None:
    async with listening(front[0]) as (answer, _):
        assert 200 == answer.status_code
    await asyncio.wait_for(telling.is_left.wait(), SECONDS_MAX)


async def test_a_service_is_let_go_when_its_listener_leaves(
    telling: Telling, front: tuple[AsyncClient, FastAPI]
) -> None:
    async with listening(front[0]) as (_, words):
        await telling.words.put(b"one")
        await anext(words)

    await asyncio.wait_for(telling.is_left.wait(), SECONDS_MAX)


async def test_a_listener_is_let_go_when_the_service_ends_its_stream(
    telling: Telling, front: tuple[AsyncClient, FastAPI]
) -> None:
    async with listening(front[0]) as (_, words):
        for word in (b"last", b""):
            await telling.words.put(word)

        assert [b"last"] == [word async for word in words]


async def test_a_service_that_dies_in_the_middle_breaks_the_answer_and_nobody_forges_its_end(
    telling: Telling, front: tuple[AsyncClient, FastAPI]
) -> None:
    for media_type in (b"text/event-stream", b"application/json"):
        telling.media_type = media_type
        async with listening(front[0]) as (_, words):
            await telling.words.put(b"half of it")
            await anext(words)
            await telling.words.put(b"die")

            with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
                await anext(words)


async def test_at_shutdown_a_live_stream_ends_on_both_sides(
    telling: Telling, front: tuple[AsyncClient, FastAPI]
) -> None:
    client, app = front
    async with listening(client) as (_, words):
        await telling.words.put(b"one")
        heard = [await anext(words)]
        app.state.closing.set()
        heard += [word async for word in words]

    assert [b"one"] == heard
    await asyncio.wait_for(telling.is_left.wait(), SECONDS_MAX)


async def test_at_shutdown_another_answer_is_finished(telling: Telling, front: tuple[AsyncClient, FastAPI]) -> None:
    client, app = front
    telling.media_type = b"application/json"
    async with listening(client) as (_, words):
        await telling.words.put(b"[1,")
        heard = [await anext(words)]
        app.state.closing.set()
        for word in (b"2]", b""):
            await telling.words.put(word)
        heard += [word async for word in words]

    assert [b"[1,", b"2]"] == heard


async def test_a_service_is_let_go_when_a_client_leaves_before_the_answer(
    stand_in: StandIn, front: tuple[AsyncClient, FastAPI]
) -> None:
    is_asked, is_left = Event(), Event()

    async def answer(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            is_asked.set()
        is_left.set()

    stand_in.answer = answer
    asking = asyncio.create_task(front[0].post("/victims", content=b"{}"))
    await asyncio.wait_for(is_asked.wait(), SECONDS_MAX)
    asking.cancel()

    await asyncio.wait_for(is_left.wait(), SECONDS_MAX)


@pytest.mark.parametrize(
    "framing", [b"content-length: 10\r\n\r\nhello", b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"]
)
async def test_a_request_that_is_cut_off_comes_to_the_service_as_cut_off(
    stand_in: StandIn, base: str, framing: bytes
) -> None:
    came: asyncio.Queue[object] = asyncio.Queue()

    async def answer(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (message := await receive())["type"] != "http.disconnect":
            await came.put((message["body"], message["more_body"]))
        await came.put("cut off")

    stand_in.answer = answer
    with capture_logs() as lines:
        _, writer = await asyncio.open_connection("127.0.0.1", int(base.rpartition(":")[2]))
        writer.write(b"POST /victims HTTP/1.1\r\nhost: a\r\n" + framing)
        async with asyncio.timeout(SECONDS_MAX):
            first = await came.get()
            writer.close()
            then = await came.get()
            while not lines:  # noqa: ASYNC110 - a log line wakes nobody
                await asyncio.sleep(0)

    assert [(b"hello", True), "cut off"] == [first, then]
    assert [("/victims", UNANSWERED)] == [(line["route"], line["status"]) for line in lines]


async def test_a_body_is_passed_on_as_it_comes(stand_in: StandIn, front: tuple[AsyncClient, FastAPI]) -> None:
    halves: asyncio.Queue[bytes] = asyncio.Queue()
    has_first = Event()

    async def answer(_scope: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive())["more_body"]:
            if message["body"]:
                await halves.put(message["body"])
                has_first.set()
        await halves.put(message["body"])
        await answered(send, b"taken")

    async def body() -> AsyncIterator[bytes]:
        yield b"first"
        await asyncio.wait_for(has_first.wait(), SECONDS_MAX)
        yield b"second"

    stand_in.answer = answer
    taken = await front[0].post("/victims", content=body())
    came = b"".join(halves.get_nowait() for _ in range(halves.qsize()))

    assert ("taken", b"firstsecond") == (taken.text, came)
