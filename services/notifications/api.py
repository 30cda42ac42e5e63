"""The worklist over HTTP: what waits for the reader, now and live, and the word that it was seen."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query, Request, Response
from msgspec import Struct

from infra.web.desk import Desk
from infra.web.live import ORDER_MAX, STREAMS, Told, live
from infra.web.requests import AskedBy, NotThere, ReadBy, shown
from schemas.ids import NoticeId
from schemas.worklist import WorkItem
from services.notifications import access, read_models
from services.notifications.domain import notice

STREAM_PAGE: Final = 100

After = Annotated[int, Query(ge=0, le=ORDER_MAX, description="`last` of the page before.")]
Count = Annotated[int, Query(ge=1, le=read_models.PAGE_MAX)]


class Worklist(Struct, frozen=True, kw_only=True):
    """What waits, in the order in which it came to the reader's lists. The live stream goes on after `last`."""

    items: tuple[WorkItem, ...]
    last: int


class Acknowledged(Struct, frozen=True, kw_only=True):
    """It is off the reader's lists."""

    notice: NoticeId


def routes(desk: Desk) -> APIRouter:
    """The addresses of notifications."""
    router = APIRouter(tags=["notifications"])

    @router.get("/worklist")
    async def worklist(read: ReadBy, after: After = 0, count: Count = read_models.PAGE_MAX) -> Response:
        """Everything that waits for the reader or for a role the reader holds."""
        if not access.may_read_a_worklist(read):
            raise NotThere
        found = await desk.look(lambda connection: read_models.waiting_for(connection, read, after, count))
        last = found[-1][0] if found else after
        return shown(Worklist(items=tuple(item for _, item in found), last=last))

    @router.get("/worklist/stream", **STREAMS)
    async def stream(read: ReadBy, request: Request) -> Response:
        """The same, live (text/event-stream): an event `item` for each. `Last-Event-ID` goes on where one was."""
        if not access.may_read_a_worklist(read):
            raise NotThere

        async def tell(after: int) -> Sequence[Told]:
            found = await desk.look(lambda connection: read_models.waiting_for(connection, read, after, STREAM_PAGE))
            return [Told(order=order, kind="item", json=msgspec.json.encode(item)) for order, item in found]

        return live(request, desk, tell)

    @router.post("/worklist/{notice_id}/acknowledge")
    async def acknowledge(asked: AskedBy, notice_id: str) -> Response:
        """The reader has seen it. It stays on the lists of others."""
        reader = asked.reader
        if not access.may_acknowledge(reader, await desk.state(notice, notice_id)):
            raise NotThere
        seen = notice.AcknowledgeNotice(notice=notice_id, worker=reader.id, roles=frozenset(reader.roles))
        outcome = await desk.ask(asked, notice, notice_id, seen)
        return shown(Acknowledged(notice=notice_id), version=outcome.version)

    return router
