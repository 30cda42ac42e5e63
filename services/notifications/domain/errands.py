"""Errands: notices that ask for something to be done. When it is done they leave every list, seen or not.

Their references come from what they ask, not from the message that asked: so what is done can find them. They go to
the holders of a role, because a worker's name may have changed by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from schemas.casework import CaseAllocated
from schemas.disruption import ActionAuthorised, ActionChanged, ActionConcluded, ActionWithdrawn
from schemas.event import Event
from schemas.ids import NoticeId, derive
from schemas.intake import ReportWaitsNoMore
from schemas.victim_liaison import ClearanceSuspended, LiaisonNamed


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What is asked under this code, about the reference in this field, is settled by any of these facts."""

    code: str
    about: str
    settled_by: tuple[type[Event], ...]


ALL: Final = (
    Errand(code="identify-report", about="report", settled_by=(ReportWaitsNoMore,)),
    Errand(code="allocate-case", about="person", settled_by=(CaseAllocated,)),
    Errand(code="find-liaison-worker", about="person", settled_by=(LiaisonNamed,)),
    Errand(
        code="authorise-action",
        about="action",
        settled_by=(ActionAuthorised, ActionChanged, ActionWithdrawn, ActionConcluded, ClearanceSuspended),
    ),
)
BY_CODE: Final = {errand.code: errand for errand in ALL}


def notice_of(code: str, about: str) -> NoticeId:
    """The one notice that asks this about that."""
    return derive("ntc", "errand", code, about)


def settled_by(event: Event) -> Sequence[NoticeId]:
    """The notices that this fact settles, if they were raised."""
    return [notice_of(one.code, getattr(event, one.about)) for one in ALL if type(event) in one.settled_by]
