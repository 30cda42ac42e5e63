"""Who works with a person, as casework and the victim's side told us: it decides who may propose and read actions.

Everything here is noted; nothing is decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Never, assert_never

from infra.decider import Policies
from schemas.casework import CaseAllocated, CaseOpened
from schemas.event import Event
from schemas.ids import WorkerId
from schemas.victim_liaison import LiaisonNamed, LiaisonStoodDown

PersonNoted = CaseOpened | CaseAllocated | LiaisonNamed | LiaisonStoodDown


@dataclass(frozen=True, slots=True, kw_only=True)
class NoCase:
    """There is no case. `liaison` are the workers named on the victim's side around this person."""

    liaison: frozenset[WorkerId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unallocated:
    """There is a case, and no case manager yet."""

    liaison: frozenset[WorkerId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocated:
    """This case manager holds the case."""

    liaison: frozenset[WorkerId]
    case_manager: WorkerId


Person = NoCase | Unallocated | Allocated

CATEGORY: Final = "person"
RULES_VERSION: Final = 1
INITIAL: Final[Person] = NoCase(liaison=frozenset())


def evolve(person: Person, event: PersonNoted) -> Person:
    """Who works with the person after the event. The newest allocation stands."""
    match event:
        case CaseOpened():
            return Unallocated(liaison=person.liaison) if isinstance(person, NoCase) else person
        case CaseAllocated():
            return Allocated(liaison=person.liaison, case_manager=event.worker)
        case LiaisonNamed():
            return replace(person, liaison=person.liaison | {event.worker})
        case LiaisonStoodDown():
            return replace(person, liaison=person.liaison - {event.worker})
        case _:
            assert_never(event)


POLICIES: Final[Policies] = {}


def decide(command: Never, person: Person) -> Sequence[Event]:  # noqa: ARG001 - the shape of a decider
    """There is nothing to ask."""
    assert_never(command)
