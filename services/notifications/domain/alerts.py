"""The alerts: for each fact that is heard, who is told, in which order, under which code and by when.

The liaison worker always stands first: she hears before, or at the same time as, anybody else (SR-9). A detail is a
code of the fact itself; no field that names an agency or a place is ever taken up, and `about` is a reference.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from schemas.casework import CaseAllocated, CaseOpened, EngagementRecorded
from schemas.disruption import (
    ActionAuthorised,
    ActionConcluded,
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
from schemas.intake import ReportTaken, ReportWaiting
from schemas.reports.prison import PrisonerReceived
from schemas.victim_liaison import (
    ClearanceGiven,
    ClearanceSuspended,
    ConditionsMet,
    ImpactRecorded,
    InformationReleased,
    LiaisonNamed,
    LiaisonStoodDown,
)
from services.notifications.domain.addressees import (
    CASE_MANAGER,
    COORDINATORS,
    LIAISON,
    LIAISON_LEADS,
    PRACTICE_MANAGERS,
    Addressee,
)
from services.notifications.domain.audience import Audience

Clock = Literal["urgent-notice-acknowledged", "notice-acknowledged", "case-allocated", "victim-worker-named"]
URGENT: Final = "urgent-notice-acknowledged"
SOON: Final = "notice-acknowledged"

When = Callable[[Any, Audience], bool]
Detail = Callable[[Any], str | None]


def always(_event: object, _audience: Audience) -> bool:
    return True


def nothing(_event: object) -> None:
    """No detail: the code says it all, or the rest is not for this addressee."""
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One addressee is told: under which code, by the clock of the catalogue that runs, with which coded detail.

    `about` is the field that refers to what it is about, where it is another one than the alert's.
    """

    to: Addressee
    code: str
    clock: Clock = SOON
    detail: Detail = nothing
    about: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What a fact sets off: `tells` in their order, `about` the field that refers to it, `when` if not always."""

    event: type[Event]
    about: str
    tells: tuple[Telling, ...]
    when: When = always


def nobody_stands_with_victims(_event: object, audience: Audience) -> bool:
    return not audience.liaison


def somebody_stands_with_victims(_event: object, audience: Audience) -> bool:
    return bool(audience.liaison)


def worker_is_on_both_sides(event: CaseAllocated | LiaisonNamed, audience: Audience) -> bool:
    """Each side refuses it by what it knows; where both decided at the same moment, people must undo it."""
    return event.worker == audience.case_manager and event.worker in audience.liaison


def he_is_received_into_custody(event: ReportTaken, _audience: Audience) -> bool:
    return isinstance(event.facts, PrisonerReceived)


def he_is_aware(event: EngagementRecorded, _audience: Audience) -> bool:
    return event.is_aware


def he_counts_as_unaware(event: EngagementRecorded, _audience: Audience) -> bool:
    return not event.is_aware


def verdict_is(verdict: str) -> When:
    """Of a clearance."""
    return lambda event, _audience: bool(event.verdict == verdict)


def answer_is(answer: str) -> When:
    """Of an agency, to a task."""
    return lambda event, _audience: bool(event.answer == answer)


def outcome_of(event: TaskAnswered | ActionConcluded) -> str | None:
    return None if event.outcome is None else event.outcome.code


OF_REPORTS: Final = (
    Alert(event=ReportWaiting, about="report", tells=(Telling(to=COORDINATORS, code="identify-report"),)),
)

OF_THE_CASE: Final = (
    Alert(
        event=CaseOpened,
        about="person",
        when=nobody_stands_with_victims,
        tells=(
            Telling(to=LIAISON_LEADS, code="find-liaison-worker", clock="victim-worker-named"),
            Telling(to=COORDINATORS, code="allocate-case", clock="case-allocated"),
        ),
    ),
    Alert(
        event=CaseOpened,
        about="person",
        when=somebody_stands_with_victims,
        tells=(
            Telling(to=LIAISON, code="case-opened"),
            Telling(to=COORDINATORS, code="allocate-case", clock="case-allocated"),
        ),
    ),
    Alert(
        event=CaseAllocated,
        about="person",
        tells=(
            Telling(to=LIAISON, code="case-manager-named", about="worker"),
            Telling(to=CASE_MANAGER, code="case-allocated"),
        ),
    ),
    Alert(
        event=EngagementRecorded,
        about="person",
        when=he_is_aware,
        tells=(Telling(to=LIAISON, code="person-aware", clock=URGENT, detail=lambda event: event.state),),
    ),
    Alert(
        event=EngagementRecorded,
        about="person",
        when=he_counts_as_unaware,
        tells=(Telling(to=LIAISON, code="engagement-recorded", detail=lambda event: event.state),),
    ),
    Alert(
        event=ReportTaken,
        about="person",
        when=he_is_received_into_custody,
        tells=(
            Telling(to=LIAISON, code="received-into-custody", clock=URGENT),
            Telling(to=CASE_MANAGER, code="received-into-custody"),
        ),
    ),
)

OF_ORDERS: Final = (
    Alert(
        event=OrderGranted,
        about="order",
        tells=(
            Telling(to=LIAISON, code="order-granted", detail=lambda event: event.order_kind),
            Telling(to=CASE_MANAGER, code="order-granted", detail=lambda event: event.order_kind),
        ),
    ),
    Alert(
        event=OrderServed,
        about="order",
        tells=(
            Telling(to=LIAISON, code="order-served", clock=URGENT, detail=lambda event: event.method),
            Telling(to=CASE_MANAGER, code="order-served", detail=lambda event: event.method),
        ),
    ),
    Alert(
        event=OrderBreached,
        about="order",
        tells=(
            Telling(to=LIAISON, code="order-breached", clock=URGENT, detail=lambda event: event.means),
            Telling(to=CASE_MANAGER, code="order-breached", clock=URGENT, detail=lambda event: event.means),
        ),
    ),
)

OF_ACTIONS: Final = (
    Alert(
        event=ActionAuthorised,
        about="action",
        tells=(Telling(to=CASE_MANAGER, code="action-authorised"),),
    ),
    Alert(
        event=ActionTasked,
        about="action",
        tells=(
            Telling(to=LIAISON, code="action-tasked", clock=URGENT, detail=lambda event: event.tactic),
            Telling(to=CASE_MANAGER, code="action-tasked", detail=lambda event: event.tactic),
        ),
    ),
    Alert(
        event=TaskAnswered,
        about="action",
        when=answer_is("accepted"),
        tells=(Telling(to=CASE_MANAGER, code="task-accepted"),),
    ),
    Alert(
        event=TaskAnswered,
        about="action",
        when=answer_is("declined"),
        tells=(Telling(to=CASE_MANAGER, code="task-declined", detail=lambda event: event.reason),),
    ),
    Alert(
        event=TaskAnswered,
        about="action",
        when=answer_is("started"),
        tells=(Telling(to=CASE_MANAGER, code="task-started"),),
    ),
    Alert(
        event=TaskAnswered,
        about="action",
        when=answer_is("not-possible"),
        tells=(Telling(to=CASE_MANAGER, code="task-not-possible", detail=lambda event: event.reason),),
    ),
    Alert(
        event=TaskAnswered,
        about="action",
        when=answer_is("done"),
        tells=(
            Telling(to=LIAISON, code="task-done", clock=URGENT, detail=outcome_of),
            Telling(to=CASE_MANAGER, code="task-done", detail=outcome_of),
        ),
    ),
    Alert(
        event=TaskOverdue,
        about="action",
        tells=(Telling(to=CASE_MANAGER, code="task-overdue"),),
    ),
    Alert(
        event=TaskRecalled,
        about="action",
        tells=(
            # Not why: it may be the answer of another victim's worker.
            Telling(to=LIAISON, code="task-recalled", clock=URGENT),
            Telling(to=CASE_MANAGER, code="task-recalled", clock=URGENT, detail=lambda event: event.why),
        ),
    ),
    Alert(
        event=ActionConcluded,
        about="action",
        tells=(Telling(to=LIAISON, code="action-concluded", detail=outcome_of),),
    ),
    Alert(
        event=ActionWithdrawn,
        about="action",
        tells=(Telling(to=LIAISON, code="action-withdrawn"),),
    ),
)

OF_THE_VICTIMS_SIDE: Final = (
    Alert(
        event=InformationReleased,
        about="release",
        tells=(Telling(to=CASE_MANAGER, code="information-released", detail=lambda event: event.code),),
    ),
    Alert(
        event=ClearanceGiven,
        about="action",
        when=verdict_is("agreed"),
        tells=(
            Telling(to=CASE_MANAGER, code="clearance-agreed"),
            Telling(to=PRACTICE_MANAGERS, code="authorise-action"),
        ),
    ),
    Alert(
        event=ClearanceGiven,
        about="action",
        when=verdict_is("agreed-with-conditions"),
        tells=(Telling(to=CASE_MANAGER, code="clearance-with-conditions"),),
    ),
    Alert(
        event=ClearanceGiven,
        about="action",
        when=verdict_is("objected"),
        tells=(Telling(to=CASE_MANAGER, code="clearance-objected"),),
    ),
    Alert(
        event=ClearanceGiven,
        about="action",
        when=verdict_is("cannot-reach"),
        tells=(Telling(to=CASE_MANAGER, code="clearance-cannot-reach"),),
    ),
    Alert(
        event=ConditionsMet,
        about="action",
        tells=(
            Telling(to=CASE_MANAGER, code="conditions-met"),
            Telling(to=PRACTICE_MANAGERS, code="authorise-action"),
        ),
    ),
    Alert(
        event=ClearanceSuspended,
        about="action",
        tells=(Telling(to=CASE_MANAGER, code="clearance-suspended", clock=URGENT),),
    ),
    Alert(
        event=ImpactRecorded,
        about="action",
        tells=(Telling(to=CASE_MANAGER, code="impact-recorded", detail=lambda event: event.effect),),
    ),
    Alert(
        event=LiaisonStoodDown,
        about="person",
        when=nobody_stands_with_victims,
        tells=(Telling(to=LIAISON_LEADS, code="find-liaison-worker", clock="victim-worker-named"),),
    ),
)

OF_BOTH_SIDES: Final = tuple(
    Alert(
        event=event,
        about="worker",
        when=worker_is_on_both_sides,
        tells=(
            Telling(to=LIAISON_LEADS, code="worker-on-both-sides", clock=URGENT),
            Telling(to=COORDINATORS, code="worker-on-both-sides", clock=URGENT),
        ),
    )
    for event in (CaseAllocated, LiaisonNamed)
)

ALL: Final = (*OF_REPORTS, *OF_THE_CASE, *OF_ORDERS, *OF_ACTIONS, *OF_THE_VICTIMS_SIDE, *OF_BOTH_SIDES)


def set_off_by(event: Event, audience: Audience) -> Sequence[Alert]:
    """The alerts of this fact, given who is to be told."""
    return [alert for alert in ALL if type(event) is alert.event and alert.when(event, audience)]
