"""What an action can be: the shapes that the action's decider folds to, and that the gate judges."""

from dataclasses import dataclass
from typing import ClassVar, Final

from schemas.disruption import Attribution, Outcome
from schemas.ids import ActionId, AgencyCode, PersonId, TaskId, WorkerId
from schemas.reports.report import Code, Moment
from schemas.sealed import Sealed
from services.disruption.domain.clearance import Awaited, Clearance

TAG_BYTES: Final = 16
"""AES-GCM adds a tag of this many bytes: a sealed text that is no longer than its tag says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The action itself, in its present version, and how the victim's side stands to that version.

    `authors` are all who proposed a version of it. `effects` are the codes of what it changed for her side.
    """

    action: ActionId
    version: int
    person: PersonId
    tactic: Code
    agency: AgencyCode
    attribution: Attribution
    plan: Sealed
    tasking: Sealed
    authors: frozenset[WorkerId]
    clearance: Clearance
    effects: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What an agency was asked, and by when it is to have acted."""

    id: TaskId
    agency: AgencyCode
    due_at: Moment
    is_overdue: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """There is no such action."""

    CODE: ClassVar = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """It stands to be cleared and authorised."""

    CODE: ClassVar = "proposed"
    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorised:
    """A practice manager authorised this version; the agency has not been asked."""

    CODE: ClassVar = "authorised"
    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasked:
    """The agency was asked and has not answered."""

    CODE: ClassVar = "tasked"
    draft: Draft
    task: Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The agency took it on."""

    CODE: ClassVar = "accepted"
    draft: Draft
    task: Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The agency has begun."""

    CODE: ClassVar = "started"
    draft: Draft
    task: Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """The agency was told to stop. The version is still authorised: cleared again, it can be tasked again."""

    CODE: ClassVar = "recalled"
    draft: Draft
    task: Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """The agency said no, and why."""

    CODE: ClassVar = "declined"
    draft: Draft
    task: Task
    reason: Code | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPossible:
    """The agency took it on and could not do it."""

    CODE: ClassVar = "not-possible"
    draft: Draft
    task: Task
    reason: Code | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The agency did it. What came of it is theirs to tell, and ours to record in the end."""

    CODE: ClassVar = "done"
    draft: Draft
    task: Task
    outcome: Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Concluded:
    """What came of it is recorded: there is nothing more to do."""

    CODE: ClassVar = "concluded"
    draft: Draft
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """Given up; no agency was at work on it."""

    CODE: ClassVar = "withdrawn"
    draft: Draft
    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """Given up after the agency was asked: it was told to stop, and may yet say that it had acted before."""

    CODE: ClassVar = "stopped"
    draft: Draft
    task: Task
    reason: Code


WithAgency = Tasked | Accepted | Started
"""An agency is asked to act, or acts."""
Answered = Declined | NotPossible | Done
"""The agency has said its last word."""
Closed = Concluded | Withdrawn | Stopped
WithTask = WithAgency | Answered | Recalled | Stopped
Known = Proposed | Authorised | WithTask | Concluded | Withdrawn
Action = Unknown | Known


def clearance_of(action: Action) -> Clearance:
    """How the victim's side stands to it. Nobody was ever asked about an action that is not there."""
    return Awaited() if isinstance(action, Unknown) else action.draft.clearance


def says_something(sealed: Sealed) -> bool:
    """Whether there is any text in it; told without opening it."""
    return len(sealed.ciphertext) > TAG_BYTES
