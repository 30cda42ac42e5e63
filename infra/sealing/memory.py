"""Unwrapped keys in memory, for a set time and no longer, and gone at once when their subject is erased."""

from collections.abc import Hashable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, Generic, NamedTuple, TypeVar

from infra.clock import Clock

Place = TypeVar("Place", bound=Hashable)
Value = TypeVar("Value")

_ENTRIES_MAX: Final = 10_000
"""Some 10 MB of keys; an import of a million reports, each its own subject, must not fill the memory."""


class _Entry(NamedTuple, Generic[Value]):
    subject: str
    kept_at: datetime
    value: Value


class ShortMemory(Generic[Place, Value]):
    """Place -> value, each for `lifetime` from when it was kept, however often it is asked for. Safe for threads."""

    def __init__(self, clock: Clock, lifetime: timedelta, entries_max: int = _ENTRIES_MAX) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._entries_max = entries_max
        self._entries: dict[Place, _Entry[Value]] = {}
        self._lock = Lock()
        self._forgotten = 0

    @property
    def forgotten(self) -> int:
        """How often something was erased: to be read before the keyring is, and handed to `keep`."""
        return self._forgotten

    def recall(self, place: Place) -> Value | None:
        with self._lock:
            entry = self._entries.get(place)
            return entry.value if entry is not None and self._is_fresh(entry, self._clock.now()) else None

    def keep(self, place: Place, subject: str, value: Value, forgotten: int) -> None:
        """Keep it, unless something was erased since `forgotten` was read: it might be this subject's own key."""
        with self._lock:
            if forgotten != self._forgotten:
                return
            now = self._clock.now()
            self._entries.pop(place, None)  # so that it goes to the end: the oldest stand first
            self._make_room(now)
            self._entries[place] = _Entry(subject, now, value)

    def forget(self, subject: str) -> None:
        """Drop whatever is kept of this subject, and whatever is being fetched at this moment."""
        with self._lock:
            self._forgotten += 1
            self._entries = {place: entry for place, entry in self._entries.items() if entry.subject != subject}

    def clear(self) -> None:
        with self._lock:
            self._forgotten += 1
            self._entries.clear()

    def _is_fresh(self, entry: _Entry[Value], now: datetime) -> bool:
        # A clock set back must not lengthen a life, so an entry from the future is not fresh either.
        return entry.kept_at <= now < entry.kept_at + self._lifetime

    def _make_room(self, now: datetime) -> None:
        """Drop the oldest while they are stale or too many."""
        while self._entries:
            place, entry = next(iter(self._entries.items()))
            if self._is_fresh(entry, now) and len(self._entries) < self._entries_max:
                return
            del self._entries[place]
