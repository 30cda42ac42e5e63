"""`GET /services/{name}/messages?after=&hash=`: a service's messages as stored, for other services (rule 9)."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from infra.bus.port import Bus, Forked, UnreachableError
from infra.journal.chain import NOTHING
from infra.journal.place import Place
from infra.runner import Runner
from infra.web.problems import NotThere, Refused
from infra.web.requests import ReadBy, shown

LIMIT_MAX: Final = 1_000
FIRST_HASH: Final = NOTHING.hex()
NUMBER_MAX = 2**53
"""The largest whole number that every reader of JSON keeps exactly."""


def message_routes(runners: dict[str, Runner], bus: Bus) -> APIRouter:
    """The messages of every service that runs here. Only services may read them."""
    router = APIRouter(tags=["messages"])

    @router.get("/services/{name}/messages")
    async def messages(
        read: ReadBy,
        name: str,
        after: Annotated[int, Query(ge=0, le=NUMBER_MAX)] = 0,
        hash: Annotated[str, Query(pattern="^[0-9a-f]{64}$")] = FIRST_HASH,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 500,
    ) -> Response:
        """The stored bytes after a message the caller holds: 409 `forked` where it is not exactly ours."""
        if not read.has("service") or name not in runners:
            raise NotThere
        try:
            sent = await runners[name].in_thread(bus.tail, name, Place(after, bytes.fromhex(hash)), limit)
        except Forked:
            raise Refused(409, "forked") from None
        except UnreachableError:
            raise Refused(503, "service-unavailable") from None
        lines = [{"number": one.number, "hash": one.hash.hex(), "record": one.raw.decode()} for one in sent]
        return shown({"messages": lines})

    return router
