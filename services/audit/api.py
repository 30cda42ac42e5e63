"""The ledger over HTTP, for auditors: messages in order and live, one as it was heard, causes and effects, checks."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query, Request, Response
from msgspec import Struct

from infra.web.desk import Desk
from infra.web.live import ORDER_MAX, STREAMS, Told, live
from infra.web.requests import NotThere, ReadBy, shown
from services.audit import access, read_models

STREAM_PAGE: Final = 100

After = Annotated[int, Query(ge=0, le=ORDER_MAX, description="`last` of the page before.")]
Count = Annotated[int, Query(ge=1, le=read_models.PAGE_MAX)]


class Messages(Struct, frozen=True, kw_only=True):
    """A page of the ledger. The next page, and the live stream, go on after `last`."""

    messages: tuple[read_models.Line, ...]
    last: int


class Checks(Struct, frozen=True, kw_only=True):
    """Where each service's messages end."""

    services: tuple[read_models.Check, ...]


def routes(desk: Desk) -> APIRouter:
    """Audit's addresses."""
    router = APIRouter(tags=["audit"])

    @router.get("/audit/messages")
    async def messages(read: ReadBy, after: After = 0, count: Count = read_models.PAGE_MAX) -> Response:
        """Every message of every service, in the order in which it was witnessed."""
        _auditor(read)
        found = await desk.look(lambda connection: read_models.after(connection, read, after, count))
        return shown(Messages(messages=tuple(found), last=found[-1].order if found else after))

    @router.get("/audit/messages/stream", **STREAMS)
    async def stream(read: ReadBy, request: Request) -> Response:
        """The same, live (text/event-stream): an event `message` for each. `Last-Event-ID` goes on where one was."""
        _auditor(read)

        async def tell(after: int) -> Sequence[Told]:
            found = await desk.look(lambda connection: read_models.after(connection, read, after, STREAM_PAGE))
            return [Told(order=line.order, kind="message", json=msgspec.json.encode(line)) for line in found]

        return live(request, desk, tell)

    @router.get("/audit/messages/{message_id}")
    async def message(read: ReadBy, message_id: str) -> Response:
        """One message: its record as it was heard, byte for byte."""
        _auditor(read)
        found = await desk.look(lambda connection: read_models.one(connection, read, message_id))
        if found is None:
            raise NotThere
        return shown(found)

    @router.get("/audit/causes/{message_id}")
    async def causes(read: ReadBy, message_id: str) -> Response:
        """What led to it, and what followed from it."""
        _auditor(read)
        found = await desk.look(lambda connection: read_models.causes(connection, read, message_id))
        if found is None:
            raise NotThere
        return shown(found)

    @router.get("/audit/checks")
    async def checks(read: ReadBy) -> Response:
        """How far each service was witnessed, with the hash of its chain: to be compared with the service's own."""
        _auditor(read)
        found = await desk.look(lambda connection: read_models.checks(connection, read))
        return shown(Checks(services=tuple(found)))

    return router


def _auditor(read: ReadBy) -> None:
    if not access.may_read_the_ledger(read):
        raise NotThere
