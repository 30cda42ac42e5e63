"""How the victim's side stands to one version of an action, as far as it has told us. One shape for each standing.

A clearance is for the version it names: what is said of another version changes nothing (SR-1).
"""

from dataclasses import dataclass
from typing import ClassVar, assert_never

from schemas.reports.report import Code
from schemas.victim_liaison import ClearanceGiven, ClearanceSuspended, ConditionsMet

ClearanceNoted = ClearanceGiven | ClearanceSuspended | ConditionsMet


@dataclass(frozen=True, slots=True)
class Awaited:
    """The victim's side has not answered yet, for this version or any before."""

    CODE: ClassVar = "awaited"


@dataclass(frozen=True, slots=True)
class Stale:
    """It had answered for an earlier version; the action is another one now."""

    CODE: ClassVar = "stale"


@dataclass(frozen=True, slots=True)
class Suspended:
    """What it answered does not hold for now: somebody is asked again."""

    CODE: ClassVar = "suspended"


@dataclass(frozen=True, slots=True)
class Objected:
    """Somebody who stands with a victim says no."""

    CODE: ClassVar = "objected"


@dataclass(frozen=True, slots=True)
class NotReached:
    """A victim could not be asked: that is no consent."""

    CODE: ClassVar = "not-reached"


@dataclass(frozen=True, slots=True)
class AgreedOnConditions:
    """Agreed, once these steps are done; they are not done yet."""

    CODE: ClassVar = "agreed-on-conditions"
    conditions: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class ConditionsDone:
    """Agreed, and every step that had to come first is done."""

    CODE: ClassVar = "conditions-done"
    conditions: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Agreed:
    """Agreed, and nothing has to come first."""

    CODE: ClassVar = "agreed"


Answer = Stale | Suspended | Objected | NotReached | AgreedOnConditions | ConditionsDone | Agreed
Clearance = Awaited | Answer


def in_force(clearance: Clearance) -> bool:
    """Whether it lets an action out now: agreed, with every condition met. Each shape says so for itself."""
    match clearance:
        case Agreed() | ConditionsDone():
            return True
        case Awaited() | Stale() | Suspended() | Objected() | NotReached() | AgreedOnConditions():
            return False
        case _:
            assert_never(clearance)


def is_explicit_agreement(clearance: Clearance) -> bool:
    """Whether those who stand with the victims have themselves agreed and see every step they asked for done (SR-6).

    Narrower than being in force where something other than their word can let an action out.
    """
    return isinstance(clearance, Agreed | ConditionsDone)


def conditions_of(clearance: Clearance) -> tuple[Code, ...]:
    """The steps it asks for first, done or not."""
    return clearance.conditions if isinstance(clearance, AgreedOnConditions | ConditionsDone) else ()


def voided(clearance: Clearance) -> Clearance:
    """After a change of the action: an answer there was is one to another question now."""
    return clearance if isinstance(clearance, Awaited) else Stale()


def after(clearance: Clearance, event: ClearanceNoted) -> Clearance:
    """The clearance after word about this very version."""
    match event:
        case ClearanceGiven():
            return _given(event)
        case ClearanceSuspended():
            return Suspended()
        case ConditionsMet():
            return ConditionsDone(clearance.conditions) if isinstance(clearance, AgreedOnConditions) else clearance
        case _:
            assert_never(event)


def _given(event: ClearanceGiven) -> Clearance:
    """Conditions bind whatever the verdict is called, and a verdict with conditions waits even if none is named."""
    match event.verdict:
        case "agreed":
            return AgreedOnConditions(event.conditions) if event.conditions else Agreed()
        case "agreed-with-conditions":
            return AgreedOnConditions(event.conditions)
        case "objected":
            return Objected()
        case "cannot-reach":
            return NotReached()
        case _:
            assert_never(event.verdict)
