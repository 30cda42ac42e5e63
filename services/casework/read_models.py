"""What casework shows: the open cases, and for each person a timeline in codes. Every query takes its reader."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Index,
    MetaData,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    exists,
    false,
    insert,
    select,
    update,
)

from infra.journal.tables import Counter
from infra.service import Change, ReadModel, Recorded
from infra.web.reader import Reader
from schemas.casework import CaseAllocated, CaseOpened, EngagementRecorded
from schemas.ids import PersonId, WorkerId
from schemas.victim_liaison import LiaisonNamed, LiaisonStoodDown
from services.casework import access
from services.casework.domain import timeline

PAGE_MAX: Final = 200
metadata: Final = MetaData()

cases: Final = Table(
    "cases",
    metadata,
    Column("sequence", Counter, primary_key=True, autoincrement=False),
    Column("person", Text, nullable=False, unique=True),
    Column("opened_at", Text, nullable=False),
    Column("case_manager", Text, index=True),
    Column("engagement", Text),
    Column("is_aware", Boolean, nullable=False),
)
liaison: Final = Table(
    "case_liaison",
    metadata,
    Column("person", Text, primary_key=True),
    Column("worker", Text, primary_key=True),
)
"""Who stands with a victim around a person: here only to keep them out."""
rows: Final = Table(
    "timeline",
    metadata,
    Column("sequence", Counter, primary_key=True, autoincrement=False),
    Column("person", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("happened_at", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("detail", Text),
    Index("timeline_of_person", "person", "sequence"),
)

_OPEN: Final = insert(cases)
_ALLOCATE: Final = (
    update(cases).where(cases.c.person == bindparam("of_person")).values(case_manager=bindparam("worker"))
)
_ENGAGE: Final = (
    update(cases)
    .where(cases.c.person == bindparam("of_person"))
    .values(engagement=bindparam("state"), is_aware=bindparam("aware"))
)
_STAND_DOWN: Final = delete(liaison).where(
    liaison.c.person == bindparam("of_person"), liaison.c.worker == bindparam("of_worker")
)
_STAND: Final = insert(liaison)
_ADD_ROW: Final = insert(rows)


def project_cases(recorded: Recorded) -> Iterable[Change]:
    """How an event changes the list of cases."""
    match recorded.event:
        case CaseOpened() as event:
            yield (
                _OPEN,
                {
                    "sequence": recorded.sequence,
                    "person": event.person,
                    "opened_at": recorded.record.time,
                    "case_manager": None,
                    "engagement": None,
                    "is_aware": False,
                },
            )
        case CaseAllocated() as event:
            yield _ALLOCATE, {"of_person": event.person, "worker": event.worker}
        case EngagementRecorded() as event:
            yield _ENGAGE, {"of_person": event.person, "state": event.state, "aware": event.is_aware}
        case LiaisonNamed() as event:
            yield _STAND_DOWN, {"of_person": event.person, "of_worker": event.worker}
            yield _STAND, {"person": event.person, "worker": event.worker}
        case LiaisonStoodDown() as event:
            yield _STAND_DOWN, {"of_person": event.person, "of_worker": event.worker}
        case _:
            return


def project_timeline(recorded: Recorded) -> Iterable[Change]:
    """One row for each event that the timeline knows."""
    row = timeline.BY_EVENT.get(type(recorded.event))
    if row is None:
        return
    yield (
        _ADD_ROW,
        {
            "sequence": recorded.sequence,
            "person": getattr(recorded.event, "person"),  # noqa: B009 - each class of the timeline has one; a test holds it
            "what": row.what,
            "happened_at": recorded.record.time,
            "recorded_at": recorded.record.recordedtime,
            "reference": getattr(recorded.event, row.reference),
            "detail": row.detail(recorded.event),
        },
    )


ALL: Final = (
    ReadModel(
        name="cases",
        version=1,
        tables=(cases, liaison),
        reads=(CaseOpened, CaseAllocated, EngagementRecorded, LiaisonNamed, LiaisonStoodDown),
        project=project_cases,
    ),
    ReadModel(
        name="timeline",
        version=1,
        tables=(rows,),
        reads=tuple(row.event for row in timeline.ALL),
        project=project_timeline,
    ),
)


class CaseRow(Struct, frozen=True, kw_only=True):
    """One open case in a list. `order` is where the next page goes on from."""

    order: int
    person: PersonId
    opened_at: str
    case_manager: WorkerId | None
    engagement: str | None
    is_aware: bool


class TimelineRow(Struct, frozen=True, kw_only=True):
    """Something that happened, in codes: what, when, which reference."""

    order: int
    what: str
    happened_at: str
    recorded_at: str
    reference: str
    detail: str | None


def visible_to(reader: Reader) -> ColumnElement[bool]:
    """`access.may_see_case` as a condition on the table of cases; a test compares the two."""
    stands_with_his_victim = exists().where(liaison.c.person == cases.c.person, liaison.c.worker == reader.id)
    if access.may_see_all_cases(reader):
        return ~stands_with_his_victim
    if access.may_manage_cases(reader):
        return (cases.c.case_manager == reader.id) & ~stands_with_his_victim
    return false()


def open_cases(connection: Connection, reader: Reader, after: int, count: int) -> Sequence[CaseRow]:
    """The cases this reader may see, in the order in which they were opened, after `order` = `after`."""
    query = (
        select(cases)
        .where(visible_to(reader), cases.c.sequence > after)
        .order_by(cases.c.sequence)
        .limit(min(count, PAGE_MAX))
    )
    return [
        CaseRow(
            order=row.sequence,
            person=row.person,
            opened_at=row.opened_at,
            case_manager=row.case_manager,
            engagement=row.engagement,
            is_aware=row.is_aware,
        )
        for row in connection.execute(query)
    ]


def timeline_of(
    connection: Connection, reader: Reader, person: str, after: int, count: int
) -> Sequence[TimelineRow] | None:
    """What happened around this person, the oldest first; None if there is no case or not for this reader."""
    may_see: Select[tuple[int]] = select(cases.c.sequence).where(visible_to(reader), cases.c.person == person)
    if connection.execute(may_see).first() is None:
        return None
    query = (
        select(rows)
        .where(rows.c.person == person, rows.c.sequence > after)
        .order_by(rows.c.sequence)
        .limit(min(count, PAGE_MAX))
    )
    return [
        TimelineRow(
            order=row.sequence,
            what=row.what,
            happened_at=row.happened_at,
            recorded_at=row.recorded_at,
            reference=row.reference,
            detail=row.detail,
        )
        for row in connection.execute(query)
    ]
