"""What a service knows, for tests of its reactions: states that were folded from real events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from infra.decider import Decider

State = TypeVar("State")


@dataclass(frozen=True)
class KnownStates:
    """`KnownStates({(decider, id): state}, now)`; a stream that is not named is in its decider's initial state."""

    states: Mapping[tuple[Any, str], Any]
    now: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def state(self, decider: Decider[State], id: str, /) -> State:
        """The state of one stream."""
        state: State = self.states.get((decider, id), decider.INITIAL)
        return state
