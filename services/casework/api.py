"""Casework over HTTP: the cases a worker may see, their timeline, and what is decided on them."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from msgspec import Struct

from infra.web.desk import Desk
from infra.web.requests import AskedBy, NotThere, ReadBy, accepts, body, shown
from schemas.ids import PersonId, ReferralId, WorkerId
from services.casework import access, read_models
from services.casework.domain import case
from services.casework.requests import Allocation, Engagement

PURPOSE: Final = "case-identity"
"""Why an identity is opened, as its record says."""

After = Annotated[int, Query(ge=0, le=2**53, description="The `order` of the last row of the page before.")]
Count = Annotated[int, Query(ge=1, le=read_models.PAGE_MAX)]


class CaseShown(Struct, frozen=True, kw_only=True):
    """One open case. `may_be_messaged` is the answer of SR-11; `in_custody_since` is his newest known reception."""

    person: PersonId
    referrals: tuple[ReferralId, ...]
    case_manager: WorkerId | None
    engagement: str | None
    is_aware: bool
    may_be_messaged: bool
    in_custody_since: datetime | None


class Cases(Struct, frozen=True, kw_only=True):
    """A page of cases."""

    cases: tuple[read_models.CaseRow, ...]


class Timeline(Struct, frozen=True, kw_only=True):
    """A page of a person's timeline."""

    person: PersonId
    rows: tuple[read_models.TimelineRow, ...]


class Identity(Struct, frozen=True, kw_only=True):
    """Who he is and, if known, where he is held, in plain text; `None` for what was erased."""

    person: PersonId
    fields: dict[str, str | None]


def routes(desk: Desk) -> APIRouter:
    """Casework's addresses."""
    router = APIRouter(tags=["casework"])
    _reading(router, desk)
    _deciding(router, desk)
    return router


def _reading(router: APIRouter, desk: Desk) -> None:
    @router.get("/cases")
    async def cases(read: ReadBy, after: After = 0, count: Count = read_models.PAGE_MAX) -> Response:
        """A case manager's own cases; all of them for a coordinator or a practice manager."""
        if not access.may_list_cases(read):
            raise NotThere
        found = await desk.look(lambda connection: read_models.open_cases(connection, read, after, count))
        return shown(Cases(cases=tuple(found)))

    @router.get("/cases/{person}")
    async def one_case(read: ReadBy, person: str) -> Response:
        return shown(_shown(person, await _visible(read, person)))

    @router.get("/cases/{person}/timeline")
    async def timeline(read: ReadBy, person: str, after: After = 0, count: Count = read_models.PAGE_MAX) -> Response:
        """What happened around him, in codes, the oldest first."""
        rows = await desk.look(lambda connection: read_models.timeline_of(connection, read, person, after, count))
        if rows is None:
            raise NotThere
        return shown(Timeline(person=person, rows=tuple(rows)))

    @router.get("/cases/{person}/identity")
    async def identity(read: ReadBy, person: str) -> Response:
        """Who he is, opened for the reader. The opening is recorded before the answer is given."""
        seen = await _visible(read, person)
        sealed = dict(seen.around.identity)
        custody = case.newest_custody(seen)
        if custody is not None and custody.establishment is not None:
            sealed["establishment"] = custody.establishment
        opened = await desk.open(read, PURPOSE, list(sealed.values()))
        return shown(Identity(person=person, fields=dict(zip(sealed, opened, strict=True))))

    async def _visible(read: ReadBy, person: str) -> case.Open:
        seen = await desk.state(case, person)
        if not access.may_see_case(read, seen) or not isinstance(seen, case.Open):
            raise NotThere
        return seen


def _deciding(router: APIRouter, desk: Desk) -> None:
    @router.post("/cases/{person}/allocation", **accepts(Allocation))
    async def allocate(asked: AskedBy, person: str, allocation: Annotated[Allocation, body(Allocation)]) -> Response:
        """Name the case manager; the newest allocation stands."""
        if not access.may_allocate(asked.reader, await desk.state(case, person)):
            raise NotThere
        outcome = await desk.ask(asked, case, person, case.AllocateCase(person=person, worker=allocation.worker))
        return await _now(person, outcome.version)

    @router.post("/cases/{person}/engagement", **accepts(Engagement))
    async def record(asked: AskedBy, person: str, engagement: Annotated[Engagement, body(Engagement)]) -> Response:
        """Record how he takes part. A state that does not show that he is aware counts as unaware."""
        if not access.may_record_engagement(asked.reader, await desk.state(case, person)):
            raise NotThere
        outcome = await desk.ask(asked, case, person, case.RecordEngagement(person=person, state=engagement.state))
        return await _now(person, outcome.version)

    async def _now(person: str, version: int) -> Response:
        seen = await desk.state(case, person)
        if not isinstance(seen, case.Open):
            raise NotThere
        return shown(_shown(person, seen), version=version)


def _shown(person: str, seen: case.Open) -> CaseShown:
    custody = case.newest_custody(seen)
    return CaseShown(
        person=person,
        referrals=tuple(sorted(seen.referrals)),
        case_manager=seen.case_manager,
        engagement=seen.engagement,
        is_aware=seen.is_aware,
        may_be_messaged=case.may_be_messaged(seen),
        in_custody_since=None if custody is None else custody.received_at,
    )
