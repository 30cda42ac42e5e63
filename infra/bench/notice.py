"""The decider of the benchmark's listener: a notice that is raised once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from infra.bench.vocabulary import NoticeRaised
from infra.decider import Policies, enforce


@dataclass(frozen=True, slots=True)
class NotRaised:
    """There is no such notice."""


@dataclass(frozen=True, slots=True)
class Raised:
    """It waits for its owner."""

    owner: str


Notice = NotRaised | Raised
CATEGORY: Final = "notice"
RULES_VERSION: Final = 1
INITIAL: Final[Notice] = NotRaised()


def evolve(_notice: Notice, event: NoticeRaised) -> Notice:
    """The notice after the event."""
    return Raised(event.owner)


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseNotice:
    """Put something on somebody's list."""

    notice: str
    person: str
    owner: str
    code: str
    about: str
    due_at: str


NoticeCommand = RaiseNotice


def somebody_owns_it(command: RaiseNotice, _notice: Notice) -> str | None:
    """What waits for nobody is seen by nobody."""
    return None if command.owner else "notice-without-owner"


POLICIES: Final[Policies] = {RaiseNotice: (somebody_owns_it,)}


def decide(command: NoticeCommand, notice: Notice) -> Sequence[NoticeRaised]:
    """The events that follow. Raises Rejected."""
    match command:
        case RaiseNotice():
            return raise_notice(command, notice)
        case _:
            assert_never(command)


def raise_notice(command: RaiseNotice, notice: Notice) -> Sequence[NoticeRaised]:
    """Once."""
    if isinstance(notice, Raised):
        return []
    enforce(POLICIES, command, notice)
    return [
        NoticeRaised(
            notice=command.notice,
            person=command.person,
            owner=command.owner,
            code=command.code,
            about=command.about,
            due_at=command.due_at,
        )
    ]
