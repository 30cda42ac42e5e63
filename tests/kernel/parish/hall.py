"""A hall: booked by one at a time, its key lent and missed. With a command that has a bug in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, assert_never

from infra.decider import Policies, enforce
from schemas.event import Event
from schemas.rejection import Rejected
from tests.kernel.parish.events import (
    BellRung,
    HallBooked,
    HallBookedAtFirst,
    HallFreed,
    KeyLent,
    KeyMissed,
    KeyReturned,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """Who has it, if anybody; how often it was ever booked, and its key missed."""

    person: str | None = None
    booked: int = 0
    is_lent: bool = False
    missed: int = 0


CATEGORY: Final = "hall"
RULES_VERSION: Final = 3
INITIAL: Final = Hall()
MISSED_MAX: Final = 2


def evolve(
    hall: Hall, event: HallBookedAtFirst | HallBooked | HallFreed | BellRung | KeyLent | KeyReturned | KeyMissed
) -> Hall:
    """The hall after the event."""
    match event:
        case HallBooked() | HallBookedAtFirst():
            return replace(hall, person=event.person, booked=hall.booked + 1)
        case HallFreed():
            return replace(hall, person=None)
        case BellRung():
            return hall
        case KeyLent():
            return replace(hall, is_lent=True)
        case KeyReturned():
            return replace(hall, is_lent=False, missed=0)
        case KeyMissed():
            return replace(hall, missed=hall.missed + 1)
        case _:
            assert_never(event)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookHall:
    """Have the hall for some hours."""

    hall: str
    person: str
    hours: int = 1
    broom: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookAsAtFirst:
    """The same, in the shape that was given up."""

    hall: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeHall:
    """Let somebody else have it."""

    hall: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LendKey:
    """Lend the key, again and again."""

    hall: str
    keeper: str
    due_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnKey:
    """Bring the key back."""

    hall: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MissKey:
    """It was due at `due_at`, and is not there."""

    hall: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RingBell:
    """Ring for somebody."""

    person: str
    peal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Collapse:
    """A mistake in the program."""


Command = BookHall | BookAsAtFirst | FreeHall | LendKey | ReturnKey | MissKey | RingBell | Collapse


def the_hall_is_free(_command: BookHall, hall: Hall) -> str | None:
    """One at a time."""
    return None if hall.person is None else "hall-taken"


def the_hours_are_few(command: BookHall, _hall: Hall) -> str | None:
    """Others want it too."""
    return None if command.hours <= 12 else "hours-too-many"


POLICIES: Final[Policies] = {BookHall: (the_hall_is_free, the_hours_are_few)}


def decide(command: Command, hall: Hall) -> Sequence[Event]:
    """The events that follow. Raises Rejected."""
    match command:
        case BookHall():
            return book(command, hall)
        case BookAsAtFirst():
            return [HallBookedAtFirst(hall=command.hall, person=command.person)]
        case FreeHall():
            return free(command, hall)
        case LendKey():
            return [KeyLent(hall=command.hall, keeper=command.keeper, due_at=command.due_at)]
        case ReturnKey():
            return [KeyReturned(hall=command.hall)] if hall.is_lent else []
        case MissKey():
            return miss(command, hall)
        case RingBell():
            return [BellRung(person=command.person, peal=command.peal)]
        case Collapse():
            raise ZeroDivisionError
        case _:
            assert_never(command)


def book(command: BookHall, hall: Hall) -> Sequence[Event]:
    """Once for one person."""
    if hall.person == command.person:
        return []
    enforce(POLICIES, command, hall)
    return [HallBooked(hall=command.hall, person=command.person, hours=command.hours, broom=command.broom)]


def free(command: FreeHall, hall: Hall) -> Sequence[Event]:
    """A free hall stays free."""
    if hall.person is None:
        return []
    return [HallFreed(hall=command.hall, person=hall.person, occurred_at=command.now.isoformat())]


def miss(command: MissKey, hall: Hall) -> Sequence[Event]:
    """It is asked for again an hour later, until it has been missed often enough."""
    if not hall.is_lent:
        raise Rejected("key-not-lent")
    again = (command.due_at + timedelta(hours=1)).astimezone(UTC).isoformat()
    return [KeyMissed(hall=command.hall, again_at=again if hall.missed + 1 < MISSED_MAX else None)]
