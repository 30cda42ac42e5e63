"""The sweeping of one hall. Nothing in it is idempotent: whatever is done twice is seen twice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never

from infra.decider import Policies
from schemas.event import Event
from schemas.rejection import Answer, Rejected
from tests.kernel.parish.events import FloorWaxed, HallBooked, HallFreed, HallSwept, SweepingPlanned


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeping:
    """How often the hall was booked, as noted, and how often it was planned to sweep it, swept and waxed."""

    booked: int = 0
    planned: int = 0
    swept: int = 0
    waxed: int = 0


CATEGORY: Final = "sweeping"
RULES_VERSION: Final = 1
INITIAL: Final = Sweeping()
POLICIES: Final[Policies] = {}


def evolve(sweeping: Sweeping, event: HallBooked | HallFreed | SweepingPlanned | HallSwept | FloorWaxed) -> Sweeping:
    """The sweeping after the event."""
    match event:
        case HallBooked():
            return replace(sweeping, booked=sweeping.booked + 1)
        case HallFreed():
            return sweeping
        case SweepingPlanned():
            return replace(sweeping, planned=sweeping.planned + 1)
        case HallSwept():
            return replace(sweeping, swept=sweeping.swept + 1)
        case FloorWaxed():
            return replace(sweeping, waxed=sweeping.waxed + 1)
        case _:
            assert_never(event)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSweeping:
    """It was booked, so it will need it."""

    hall: str
    broom: str
    is_told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Do it."""

    hall: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wax:
    """And then this."""

    hall: str


def decide(command: PlanSweeping | Sweep | Wax, _sweeping: Sweeping) -> Sequence[Event]:
    """The events that follow. Raises Rejected for the crypt."""
    match command:
        case PlanSweeping(hall="crypt"):
            raise Rejected("crypt-left-alone", answers=(Answer(rule="the-hall-is-swept", refused="crypt-left-alone"),))
        case PlanSweeping():
            return [SweepingPlanned(hall=command.hall, broom=command.broom, is_told=command.is_told)]
        case Sweep():
            return [HallSwept(hall=command.hall)]
        case Wax():
            return [FloorWaxed(hall=command.hall)]
        case _:
            assert_never(command)
