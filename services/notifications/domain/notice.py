"""A notice: something that somebody must know by a time, until everybody whose list it stands on has seen it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never

from infra.decider import Policies, enforce
from schemas.event import Event
from schemas.ids import NoticeId, PersonId, WorkerId
from schemas.notifications import NoticeAcknowledged, NoticeEscalated, NoticeRaised, NoticeSettled, Owner

NoticeEvent = NoticeRaised | NoticeAcknowledged | NoticeSettled | NoticeEscalated


@dataclass(frozen=True, slots=True)
class NotRaised:
    """There is no such notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """It stands, or stood, on these `lists`, in the order in which it came to them; `waits_for` have not seen it."""

    person: PersonId | None
    lists: tuple[Owner, ...]
    waits_for: tuple[Owner, ...]
    escalates_to: Owner
    is_escalated: bool = False


Notice = NotRaised | Raised

CATEGORY: Final = "notice"
RULES_VERSION: Final = 1
INITIAL: Final[Notice] = NotRaised()


def evolve(notice: Notice, event: NoticeEvent) -> Notice:
    """The notice after the event."""
    match event:
        case NoticeRaised():
            owner = (event.owner,)
            return Raised(person=event.person, lists=owner, waits_for=owner, escalates_to=event.escalates_to)
        case NoticeAcknowledged() | NoticeSettled() | NoticeEscalated():
            return _evolve_raised(notice, event)
        case _:
            assert_never(event)


def _evolve_raised(notice: Notice, event: NoticeAcknowledged | NoticeSettled | NoticeEscalated) -> Notice:
    match notice:
        case NotRaised():
            return notice
        case Raised():
            match event:
                case NoticeAcknowledged():
                    return replace(notice, waits_for=_without(notice.waits_for, event.owner))
                case NoticeSettled():
                    return replace(notice, waits_for=())
                case NoticeEscalated():
                    return replace(
                        notice,
                        lists=(*_without(notice.lists, event.to), event.to),
                        waits_for=(*_without(notice.waits_for, event.to), event.to),
                        is_escalated=True,
                    )
                case _:
                    assert_never(event)
        case _:
            assert_never(notice)


def _without(owners: tuple[Owner, ...], one: Owner) -> tuple[Owner, ...]:
    return tuple(owner for owner in owners if owner != one)


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseNotice:
    """Put something on somebody's list. `due_at` is RFC 3339 in UTC."""

    notice: NoticeId
    person: PersonId | None
    owner: Owner
    code: str
    about: str
    detail: str | None
    due_at: str
    escalates_to: Owner


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeNotice:
    """A worker has seen it, for every list of his or hers that it stands on."""

    notice: NoticeId
    worker: WorkerId
    roles: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleNotice:
    """What it asks for is done."""

    notice: NoticeId


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateNotice:
    """Its time has come. `due_at` is by when the next one must have seen it, RFC 3339 in UTC."""

    notice: NoticeId
    due_at: str


NoticeCommand = RaiseNotice | AcknowledgeNotice | SettleNotice | EscalateNotice


def lists_of(worker: str, roles: frozenset[str]) -> frozenset[Owner]:
    """The lists a worker reads: his or her own, and that of each role held."""
    return frozenset({worker, *(f"role:{role}" for role in roles)})


def the_notice_was_raised(_command: AcknowledgeNotice, notice: Notice) -> str | None:
    """Nobody can have seen what was never raised."""
    return None if isinstance(notice, Raised) else "notice-unknown"


def the_worker_has_it_on_a_list(command: AcknowledgeNotice, notice: Notice) -> str | None:
    """Nobody acknowledges for somebody else: it would leave a list unseen."""
    if isinstance(notice, Raised) and not lists_of(command.worker, command.roles) & set(notice.lists):
        return "notice-not-yours"
    return None


POLICIES: Final[Policies] = {
    AcknowledgeNotice: (the_notice_was_raised, the_worker_has_it_on_a_list),
}


def decide(command: NoticeCommand, notice: Notice) -> Sequence[Event]:
    """The events that follow. Raises Rejected."""
    match command:
        case RaiseNotice():
            return raise_notice(command, notice)
        case AcknowledgeNotice():
            return acknowledge(command, notice)
        case SettleNotice():
            return settle(command, notice)
        case EscalateNotice():
            return escalate(command, notice)
        case _:
            assert_never(command)


def raise_notice(command: RaiseNotice, notice: Notice) -> Sequence[Event]:
    """Once while it waits. An errand may come up again when nobody's list holds it any more."""
    if isinstance(notice, Raised) and notice.waits_for:
        return []
    return [
        NoticeRaised(
            notice=command.notice,
            person=command.person,
            owner=command.owner,
            code=command.code,
            about=command.about,
            detail=command.detail,
            due_at=command.due_at,
            escalates_to=command.escalates_to,
        )
    ]


def acknowledge(command: AcknowledgeNotice, notice: Notice) -> Sequence[Event]:
    """It leaves the worker's lists and stays on those of others: a lead who has seen it is not she who must know."""
    enforce(POLICIES, command, notice)
    match notice:
        case NotRaised():
            return []
        case Raised():
            mine = lists_of(command.worker, command.roles)
            return [
                NoticeAcknowledged(notice=command.notice, person=notice.person, worker=command.worker, owner=owner)
                for owner in notice.waits_for
                if owner in mine
            ]
        case _:
            assert_never(notice)


def settle(command: SettleNotice, notice: Notice) -> Sequence[Event]:
    """Whoever has it on a list need not see it any more."""
    match notice:
        case NotRaised():
            return []
        case Raised():
            return [NoticeSettled(notice=command.notice, person=notice.person)] if notice.waits_for else []
        case _:
            assert_never(notice)


def escalate(command: EscalateNotice, notice: Notice) -> Sequence[Event]:
    """Only what nobody has seen, and once: it then stays on the lists until it is seen."""
    match notice:
        case NotRaised():
            return []
        case Raised():
            if notice.is_escalated or not notice.waits_for:
                return []
            return [
                NoticeEscalated(
                    notice=command.notice, person=notice.person, to=notice.escalates_to, due_at=command.due_at
                )
            ]
        case _:
            assert_never(notice)
