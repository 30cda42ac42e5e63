"""The clock of a notice: it goes to another list as well when nobody has seen it by its time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from infra.service import Ask, ClearDeadline, SetDeadline
from infra.working_days import due_at
from schemas import catalogue
from schemas.event import Event
from schemas.moments import written
from schemas.notifications import NoticeAcknowledged, NoticeRaised, NoticeSettled
from services.notifications.domain import notice

SEEN: Final = "seen"


def deadlines(_stream: str, event: Event) -> Sequence[SetDeadline | ClearDeadline]:
    """Set when it is raised. Before it escalates it stands on one list, so one acknowledgement clears it."""
    match event:
        case NoticeRaised():
            return (SetDeadline(SEEN, datetime.fromisoformat(event.due_at)),)
        case NoticeAcknowledged() | NoticeSettled():
            return (ClearDeadline(SEEN),)
        case _:
            return ()


def on_due(stream: str, _name: str, due: datetime) -> Ask:
    """Nobody has seen it: the next one has until the clock for escalated notices ends, from that moment on."""
    notice_id = stream.removeprefix(f"{notice.CATEGORY}-")
    next_due = due_at(due, catalogue.clocks()["escalated-notice-acknowledged"])
    return Ask(notice, notice_id, notice.EscalateNotice(notice=notice_id, due_at=written(next_due)))
