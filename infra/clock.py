"""The clock as a port: the only place where Cordon asks what time it is. Everything else is told."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Whatever knows the time."""

    def now(self) -> datetime:
        """This moment, aware and in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is told otherwise, and may be set back: for the simulation and for tests.

    Raises ValueError for a moment without an offset, which could mean any hour.
    """

    def __init__(self, now: datetime) -> None:
        self._now = _in_utc(now)

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        """Let it be this moment, earlier or later."""
        self._now = _in_utc(now)

    def advance(self, by: timedelta) -> None:
        """Let this much time pass."""
        self._now += by


def _in_utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("a clock needs a moment with an offset from UTC")
    return moment.astimezone(UTC)
