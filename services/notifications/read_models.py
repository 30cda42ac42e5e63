"""The worklist: every notice that somebody has still to see, on each list on which it stands."""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Boolean, Column, Connection, MetaData, Table, Text, bindparam, delete, insert, select, update

from infra.journal.tables import Counter
from infra.service import Change, ReadModel, Recorded
from infra.web.reader import Reader
from schemas.notifications import NoticeAcknowledged, NoticeEscalated, NoticeRaised, NoticeSettled
from schemas.worklist import WorkItem
from services.notifications import access
from services.notifications.domain import wording
from services.notifications.domain.addressees import LIAISON_LEAD

PAGE_MAX: Final = 500
metadata: Final = MetaData()

notices: Final = Table(
    "notices",
    metadata,
    Column("notice", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("person", Text),
    Column("detail", Text),
    Column("raised_at", Text, nullable=False),
    Column("escalates_to", Text, nullable=False),
    Column("is_escalated", Boolean, nullable=False),
)
"""What was raised last under each reference. Kept after it was seen: a list may still hold it."""
listed: Final = Table(
    "listed",
    metadata,
    Column("sequence", Counter, primary_key=True, autoincrement=False),
    Column("notice", Text, nullable=False, index=True),
    Column("owner", Text, nullable=False, index=True),
    Column("due_at", Text, nullable=False),
)
"""On whose lists it stands, since which record of the journal: the order in which a live stream tells of them."""

_FORGET: Final = delete(notices).where(notices.c.notice == bindparam("of_notice"))
_RAISE: Final = insert(notices)
_LIST: Final = insert(listed)
_UNLIST: Final = delete(listed).where(
    listed.c.notice == bindparam("of_notice"), listed.c.owner == bindparam("of_owner")
)
_SETTLE: Final = delete(listed).where(listed.c.notice == bindparam("of_notice"))
_MARK_ESCALATED: Final = update(notices).where(notices.c.notice == bindparam("of_notice")).values(is_escalated=True)


def project(recorded: Recorded) -> Iterable[Change]:
    """How an event changes the lists."""
    match recorded.event:
        case NoticeRaised() as event:
            yield _FORGET, {"of_notice": event.notice}
            yield (
                _RAISE,
                {
                    "notice": event.notice,
                    "code": event.code,
                    "about": event.about,
                    "person": event.person,
                    "detail": event.detail,
                    "raised_at": recorded.record.recordedtime,
                    "escalates_to": event.escalates_to,
                    "is_escalated": False,
                },
            )
            yield _listing(recorded, event.notice, event.owner, event.due_at)
        case NoticeAcknowledged() as event:
            yield _UNLIST, {"of_notice": event.notice, "of_owner": event.owner}
        case NoticeSettled() as event:
            yield _SETTLE, {"of_notice": event.notice}
        case NoticeEscalated() as event:
            yield _MARK_ESCALATED, {"of_notice": event.notice}
            yield _UNLIST, {"of_notice": event.notice, "of_owner": event.to}
            yield _listing(recorded, event.notice, event.to, event.due_at)
        case _:
            return


def _listing(recorded: Recorded, notice: str, owner: str, due_at: str) -> Change:
    return _LIST, {"sequence": recorded.sequence, "notice": notice, "owner": owner, "due_at": due_at}


WORKLIST: Final = ReadModel(
    name="worklist",
    version=1,
    tables=(notices, listed),
    reads=(NoticeRaised, NoticeAcknowledged, NoticeSettled, NoticeEscalated),
    project=project,
)


def waiting_for(connection: Connection, reader: Reader, after: int, count: int) -> Sequence[tuple[int, WorkItem]]:
    """What waits for this reader and came to a list after `after`, each with its order, in that order."""
    query = (
        select(notices, listed.c.sequence, listed.c.owner, listed.c.due_at)
        .join(listed, listed.c.notice == notices.c.notice)
        .where(listed.c.owner.in_(sorted(access.lists_read_by(reader))), listed.c.sequence > after)
        .order_by(listed.c.sequence)
        .limit(min(count, PAGE_MAX))
    )
    return [
        (
            row.sequence,
            WorkItem(
                id=row.notice,
                owner=row.owner,
                code=row.code,
                about=row.about,
                person=row.person,
                detail=row.detail,
                raised_at=row.raised_at,
                due_at=row.due_at,
                is_escalated=row.is_escalated,
                sentence=wording.sentence(row.code, row.detail),
                next_step=wording.next_step(row.code, on_the_victims_side=row.escalates_to == LIAISON_LEAD),
            ),
        )
        for row in connection.execute(query)
    ]
