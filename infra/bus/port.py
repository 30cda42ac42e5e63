"""What a bus must offer: messages after one that was heard, where a source stands, and a wake-up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from infra.journal.journal import Forked, Sent
from infra.journal.place import Place

__all__ = ["Bus", "Forked", "SourceHead", "UnreachableError"]


class UnreachableError(Exception):
    """The source does not answer: it is not running, or it cannot be got at. Try again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHead:
    """Where a source stands. `stopped` names what it has itself stopped hearing; `is_settled` says whether it has
    acted on everything that was there to be heard, its own facts included.
    """

    number: int
    hash: bytes
    stopped: tuple[str, ...]
    is_settled: bool


class Bus(Protocol):
    """Synchronous: called in threads, or by a simulation in one."""

    def tail(self, source: str, after: Place, limit: int) -> list[Sent]:
        """At most `limit` messages after one that was heard. Raises Forked where the source does not hold exactly
        that one, and UnreachableError.
        """
        ...

    def head(self, source: str) -> SourceHead:
        """Where the source stands now. Raises UnreachableError."""
        ...

    def wake(self, source: str) -> None:
        """Say that the source has committed something."""
        ...

    def on_wake(self, source: str, call: Callable[[], None]) -> None:
        """Be called, in any thread, when the source may have something new. A wake-up may be missed or be false."""
        ...
