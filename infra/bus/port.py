"""What a bus must offer: messages after one that was heard, where a source stands, and a wake-up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from infra.journal.journal import Forked, Journal, Sent
from infra.journal.place import Place

if TYPE_CHECKING:
    from infra.bus.standing import Standing

__all__ = ["Bus", "Forked", "SourceHead", "UnreachableError"]


class UnreachableError(Exception):
    """The source does not answer: it is not running, or it cannot be got at. Try again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHead:
    """Where a source stands. `stopped` names what it has itself stopped hearing; `is_settled` says whether it has
    acted on everything that was there to be heard when it was asked, its own facts included.
    """

    number: int
    hash: bytes
    stopped: tuple[str, ...]
    is_settled: bool


class Bus(Protocol):
    """What listeners call is synchronous: called in threads, or by a simulation in one."""

    def join(self, journal: Journal) -> None:
        """This service runs here: it can be heard from now on."""
        ...

    def leave(self, service: str) -> None:
        """This service does not run here any more."""
        ...

    async def start(self) -> None:
        """Begin to carry, in the running event loop: whoever runs here has joined."""
        ...

    async def stop(self) -> None:
        """Carry nothing any more. May be called again, and where nothing was started."""
        ...

    @property
    def troubles(self) -> Mapping[str, Mapping[str, str]]:
        """Service that runs here -> what of its carrying does not work -> a code. Empty where all is well."""
        ...

    def tail(self, source: str, after: Place, limit: int) -> list[Sent]:
        """At most `limit` messages after one that was heard. Raises Forked where the source does not hold exactly
        that one, and UnreachableError.
        """
        ...

    def head(self, source: str, within: float = 0.0) -> SourceHead:
        """Where the source stands: once it has acted on what was there when it was asked, or after `within` seconds.

        Raises UnreachableError.
        """
        ...

    def standing(self, source: str) -> "Standing":
        """What the source can say of itself without asking anybody. Raises UnreachableError."""
        ...

    def known(self, source: str) -> int | None:
        """How far the source is known here to have spoken, without asking anybody else; None where nothing is known."""
        ...

    def measure(self) -> None:
        """Let the metrics say how the carrying stands at this moment, without asking anybody else."""
        ...

    def wake(self, source: str) -> None:
        """Say that the source has committed something."""
        ...

    def on_wake(self, source: str, call: Callable[[], None]) -> None:
        """Be called, in any thread, when the source may have something new. A wake-up may be missed or be false."""
        ...
