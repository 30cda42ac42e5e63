"""`given(decider, *events).when(command).then(*events)`: a decider's test, with idempotence as part of *then*."""

from collections.abc import Sequence
from typing import Any

import pytest

from infra.decider import Decider, fold
from schemas.event import Event
from schemas.rejection import Rejected


class given:  # noqa: N801 - it is read as a sentence
    """A decider and what has happened to one of its streams."""

    def __init__(self, decider: Decider[Any], *events: Event) -> None:
        self.decider = decider
        self.events = list(events)
        self.command: object = None

    def when(self, command: object) -> "given":
        """The command that is asked for."""
        self.command = command
        return self

    def then(self, *expected: Event) -> None:
        """These events follow; and said again, nothing does."""
        self.then_each_time(*expected)
        self.events += expected

        assert [] == list(self._decided()), "said twice, it happened twice"

    def then_each_time(self, *expected: Event) -> None:
        """These events follow, as often as it is said."""
        assert list(expected) == list(self._decided())

    def then_nothing(self) -> None:
        """Nothing is to do."""
        assert [] == list(self._decided())

    def then_rejected(self, code: str) -> None:
        """The domain says no, with this code."""
        with pytest.raises(Rejected) as refusal:
            self._decided()

        assert code == refusal.value.code

    def _decided(self) -> Sequence[Event]:
        return self.decider.decide(self.command, fold(self.decider, self.events))
