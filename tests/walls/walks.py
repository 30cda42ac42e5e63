"""Walking: every address that can be read, asked for by one reader with every reference of the story."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Final

from tests.installation import AUDITOR, COURTS, HOMES, POLICE, PRISON, SERVICES
from tests.walls.story import Story
from tests.walls.watched import OPENINGS, Exchange

STREAMS: Final = ("/worklist/stream", "/audit/messages/stream")
"""Answers that do not end: read by `streamed`."""
WITH_PERSON: Final = ("/actions", "/orders")
UNLISTED: Final = ("/docs", "/openapi.json")
"""Addresses of which OpenAPI does not tell."""
_SECONDS_MAX: Final = 20.0


async def references(story: Story) -> Mapping[str, Sequence[str]]:
    """What may stand for each name in an address: everything the story brought about, whoever it belongs to."""
    messages = (await story.seen.by(AUDITOR).read("/audit/messages"))["messages"]
    actions = [story.action, story.second]
    return {
        "person": [story.person],
        "action": actions,
        "action_id": actions,
        "reference": story.victims,
        "contact": [story.contact],
        "code": [PRISON, POLICE, COURTS, HOMES],
        "task_id": [story.task],
        "report_id": [story.report],
        "notice_id": [story.notice],
        "message_id": [message["id"] for message in messages],
        "name": [service.name for service in SERVICES],
    }


async def walk(story: Story, who: str, routes: Mapping[str, Mapping[str, Any]]) -> list[Exchange]:
    """Everything that this reader gets, each address once. Where nothing is for one message, none is for any."""
    seen, known = story.seen, await references(story)
    before = len(seen.exchanges)
    for path in UNLISTED:
        await seen.get(who, path)
    for route in sorted(path for path, methods in routes.items() if "get" in methods and path not in STREAMS):
        names = re.findall(r"\{(\w+)\}", route)
        for chosen in product(*(known[name] for name in names)):
            path = route
            for name, reference in zip(names, chosen, strict=True):
                path = path.replace(f"{{{name}}}", reference)
            query = {"person": story.person} if route in WITH_PERSON else {}
            answer = await seen.get(who, path, **query)
            if "message_id" in names and not answer.is_success:
                break
    return seen.exchanges[before:]


def opened(exchanges: Sequence[Exchange]) -> set[str]:
    """The routes through which something was opened."""
    return {each.route for each in exchanges if each.is_opening} & set(OPENINGS)


async def streamed(story: Story, who: str, path: str, until: bytes) -> bytes:
    """What a live stream tells this reader from its beginning, until it has told this."""
    app, token = story.seen.there.host.app, await story.seen.token(who)
    assert app is not None
    told, is_enough = bytearray(), asyncio.Event()

    async def receive() -> dict[str, Any]:
        await is_enough.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        told.extend(message.get("body", b""))
        told.extend(b"".join(name + b": " + value + b"\n" for name, value in message.get("headers", ())))
        if until in told:
            is_enough.set()

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {token}".encode())],
        "server": ("cordon.example.org", 80),
    }
    async with asyncio.timeout(_SECONDS_MAX):
        await app(scope, receive, send)
    return bytes(told)
