"""A service is a value: what it decides, hears, shows and serves. One host runs it, whole or alone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import Executable, Table

from infra.decider import Decider
from schemas.envelope import Record
from schemas.event import Event

if TYPE_CHECKING:
    from fastapi import APIRouter

    from infra.web.desk import Desk, Take

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of another service, or a record of one's own, as it reaches a reaction.

    `is_old` is true when a service that began to hear this kind only now catches up: what it learns it must note,
    but nobody is told of it any more.
    """

    source: str
    record: Record
    event: Event
    raw: bytes
    number: int
    hash: bytes
    is_old: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Keep another service's fact in a stream of our own, under its own class, so that we may decide on it."""

    decider: Decider[Any]
    id: str
    event: Event


@dataclass(frozen=True, slots=True)
class Ask:
    """A command that follows, for one stream of ours."""

    decider: Decider[Any]
    id: str
    command: Any


class Known(Protocol):
    """What this service itself knows, read under the lock: the only thing a reaction may look at."""

    def state(self, decider: Decider[State], id: str, /) -> State:
        """The state of one of this service's own streams, with what this transaction has added so far."""
        ...

    @property
    def now(self) -> datetime:
        """The moment of this transaction, aware and UTC."""
        ...


@dataclass(frozen=True, slots=True)
class SetDeadline:
    """Ask to be told when `due_at` has come. A second one of the same name on the same stream replaces the first."""

    name: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ClearDeadline:
    """The deadline of this name on this stream no longer matters."""

    name: str


Change = tuple[Executable, Mapping[str, Any]]
"""A statement of SQLAlchemy Core, built once as a module constant with bind parameters, and its parameters.

Changes of one table are carried out in their order, and runs of the same statement together.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One record of the journal as a read model sees it, live and when it is rebuilt."""

    sequence: int
    stream: str
    version: int
    record: Record
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadModel:
    """Tables, how a record of the own journal changes them, and a version: raised when either changes.

    `project` is pure and uses the record's times, never the clock; `reads` are the classes it wants to see.
    """

    name: str
    version: int
    tables: tuple[Table, ...]
    reads: tuple[type[Event], ...]
    project: Callable[[Recorded], Iterable[Change]]


def reacts_to_nothing(heard: Heard, known: Known) -> Sequence[Note | Ask]:  # noqa: ARG001 - it is a reaction
    """The reaction of a service that acts on nothing it hears."""
    return ()


def sets_no_deadlines(stream: str, event: Event) -> Sequence[SetDeadline | ClearDeadline]:  # noqa: ARG001
    """The clocks of a service without clocks."""
    return ()


EVERYTHING: tuple[type[Event], ...] = ()
"""In `hears`: every message of that source, of whatever class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """Topics of a broker on which others tell a service something, each with the topic of the answers to it.

    `take` is given the desk and returns what takes one record after the other.
    """

    topics: Mapping[str, str]
    take: "Callable[[Desk], Take]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The map of a service. Every field but the name may be left at its default."""

    name: str
    deciders: tuple[Decider[Any], ...] = ()
    hears: Mapping[str, tuple[type[Event], ...]] = field(default_factory=dict)
    """Source -> the classes it acts on. A service that reacts to its own events names itself."""
    react: Callable[[Heard, Known], Sequence[Note | Ask]] = reacts_to_nothing
    deadlines: Callable[[str, Event], Sequence[SetDeadline | ClearDeadline]] = sets_no_deadlines
    """`(stream, event)` -> deadlines set and cleared by an event of this service's own."""
    on_due: Callable[[str, str, datetime], Ask] | None = None
    """`(stream, name, due_at)` -> the command for a deadline that has come."""
    read_models: tuple[ReadModel, ...] = ()
    routes: "Callable[[Desk], APIRouter] | None" = None
    inbox: Inbox | None = None
    """What it is told over a broker's topics, beside its routes."""
    compartments: tuple[str, ...] = ()
    """The compartments whose private keys it holds; sealing needs none."""
    refusals: Mapping[str, str] = field(default_factory=dict)
    """Rejection code -> the sentence people read. Every code a decider or route of the service can raise."""
