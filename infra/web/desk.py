"""What a service's routes are given: a way to ask, to look, to seal and to open. Routes translate, and no more."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, Self, TypeVar

from sqlalchemy import Connection

from infra.decider import Decider
from infra.journal.arrivals import Arrival
from infra.web.reader import Reader
from schemas.event import Event
from schemas.sealed import Compartment, Sealed

State = TypeVar("State")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The circumstances of a request: who asks, under which command id, and what it is checked against.

    `command_id` is `uuid5(actor, Idempotency-Key)`: new references are derived from it (`schemas.ids.derive`), so a
    repeated request names the same things. `fingerprint` is a keyed digest of method, path and body: the same key
    with another body is refused. `version` is the stream version of an If-Match header, if there was one. `arrival`:
    the command came by a topic, and unless it is refused our place there moves in the same transaction.
    """

    command_id: str
    reader: Reader
    fingerprint: bytes
    now: datetime
    purpose: str = ""
    on_behalf_of: str = ""
    version: int | None = None
    arrival: Arrival | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a command: the events decided (none if nothing was to do) and the stream's version after it."""

    events: Sequence[Event]
    event_ids: Sequence[str]
    version: int
    is_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A record of a topic, as it was sent.

    `asking(reader, path, key, body)` gives the circumstances of a command that follows from it: those that a POST of
    `body` to `path` by this reader has, so that what comes both ways is known to be one; and the record's arrival.
    """

    topic: str
    value: bytes
    asking: Callable[[Reader, str, str, bytes], Asking]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the sender of a record is told. Both are kept by the broker: nothing personal stands in either."""

    key: str
    body: bytes


Take = Callable[[Delivered], Awaitable[Reply]]
"""Takes one record of an inbox. What is wrong with it is said in the reply, once a command that was not refused has
been committed for it, and with that its arrival. Whatever it raises means: not now, try the same record again."""


class Desk(Protocol):
    """A service's own desk. Raises Rejected where the domain says no."""

    @property
    def service(self) -> str:
        """The service's name."""
        ...

    @property
    def site(self) -> str:
        """The site this installation serves."""
        ...

    async def ask(self, asking: Asking, decider: Decider[Any], id: str, command: object) -> Outcome:
        """Decide a command in the writer thread, with what else waits; journalled as asked, refused or not."""
        ...

    def one_by_one(self, what: str) -> AbstractAsyncContextManager[object]:
        """Held by one at a time of all that this service takes in at this desk, whichever way it came."""
        ...

    async def look(self, query: Callable[[Connection], Answer]) -> Answer:
        """Run a query on the read models, in a reading connection of its own."""
        ...

    async def state(self, decider: Decider[State], id: str) -> State:
        """The state of one stream as last committed: for access decisions and answers, never to decide on."""
        ...

    async def hear(self, source: str) -> bool:
        """Hear that source to its present head. False if that was not possible within the set time, if the source
        cannot be reached, or if it has stopped hearing somebody itself.
        """
        ...

    def now(self) -> datetime:
        """The time, aware and UTC."""
        ...

    async def seal(self, compartment: Compartment, subject: str, fields: Mapping[str, str]) -> dict[str, Sealed]:
        """Seal plain fields of one subject to a compartment: `{field: plain}` -> `{field: Sealed}`."""
        ...

    async def open(self, reader: Reader, purpose: str, sealed: Sequence[Sealed]) -> list[str | None]:
        """Plain text, after the opening has been journalled (one record for all of them). None for what was erased.
        Raises PermissionError for a compartment this service does not hold: a mistake in the program.
        """
        ...

    async def tokens(self, compartment: Compartment, identifiers: Mapping[str, str]) -> dict[str, str]:
        """Blind-index tokens of canonical identifiers: `{type: value}` -> `{type: token}`."""
        ...

    async def find(self, compartment: Compartment, tokens: Sequence[str]) -> set[str]:
        """The subjects that any of these tokens stands for."""
        ...

    async def remember(self, compartment: Compartment, subject: str, tokens: Sequence[str]) -> None:
        """Let these tokens find this subject from now on."""
        ...

    def watch(self) -> "Watch":
        """Be woken after each commit of this service: for live streams."""
        ...


class Watch(Protocol):
    """An async context manager; `await wait(seconds)` returns True when something was committed since."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...
    async def wait(self, timeout_seconds: float) -> bool:
        """True after a commit, False when the time is over."""
        ...
