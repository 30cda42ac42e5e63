"""Limits on what is sent, kept before anybody reads it: a body's size, one that ends too soon, NUL in an address."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.web.problems import EDGE_REFUSALS, problem

_DIGITS_MAX: Final = 18
"""Of a body's announced size: Python refuses to read a number of thousands of digits."""


class BodyLimit:
    """ASGI middleware: reads the whole body first, at most `bytes_max` of it; what was cut off reaches no route.

    So a request is acted on whole or not at all, and a large one costs no more than the limit.
    """

    def __init__(self, app: ASGIApp, bytes_max: int) -> None:
        self._app: Final = app
        self._bytes_max: Final = bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and ("\x00" in scope["path"] or b"%00" in scope["query_string"]):
            await self._refuse(422, "request-wrong", scope, receive, send)  # PostgreSQL can look for no such text
            return
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or len(announced) > _DIGITS_MAX or int(announced) > self._bytes_max:
            await self._refuse(413, "body-too-large", scope, receive, send)
            return
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._bytes_max:
                await self._refuse(413, "body-too-large", scope, receive, send)
                return
        if announced != b"0" and len(body) != int(announced):
            await self._refuse(400, "body-cut-off", scope, receive, send)
            return
        await self._app(scope, _replayed(bytes(body), receive), send)

    async def _refuse(self, status: int, code: str, scope: Scope, receive: Receive, send: Send) -> None:
        await problem(status, code, EDGE_REFUSALS[code])(scope, receive, send)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body once, in one piece; after that whatever the server says."""
    is_given = False

    async def replay() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
