"""The person's timeline: which facts stand on it, under which code, by which reference.

It may one day be read by the person himself. So nothing stands here that tells of the victim's side (SR-16): no
liaison worker, no clearance, no suspension, and not why a task was recalled. A release appears as what it is on this
side, information received, and never from whom.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from schemas.casework import CaseAllocated, CaseOpened, CustodyRecorded, EngagementRecorded, ReferralJoined
from schemas.disruption import (
    ActionAuthorised,
    ActionChanged,
    ActionConcluded,
    ActionProposed,
    ActionTasked,
    ActionWithdrawn,
    OrderBreached,
    OrderGranted,
    OrderServed,
    TaskAnswered,
    TaskOverdue,
    TaskRecalled,
)
from schemas.event import Event
from schemas.victim_liaison import InformationReleased


def nothing(_event: Any) -> None:
    """No detail: the code says it all, or the rest is not for this side."""
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a kind of event looks like on the timeline: its code, the field that refers to it, a coded detail."""

    event: type[Event]
    what: str
    reference: str
    detail: Callable[[Any], str | None] = nothing


ALL: Final = (
    Row(event=CaseOpened, what="case-opened", reference="referral"),
    Row(event=ReferralJoined, what="referral-received", reference="referral"),
    Row(event=CaseAllocated, what="case-manager-named", reference="worker"),
    Row(event=EngagementRecorded, what="engagement-recorded", reference="person", detail=lambda event: event.state),
    Row(event=CustodyRecorded, what="received-into-custody", reference="report"),
    Row(event=InformationReleased, what="information-received", reference="release", detail=lambda event: event.code),
    Row(event=OrderGranted, what="order-granted", reference="order", detail=lambda event: event.order_kind),
    Row(event=OrderServed, what="order-served", reference="order", detail=lambda event: event.method),
    Row(event=OrderBreached, what="order-breached", reference="order", detail=lambda event: event.means),
    Row(event=ActionProposed, what="action-proposed", reference="action", detail=lambda event: event.tactic),
    Row(event=ActionChanged, what="action-changed", reference="action", detail=lambda event: event.tactic),
    Row(event=ActionAuthorised, what="action-authorised", reference="action"),
    Row(event=ActionTasked, what="action-tasked", reference="action", detail=lambda event: event.tactic),
    Row(event=TaskAnswered, what="task-answered", reference="action", detail=lambda event: event.answer),
    Row(event=TaskOverdue, what="task-overdue", reference="action"),
    Row(event=TaskRecalled, what="task-recalled", reference="action"),
    Row(event=ActionConcluded, what="action-concluded", reference="action", detail=lambda event: event.outcome.code),
    Row(event=ActionWithdrawn, what="action-withdrawn", reference="action"),
)
BY_EVENT: Final = {row.event: row for row in ALL}
