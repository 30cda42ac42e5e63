"""Who can be told: for each addressee whose list it comes to, and who is told as well if nobody sees it there.

Nothing is ever addressed to nobody (SR-3, SR-9): where no worker is known, it comes to those who must name one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from schemas.notifications import Owner
from services.notifications.domain.audience import Audience

LIAISON_LEAD: Final[Owner] = "role:liaison-lead"
COORDINATOR: Final[Owner] = "role:coordinator"
PRACTICE_MANAGER: Final[Owner] = "role:practice-manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """`lists` gives at least one list, whatever the audience; `escalates_to` stays on the addressee's own side."""

    name: str
    lists: Callable[[Audience], tuple[Owner, ...]]
    escalates_to: Owner


def _liaison(audience: Audience) -> tuple[Owner, ...]:
    return audience.liaison or (LIAISON_LEAD,)


def _case_manager(audience: Audience) -> tuple[Owner, ...]:
    return (COORDINATOR,) if audience.case_manager is None else (audience.case_manager,)


def _liaison_leads(_audience: Audience) -> tuple[Owner, ...]:
    return (LIAISON_LEAD,)


def _coordinators(_audience: Audience) -> tuple[Owner, ...]:
    return (COORDINATOR,)


def _practice_managers(_audience: Audience) -> tuple[Owner, ...]:
    return (PRACTICE_MANAGER,)


LIAISON: Final = Addressee(name="the liaison workers", lists=_liaison, escalates_to=LIAISON_LEAD)
LIAISON_LEADS: Final = Addressee(name="the liaison leads", lists=_liaison_leads, escalates_to=LIAISON_LEAD)
CASE_MANAGER: Final = Addressee(name="the case manager", lists=_case_manager, escalates_to=PRACTICE_MANAGER)
COORDINATORS: Final = Addressee(name="the coordinators", lists=_coordinators, escalates_to=PRACTICE_MANAGER)
PRACTICE_MANAGERS: Final = Addressee(
    name="the practice managers", lists=_practice_managers, escalates_to=PRACTICE_MANAGER
)

ON_THE_VICTIMS_SIDE: Final = (LIAISON, LIAISON_LEADS)
ALL: Final = (*ON_THE_VICTIMS_SIDE, CASE_MANAGER, COORDINATORS, PRACTICE_MANAGERS)
