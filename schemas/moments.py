"""Moments as envelopes, events and tables keep them: RFC 3339 in UTC with microseconds, so that they sort as text."""

from datetime import UTC, datetime


def written(moment: datetime) -> str:
    """An aware moment as text. Raises ValueError for one without an offset, which could mean any hour."""
    if moment.utcoffset() is None:
        raise ValueError("a moment without an offset from UTC")
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def read(moment: str) -> datetime:
    """Aware, in the offset it was written in: its date is the day on which the teller says it happened."""
    return datetime.fromisoformat(moment)
