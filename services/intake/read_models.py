"""What intake shows: which reports wait for somebody, and what was refused. References, kinds and codes only."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    MetaData,
    Table,
    Text,
    and_,
    bindparam,
    false,
    insert,
    or_,
    select,
    true,
    update,
)

from infra.journal.tables import Counter
from infra.service import Change, ReadModel, Recorded
from infra.web.reader import Reader
from schemas.ids import AgencyCode, PersonId, ReportId
from schemas.intake import ReportIdentified, ReportReceived, ReportRefused, ReportUnidentified
from services.intake import access
from services.intake.receipts import Receipt, refused

PAGE_MAX: Final = 200
metadata: Final = MetaData()

reports: Final = Table(
    "reports",
    metadata,
    Column("sequence", Counter, primary_key=True, autoincrement=False),
    Column("report", Text, nullable=False, unique=True),
    Column("agency", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("standing", Text, nullable=False),
    Column("candidates", Text, nullable=False),
    Column("occurred_at", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Index("reports_by_standing", "standing", "sequence"),
)
"""Reports that were taken. `standing` is `waiting` or `identified`; `candidates` are references with spaces between."""

refusals: Final = Table(
    "refusals",
    metadata,
    Column("sequence", Counter, primary_key=True, autoincrement=False),
    Column("refusal", Text, nullable=False, unique=True),
    Column("report", Text, nullable=False, index=True),
    Column("agency", Text, nullable=False),
    Column("source", Text),
    Column("event_id", Text),
    Column("code", Text, nullable=False),
    Column("pointer", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Index("refusals_of_agency", "agency", "sequence"),
)
"""What was refused, each time; `refusal` is the record's own id."""

_RECEIVE: Final = insert(reports)
_STAND: Final = (
    update(reports)
    .where(reports.c.report == bindparam("of_report"))
    .values(standing=bindparam("now_standing"), candidates=bindparam("now_candidates"))
)
_REFUSE: Final = insert(refusals)


def project(recorded: Recorded) -> Iterable[Change]:
    """How an event changes the two lists."""
    match recorded.event:
        case ReportReceived() as event:
            yield _RECEIVE, _received(recorded, event)
        case ReportUnidentified() as event:
            candidates = " ".join(event.candidates)
            yield _STAND, {"of_report": event.report, "now_standing": "waiting", "now_candidates": candidates}
        case ReportIdentified() as event:
            yield _STAND, {"of_report": event.report, "now_standing": "identified", "now_candidates": ""}
        case ReportRefused() as event:
            yield _REFUSE, _refused(recorded, event)
        case _:
            return


def _received(recorded: Recorded, event: ReportReceived) -> dict[str, object]:
    return {
        "sequence": recorded.sequence,
        "report": event.report,
        "agency": event.agency,
        "kind": event.kind,
        "source": event.source,
        "event_id": event.event_id,
        "standing": "waiting",
        "candidates": "",
        "occurred_at": event.occurred_at,
        "recorded_at": recorded.record.recordedtime,
    }


def _refused(recorded: Recorded, event: ReportRefused) -> dict[str, object]:
    return {
        "sequence": recorded.sequence,
        "refusal": recorded.record.id,
        "report": event.report,
        "agency": event.agency,
        "source": event.source,
        "event_id": event.event_id,
        "code": event.code,
        "pointer": event.pointer,
        "recorded_at": recorded.record.recordedtime,
    }


ALL: Final = (
    ReadModel(
        name="reports",
        version=1,
        tables=(reports, refusals),
        reads=(ReportReceived, ReportUnidentified, ReportIdentified, ReportRefused),
        project=project,
    ),
)


class WaitingReport(Struct, frozen=True, kw_only=True):
    """A report of which nobody knows yet whom it is about. `order` is where the next page goes on from."""

    order: int
    report: ReportId
    agency: AgencyCode
    kind: str
    candidates: tuple[PersonId, ...]
    occurred_at: str
    recorded_at: str


class RefusedEvent(Struct, frozen=True, kw_only=True):
    """Something that was refused. `refusal` is where the next page goes on from; it counts nothing."""

    refusal: str
    report: ReportId
    agency: AgencyCode
    source: str | None
    event_id: str | None
    code: str
    pointer: str
    recorded_at: str


def waiting(connection: Connection, reader: Reader, after: int, count: int) -> Sequence[WaitingReport]:
    """What waits, the oldest first, after `order` = `after`."""
    may_see = true() if access.may_see_waiting(reader) else false()
    query = (
        select(reports)
        .where(may_see, reports.c.standing == "waiting", reports.c.sequence > after)
        .order_by(reports.c.sequence)
        .limit(min(count, PAGE_MAX))
    )
    return [
        WaitingReport(
            order=row.sequence,
            report=row.report,
            agency=row.agency,
            kind=row.kind,
            candidates=tuple(row.candidates.split()),
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
        )
        for row in connection.execute(query)
    ]


def refused_events(
    connection: Connection, reader: Reader, agency: AgencyCode | None, before: str, count: int
) -> Sequence[RefusedEvent]:
    """What was refused, the newest first: of one agency, or of all; older than `refusal` = `before`, if it is given."""
    visible = _refusals_visible_to(reader)
    conditions = [visible]
    if agency is not None:
        conditions.append(refusals.c.agency == agency)
    if before:
        place = select(refusals.c.sequence).where(visible, refusals.c.refusal == before).scalar_subquery()
        conditions.append(refusals.c.sequence < place)
    query = select(refusals).where(and_(*conditions)).order_by(refusals.c.sequence.desc()).limit(min(count, PAGE_MAX))
    return [
        RefusedEvent(
            refusal=row.refusal,
            report=row.report,
            agency=row.agency,
            source=row.source,
            event_id=row.event_id,
            code=row.code,
            pointer=row.pointer,
            recorded_at=row.recorded_at,
        )
        for row in connection.execute(query)
    ]


def _refusals_visible_to(reader: Reader) -> ColumnElement[bool]:
    own = refusals.c.agency == reader.agency if access.may_tell(reader, reader.agency) else false()
    return or_(own, true() if access.may_see_refused(reader) else false())


def receipt_of(connection: Connection, reader: Reader, agency: AgencyCode, report: str) -> Receipt | None:
    """What became of an event of this agency: taken, or else why it was refused last. None if there is none to see."""
    if not access.may_see_receipts(reader, agency):
        return None
    taken = connection.execute(
        select(reports.c.source, reports.c.event_id).where(reports.c.report == report, reports.c.agency == agency)
    ).first()
    if taken is not None:
        return Receipt(id=taken.event_id, source=taken.source, report=report, receipt="accepted")
    row = connection.execute(
        select(refusals)
        .where(refusals.c.report == report, refusals.c.agency == agency)
        .order_by(refusals.c.sequence.desc())
        .limit(1)
    ).first()
    return None if row is None else refused(row.report, row.source, row.event_id, row.code, row.pointer)
