"""An audience: who is to be told of what changes around a person. It is only ever noted, from what others decided."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Never, assert_never

from infra.decider import Policies
from schemas.casework import CaseAllocated
from schemas.event import Event
from schemas.ids import WorkerId
from schemas.victim_liaison import LiaisonNamed, LiaisonStoodDown

AudienceNoted = CaseAllocated | LiaisonNamed | LiaisonStoodDown


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """The liaison workers, in the order in which they were named, and the case manager. Whose worker is not known."""

    liaison: tuple[WorkerId, ...]
    case_manager: WorkerId | None


CATEGORY: Final = "audience"
RULES_VERSION: Final = 1
INITIAL: Final = Audience(liaison=(), case_manager=None)
POLICIES: Final[Policies] = {}


def evolve(audience: Audience, event: AudienceNoted) -> Audience:
    """The audience after the event."""
    match event:
        case CaseAllocated():
            return replace(audience, case_manager=event.worker)
        case LiaisonNamed():
            if event.worker in audience.liaison:
                return audience
            return replace(audience, liaison=(*audience.liaison, event.worker))
        case LiaisonStoodDown():
            return replace(audience, liaison=tuple(named for named in audience.liaison if named != event.worker))
        case _:
            assert_never(event)


def decide(command: Never, _audience: Audience) -> Sequence[Event]:
    """Nobody is asked to decide here: casework and the victim's side name who is told."""
    assert_never(command)
