"""What services ask each other: messages as stored after one that was heard, and where a service stands (9, 10, 12)."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final, TypeVar

from fastapi import APIRouter, Query, Response

from infra.bus.peers import HeadSaid, StandingSaid
from infra.bus.port import Bus, Forked, UnreachableError
from infra.journal.chain import NOTHING
from infra.journal.place import Place
from infra.runner import Runner
from infra.web.problems import NotThere, Refused
from infra.web.reader import Reader
from infra.web.requests import ReadBy, shown

Answer = TypeVar("Answer")

LIMIT_MAX: Final = 1_000
FIRST_HASH: Final = NOTHING.hex()
WITHIN_SECONDS_MAX: Final = 30.0
NUMBER_MAX = 2**53
"""The largest whole number that every reader of JSON keeps exactly."""


def message_routes(runners: dict[str, Runner], bus: Bus) -> APIRouter:
    """What every service that runs here answers the others. Only services may ask."""
    router = APIRouter(tags=["messages"])

    async def answered(read: Reader, name: str, answer: Callable[[Runner], Awaitable[Answer]]) -> Answer:
        if not read.has("service") or name not in runners:
            raise NotThere
        try:
            return await answer(runners[name])
        except Forked:
            raise Refused(409, "forked") from None
        except UnreachableError:
            raise Refused(503, "service-unavailable") from None

    @router.get("/services/{name}/messages")
    async def messages(
        read: ReadBy,
        name: str,
        after: Annotated[int, Query(ge=0, le=NUMBER_MAX)] = 0,
        hash: Annotated[str, Query(pattern="^[0-9a-f]{64}$")] = FIRST_HASH,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 500,
    ) -> Response:
        """The stored bytes after a message the caller holds: 409 `forked` where it is not exactly ours."""
        place = Place(after, bytes.fromhex(hash))
        sent = await answered(read, name, lambda runner: runner.in_thread(bus.tail, name, place, limit))
        lines = [{"number": one.number, "hash": one.hash.hex(), "record": one.raw.decode()} for one in sent]
        return shown({"messages": lines})

    @router.get("/services/{name}/standing")
    async def standing(read: ReadBy, name: str) -> Response:
        """How far this service has spoken, and whether it has acted on all its own facts. Asks nobody else."""
        at = await answered(read, name, lambda runner: runner.in_thread(bus.standing, name))
        return shown(StandingSaid(number=at.number, hash=at.hash.hex(), stopped=at.stopped, is_abreast=at.is_abreast))

    @router.get("/services/{name}/head")
    async def head(
        read: ReadBy, name: str, within: Annotated[float, Query(ge=0, le=WITHIN_SECONDS_MAX)] = 0.0
    ) -> Response:
        """The same once it has acted on all that those it hears had said, or after `within` seconds: it asks them."""
        at = await answered(read, name, lambda runner: runner.over_bus(bus.head, name, within))
        return shown(HeadSaid(number=at.number, hash=at.hash.hex(), stopped=at.stopped, is_settled=at.is_settled))

    return router
