"""Live streams: nothing is lost between two connections, silence is not taken for absence, and all ends at shutdown."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Self

import pytest
from fastapi import FastAPI, Request

from infra.web.live import RECONNECT, STILL_HERE, Told, framed, frames, live, resumed_after
from infra.web.problems import Refused


class Board:
    """What was told so far, and a watch on it: the smallest thing a stream can be of."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.watched: int = 0
        self._woken = asyncio.Event()

    def add(self, *words: str) -> None:
        for word in words:
            self.told.append(Told(order=len(self.told) + 1, kind="word", json=f'"{word}"'.encode()))
        self._woken.set()

    async def tell(self, after: int) -> Sequence[Told]:
        return [one for one in self.told if one.order > after][:2]

    async def __aenter__(self) -> Self:
        self.watched += 1
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.watched -= 1

    async def wait(self, timeout_seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._woken.wait(), timeout_seconds)
        except TimeoutError:
            return False
        self._woken.clear()
        return True


def stream(
    board: Board, after: int = 0, closing: asyncio.Event | None = None, heartbeat: float = 5.0, open_max: float = 5.0
) -> AsyncIterator[bytes]:
    return frames(
        board,
        board.tell,
        after,
        closing or asyncio.Event(),
        heartbeat_seconds=heartbeat,
        open_seconds_max=open_max,
    )


async def some(frames: AsyncIterator[bytes], count: int) -> list[bytes]:
    return [await anext(frames) for _ in range(count)]


def frame(order: int, word: str) -> bytes:
    return f'id: {order}\nevent: word\ndata: "{word}"\n\n'.encode()


async def test_what_is_there_comes_at_once_page_by_page() -> None:
    board = Board()
    board.add("one", "two", "three")

    assert [RECONNECT, frame(1, "one"), frame(2, "two"), frame(3, "three")] == await some(stream(board), 4)


async def test_what_comes_later_comes_when_it_comes() -> None:
    board = Board()
    open_stream = stream(board)
    await anext(open_stream)
    following = asyncio.ensure_future(anext(open_stream))
    await asyncio.sleep(0)
    board.add("late")

    assert frame(1, "late") == await following


async def test_whoever_was_cut_off_goes_on_after_what_was_seen_last() -> None:
    board = Board()
    board.add("one", "two", "three")

    assert [RECONNECT, frame(3, "three")] == await some(stream(board, after=2), 2)


async def test_silence_is_broken_by_a_heartbeat() -> None:
    assert [RECONNECT, STILL_HERE, STILL_HERE] == await some(stream(Board(), heartbeat=0.01), 3)


async def test_it_ends_when_the_server_stops_and_lets_go_of_its_watch() -> None:
    board, closing = Board(), asyncio.Event()
    open_stream = stream(board, closing=closing)
    await anext(open_stream)
    following = asyncio.ensure_future(anext(open_stream))
    await asyncio.sleep(0)
    assert 1 == board.watched
    closing.set()

    assert STILL_HERE == await following
    with pytest.raises(StopAsyncIteration):
        await anext(open_stream)
    assert 0 == board.watched


async def test_it_ends_when_the_time_for_one_connection_is_over() -> None:
    whole = [one async for one in stream(Board(), open_max=0.02)]

    assert [RECONNECT, STILL_HERE] == whole


async def test_it_lets_go_of_its_watch_when_the_client_leaves() -> None:
    board = Board()
    open_stream = stream(board)
    await anext(open_stream)
    following = asyncio.ensure_future(anext(open_stream))
    await asyncio.sleep(0)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)

    assert following.cancelled()
    assert 0 == board.watched


async def test_a_failure_to_look_ends_the_stream_and_is_not_hidden() -> None:
    async def fails(_after: int) -> Sequence[Told]:
        raise OSError("the database is gone")

    open_stream = frames(Board(), fails, 0, asyncio.Event())
    await anext(open_stream)

    with pytest.raises(OSError, match="gone"):
        await anext(open_stream)


def test_one_frame_is_one_event() -> None:
    assert b'id: 7\nevent: item\ndata: {"a":1}\n\n' == framed(Told(order=7, kind="item", json=b'{"a":1}'))


def request(query: str = "", **headers: str) -> Request:
    app = FastAPI()
    app.state.closing = asyncio.Event()
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "query_string": query.encode(), "headers": named, "app": app})


def test_the_place_is_the_last_event_id_else_the_address_else_the_beginning() -> None:
    assert [0, 4, 9] == [
        resumed_after(request()),
        resumed_after(request("after=4")),
        resumed_after(request("after=4", last_event_id="9")),
    ]


@pytest.mark.parametrize("place", ["-1", "x", "1.5", "٣", "9" * 30, "9" * 5000])
def test_what_is_no_place_of_ours_is_refused(place: str) -> None:
    with pytest.raises(Refused, match="request-wrong"):
        resumed_after(request(f"after={place}"))


async def test_a_stream_is_kept_by_no_cache_and_no_proxy() -> None:
    board = Board()
    answer = live(request(), SimpleNamespace(watch=lambda: board), board.tell)

    assert ("text/event-stream; charset=utf-8", "no-store", "no") == (
        answer.headers["content-type"],
        answer.headers["cache-control"],
        answer.headers["x-accel-buffering"],
    )
