"""How far one listener is behind its source, for how long, and whether it moves at all. Told by whoever looks.

A listener that has stopped without a word says nothing of itself: so what is known of its source, and when its place
last moved, is kept apart from what it does.
"""

import time
from collections.abc import Callable
from typing import Final


class Lag:
    """What was seen last. For one thread. `patience_seconds`: so long it may stand still before that is a stall."""

    def __init__(self, patience_seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self.messages: int = 0
        """Messages that the source is known to have said, and that were not acted on."""
        self._patience_seconds: Final = patience_seconds
        self._now: Final = now
        self._place: int | None = None
        self._moved_at: float = now()
        self._behind_since: float | None = None

    def seen(self, place: int, unheard: int) -> None:
        """The listener stands here, and so many messages behind this place are known to be there."""
        now = self._now()
        if place != self._place:
            self._place, self._moved_at = place, now
        self.messages = unheard
        if not unheard:
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = now

    @property
    def seconds(self) -> float:
        """For how long it has not been level with what was known of its source; 0 where it is."""
        return 0.0 if self._behind_since is None else self._now() - self._behind_since

    @property
    def is_stalled(self) -> bool:
        """Whether there was something to hear for too long, and the place has not moved meanwhile."""
        if self._behind_since is None:
            return False
        return self._now() - max(self._behind_since, self._moved_at) >= self._patience_seconds
