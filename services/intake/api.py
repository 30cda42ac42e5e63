"""Intake over HTTP: agencies tell and see their receipts, coordinators see what waits and say whom it is about."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from msgspec import Struct

from infra.web.desk import Desk
from infra.web.reader import Reader
from infra.web.requests import AskedBy, NotThere, ReadBy, accepts, asking_with_key, body, shown
from schemas.agencies import Agency, agencies
from schemas.ids import AgencyCode, PersonId, ReportId
from schemas.rejection import Rejected
from services.intake import access, cloudevents, read_models, receipts
from services.intake.cloudevents import BATCH, BATCH_MAX, PLAIN, STRUCTURED, Delivery, Sent
from services.intake.domain import referral, report
from services.intake.read_models import PAGE_MAX
from services.intake.receiving import Receiving
from services.intake.requests import Identification

After = Annotated[int, Query(ge=0, le=2**53, description="The `order` of the last row of the page before.")]
Before = Annotated[str, Query(max_length=64, description="The `refusal` of the last row of the page before.")]
Count = Annotated[int, Query(ge=1, le=PAGE_MAX)]


class Receipts(Struct, frozen=True, kw_only=True):
    """One receipt for each event of a batch, in their order."""

    receipts: tuple[receipts.Receipt, ...]


class Waiting(Struct, frozen=True, kw_only=True):
    """A page of reports that wait for somebody to say whom they are about."""

    reports: tuple[read_models.WaitingReport, ...]


class RefusedEvents(Struct, frozen=True, kw_only=True):
    """A page of what was refused, the newest first."""

    refused: tuple[read_models.RefusedEvent, ...]


class IdentifiedReport(Struct, frozen=True, kw_only=True):
    """It is known now whom the report is about."""

    report: ReportId
    person: PersonId


_EVENT: Final = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "description": "With `source` it names the event for ever: send again as is."},
        "source": {"type": "string", "format": "uri-reference"},
        "type": {"type": "string", "description": "The kind of report, such as `prison.order-breached.v1`."},
        "time": {"type": "string", "format": "date-time"},
        "data": {"type": "object", "description": "The report, with the fields of its kind."},
    },
}
_EVENTS: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            STRUCTURED: {"schema": _EVENT},
            BATCH: {"schema": {"type": "array", "maxItems": BATCH_MAX, "items": _EVENT}},
            PLAIN: {"schema": _EVENT},
        },
    }
}


def routes(desk: Desk) -> APIRouter:
    """Intake's addresses."""
    router = APIRouter(tags=["intake"])
    _for_agencies(router, desk, agencies())
    _for_coordinators(router, desk)
    return router


def _for_agencies(router: APIRouter, desk: Desk, known: Mapping[AgencyCode, Agency]) -> None:
    receiving = Receiving(desk)

    @router.post("/agencies/{code}/events", status_code=202, openapi_extra=_EVENTS)
    async def tell(request: Request, read: ReadBy, code: str) -> Response:
        """Tell us something: one CloudEvent (structured or binary), or a batch of them.

        The same event sent again is known by its source and id. A single event that is refused is a problem; in a
        batch each event has its receipt, whatever became of the others.
        """
        agency = known.get(code)
        if agency is None or not access.may_tell(read, code):
            raise NotThere
        sent = await request.body()
        asking_for = partial(asking_with_key, request, read)
        try:
            delivery = cloudevents.delivery(request.headers, sent)
        except Rejected as refusal:
            await receiving.refuse(asking_for, agency, Sent(body=sent), refusal)
            raise receipts.problem(refusal) from None
        given = [await receiving.receive(asking_for, agency, event) for event in delivery.events]
        return _answer(delivery, given)

    @router.get("/agencies/{code}/reports/{report_id}")
    async def receipt(read: ReadBy, code: str, report_id: str) -> Response:
        """The receipt of an event once more."""
        found = await desk.look(lambda connection: read_models.receipt_of(connection, read, code, report_id))
        if found is None:
            raise NotThere
        return shown(found)

    @router.get("/agencies/{code}/refused")
    async def refused(read: ReadBy, code: str, before: Before = "", count: Count = PAGE_MAX) -> Response:
        """What this agency sent and was refused: when, why and where, not what."""
        if code not in known or not access.may_see_receipts(read, code):
            raise NotThere
        return shown(await _refused(desk, read, code, before, count))


def _answer(delivery: Delivery, given: list[receipts.Receipt]) -> Response:
    if delivery.is_batch:
        return shown(Receipts(receipts=tuple(given)))
    (receipt,) = given
    if receipt.code is not None:
        raise receipts.problem(Rejected(receipt.code, receipt.pointer or ""))
    return shown(receipt, status=receipts.status(receipt))


async def _refused(desk: Desk, reader: Reader, agency: AgencyCode | None, before: str, count: int) -> RefusedEvents:
    found = await desk.look(lambda connection: read_models.refused_events(connection, reader, agency, before, count))
    return RefusedEvents(refused=tuple(found))


def _for_coordinators(router: APIRouter, desk: Desk) -> None:
    @router.get("/reports")
    async def waiting(
        read: ReadBy,
        standing: Literal["waiting"] = "waiting",  # noqa: ARG001 - the one list there is, named for the next
        after: After = 0,
        count: Count = PAGE_MAX,
    ) -> Response:
        """Reports of which nobody knows yet whom they are about: references and kinds."""
        if not access.may_see_waiting(read):
            raise NotThere
        found = await desk.look(lambda connection: read_models.waiting(connection, read, after, count))
        return shown(Waiting(reports=tuple(found)))

    @router.get("/reports/refused")
    async def refused(read: ReadBy, before: Before = "", count: Count = PAGE_MAX) -> Response:
        """What any agency sent and was refused: when, why and where, not what."""
        if not access.may_see_refused(read):
            raise NotThere
        return shown(await _refused(desk, read, None, before, count))

    @router.post("/reports/{report_id}/person", **accepts(Identification))
    async def identify(
        asked: AskedBy, report_id: str, identification: Annotated[Identification, body(Identification)]
    ) -> Response:
        """Say whom a waiting report is about: somebody who was referred to us."""
        if not access.may_identify(asked.reader):
            raise NotThere
        taken = await desk.state(report, report_id)
        if isinstance(taken, report.NotTaken):
            raise NotThere
        person = identification.person
        referred = await desk.state(referral, person)
        command = report.IdentifyReport(
            report=report_id,
            person=person,
            is_known_person=isinstance(referred, referral.Referred),
            now=asked.now,
        )
        outcome = await desk.ask(asked, report, report_id, command)
        return shown(IdentifiedReport(report=report_id, person=person), version=outcome.version)
