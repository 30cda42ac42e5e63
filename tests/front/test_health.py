"""The front's own health: it answers while it runs, and is ready when every service is."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
from httpx import AsyncClient
from starlette.types import Receive, Scope, Send

from infra.web.front import READY_SECONDS
from tests.front.serving import SECONDS_MAX, StandIn, answered, base_of, fronted, nobody_listening, serving
from tests.installation import SERVICES

NAMES = [service.name for service in SERVICES]
WELL: dict[str, dict[str, str]] = {name: {} for name in NAMES}


class Host(StandIn):
    """Stands in for the hosts of all services: its readiness is what it is told to say."""

    def __init__(self, status: int, said: Any) -> None:
        super().__init__("host", answer=self._ready)
        self.paths: list[str] = []
        self._status = status
        self._said = said

    async def _ready(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.paths.append(scope["path"])
        await answered(
            send, self._said if isinstance(self._said, bytes) else msgspec.json.encode(self._said), self._status
        )


async def ready(at: dict[str, str] | str, path: str = "/health/readiness") -> tuple[int, Any]:
    async with (
        fronted(at) as (base, _),
        AsyncClient(base_url=base, trust_env=False, timeout=SECONDS_MAX) as client,
    ):
        answer = await client.get(path)
    return answer.status_code, answer.json()


async def said_of(status: int, said: Any, others: Sequence[str] = NAMES[1:]) -> tuple[int, Any]:
    """What the front says of its readiness while the first service says this, and all others are well."""
    well, one = Host(200, {"status": "up", "stopped": WELL}), Host(status, said)
    async with serving(well) as there, serving(one) as here:
        return await ready({NAMES[0]: here, **dict.fromkeys(others, there)})


async def test_it_is_ready_when_every_service_is() -> None:
    host = Host(200, {"status": "up", "stopped": WELL, "more": 1})
    async with serving(host) as services:
        said = await ready(services)

    assert (200, {"status": "up", "stopped": WELL}) == said
    assert ["/health/readiness"] * len(NAMES) == host.paths


async def test_it_says_what_a_service_has_stopped_hearing() -> None:
    stopped = {NAMES[0]: {"casework": "forked"}, NAMES[1]: {"casework": "of another host's"}}

    assert (503, {"status": "degraded", "stopped": WELL | {NAMES[0]: {"casework": "forked"}}}) == await said_of(
        503, {"status": "degraded", "stopped": stopped}
    )


async def test_a_service_that_is_not_ready_and_does_not_say_why_is_not_ready() -> None:
    assert (503, {"status": "degraded", "stopped": WELL}) == await said_of(503, {"status": "degraded", "stopped": {}})


async def test_what_makes_no_sense_is_no_answer() -> None:
    unreachable = (503, {"status": "degraded", "stopped": WELL | {NAMES[0]: {"itself": "unreachable"}}})

    assert [unreachable] * 3 == [await said_of(200, said) for said in (b"so-so", {"stopped": ["x"]}, {})]


async def test_a_service_that_does_not_answer_is_unreachable_and_the_front_lives() -> None:
    with nobody_listening() as taken:
        said = [await ready(base_of(taken)), await ready(base_of(taken), "/health/liveness")]

    assert [
        (503, {"status": "degraded", "stopped": {name: {"itself": "unreachable"} for name in NAMES}}),
        (200, {"status": "up"}),
    ] == said


async def test_a_service_that_never_comes_to_an_end_is_given_up_while_the_others_are_asked() -> None:
    async def endless(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        leaving = asyncio.ensure_future(receive())
        while not leaving.done():
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            await asyncio.wait((leaving,), timeout=READY_SECONDS / 10)

    async with serving(StandIn("endless", answer=endless)) as services, asyncio.timeout(SECONDS_MAX):
        status, said = await ready(services)

    assert (503, {"itself": "unreachable"}) == (status, said["stopped"][NAMES[-1]])
