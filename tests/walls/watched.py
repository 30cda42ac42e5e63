"""An installation of which everything is kept: every request with its answer, all that is logged, every file."""

import json
import logging
import re
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TextIO

from httpx import Response

from infra.clock import ManualClock
from infra.logs import configure
from tests.installation import CLIENTS, MONDAY, Caller, Installation, installed

OPENINGS: Final = (
    "/cases/{person}/identity",
    "/actions/{action_id}/text",
    "/agencies/{code}/tasks/{task_id}",
    "/victims/{reference}",
    "/victims/{reference}/contacts/{contact}",
    "/consultations/{action}",
)
"""The routes that give plain text of people, and no others do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer.

    `route` is the address as OpenAPI has it, empty where there is none such; `key` the Idempotency-Key.
    """

    reader: str
    method: str
    route: str
    path: str
    key: str
    sent: bytes
    status: int
    headers: bytes
    body: bytes

    @property
    def is_opening(self) -> bool:
        return self.method == "GET" and self.status == 200 and self.route in OPENINGS

    @property
    def name(self) -> str:
        return f"{self.status} to {self.method} {self.path} by {self.reader or 'nobody'}"


class Watched:
    """An installation and what it left behind so far."""

    def __init__(self, there: Installation, clock: ManualClock, files: Path, said: Path) -> None:
        self.there: Final = there
        self.exchanges: Final[list[Exchange]] = []
        self._clock: Final = clock
        self._files: Final = files
        self._said: Final = said
        self._moments = 0
        self._routes: Final[list[tuple[str, re.Pattern[str]]]] = []
        there.http.event_hooks = {"response": [self._remember]}

    def by(self, who: str) -> Caller:
        """The API as this client has it."""
        return self.there.by(who)

    async def get(self, who: str, path: str, **query: str) -> Response:
        """Whatever the answer is, to this client or to nobody."""
        return await (self.by(who).get(path, **query) if who else self.there.http.get(path, params=query))

    async def token(self, who: str) -> str:
        """A token as the issuer gives it."""
        client = CLIENTS[who]
        form = {"grant_type": "client_credentials", "client_id": client.id, "client_secret": client.secret}
        return str((await self.there.http.post("/demo/token", data=form)).json()["access_token"])

    async def pause(self) -> None:
        """Everybody has heard of what was said, and a while goes by: no two steps of a story share a moment."""
        await self.there.settled()
        self._moments += 1
        self._clock.advance(timedelta(minutes=2, seconds=7, microseconds=131 * self._moments))

    async def find_routes(self) -> Mapping[str, Mapping[str, Any]]:
        """The addresses there are, as OpenAPI has them. Fixed ones go before those with a name in them."""
        paths: dict[str, dict[str, Any]] = (await self.there.http.get("/openapi.json")).json()["paths"]
        for path in sorted(paths, key=lambda one: one.count("{")):
            self._routes.append((path, re.compile(re.sub(r"\{\w+\}", "[^/]+", path))))
        return paths

    async def _remember(self, answer: Response) -> None:
        await answer.aread()
        asked = answer.request
        path = asked.url.path
        self.exchanges.append(
            Exchange(
                reader=_reader(asked.headers.get("authorization", "")),
                method=asked.method,
                route=next((route for route, form in self._routes if form.fullmatch(path)), ""),
                path=path,
                key=asked.headers.get("idempotency-key", ""),
                sent=asked.content,
                status=answer.status_code,
                headers="".join(f"{name}: {value}\n" for name, value in answer.headers.items()).encode(),
                body=answer.content,
            )
        )

    def kept(self) -> dict[str, bytes]:
        """Every byte of every file of the installation, logs of databases among them, and all that was logged."""
        files = {path.name: path.read_bytes() for path in sorted(self._files.rglob("*")) if path.is_file()}
        return {**files, "what was logged": self._said.read_bytes()}

    def answered(self) -> dict[str, bytes]:
        """Every answer that opens nothing, its headers too; and the headers of those that do."""
        shown = [(each, each.headers + (b"" if each.is_opening else _told_back(each))) for each in self.exchanges]
        return {f"{place} {each.name}": content for place, (each, content) in enumerate(shown)}


def _told_back(each: Exchange) -> bytes:
    """The answer without the one thing that is told back on purpose: the name that the sender gave to a field.

    It goes to nobody else and is not kept, and without it the pointer would be of no use.
    """
    if b'"field-unknown"' not in each.body:
        return each.body
    answer = json.loads(each.body)
    for said in (answer, *answer.get("receipts", ())):
        if said.get("code") == "field-unknown" and said["pointer"].rpartition("/")[2].encode() in each.sent:
            said["pointer"] = ""
    return json.dumps(answer).encode()


def _reader(authorization: str) -> str:
    """The `sub` of the token, without checking it; empty where there is none."""
    try:
        return str(json.loads(urlsafe_b64decode(authorization.split(".")[1] + "=="))["sub"])
    except (IndexError, ValueError):
        return ""


@asynccontextmanager
async def watched(directory: Path) -> AsyncIterator[Watched]:
    """A new installation in this directory. Whatever any library says meanwhile is kept too."""
    clock = ManualClock(MONDAY)
    said = directory / "said"
    with said.open("w", encoding="utf-8", buffering=1) as to, _logged(to):
        async with installed(directory, clock=clock) as there:
            yield Watched(there, clock, directory / "site", said)


@contextmanager
def _logged(to: TextIO) -> Iterator[None]:
    """Our own log and that of every library, as loud as they can be.

    But for httpx, which is the sender and knows what it sends, and for SQLAlchemy's rows: they are read as files.
    """
    handler = logging.StreamHandler(to)
    handler.addFilter(lambda record: not record.name.startswith(("httpx", "httpcore")))
    undo = configure(as_json=True, level="DEBUG", to=to)
    root, statements = logging.getLogger(), logging.getLogger("sqlalchemy.engine")
    before = statements.level
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG)
    statements.setLevel(logging.INFO)
    try:
        with redirect_stdout(to), redirect_stderr(to):
            yield
    finally:
        statements.setLevel(before)
        undo()
