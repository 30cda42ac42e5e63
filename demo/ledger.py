"""The ledger as an auditor reads it over HTTP: by pages, and live as server-sent events that go on where one was."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from typing import Any, Final

import httpx
import msgspec

from demo.client import Api

PAGE: Final = 500
RECONNECT_SECONDS: Final = 0.2
SILENCE_SECONDS_MAX: Final = 40.0
"""The server says every 15 s that it is still there; after more than two missed words it is not."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One message as the ledger lists it."""

    order: int
    service: str
    number: int
    id: str
    type: str
    recordedtime: str
    person: str | None
    causationid: str
    actor: str
    data: dict[str, Any]


class _Page(msgspec.Struct):
    messages: tuple[Line, ...]
    last: int


def read(api: Api, after: int = 0) -> Iterator[Line]:
    """Every message after that place in the ledger, in its order."""
    while True:
        page = api.get_as(_Page, f"/audit/messages?after={after}&count={PAGE}")
        if not page.messages:
            return
        yield from page.messages
        after = page.last


async def follow(api: Api, after: int = 0) -> AsyncIterator[Line]:
    """Every message after that place, and then each new one, until whoever reads has had enough.

    Raises ServerAwayError and RefusedError, as `api` does when it asks for a token.
    """
    timeout = httpx.Timeout(10.0, read=SILENCE_SECONDS_MAX)
    async with httpx.AsyncClient(base_url=api.base, timeout=timeout, trust_env=False) as http:
        is_known = True
        while True:
            token = await asyncio.to_thread(api.token, anew=not is_known)
            headers = {"Authorization": f"Bearer {token}", "Last-Event-ID": str(after)}
            try:
                async with http.stream("GET", "/audit/messages/stream", headers=headers) as answer:
                    is_known = answer.status_code == HTTPStatus.OK
                    if is_known:
                        async for line in _lines(answer):
                            yield line
                            after = line.order
            except httpx.TransportError:
                is_known = False
            await asyncio.sleep(RECONNECT_SECONDS)


async def _lines(answer: httpx.Response) -> AsyncIterator[Line]:
    """The messages of an open stream. Its frames hold one line of JSON each."""
    async for text in answer.aiter_lines():
        if text.startswith("data: "):
            yield msgspec.json.decode(text.removeprefix("data: "), type=Line)
