"""Moments as the vocabulary writes them and as rules compare them."""

from datetime import UTC, datetime

from schemas.reports.report import Moment


def written(at: datetime) -> Moment:
    """RFC 3339 in UTC with microseconds, as in the envelope. `at` is aware."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def read(moment: Moment) -> datetime:
    """Aware, in the offset it was written in: its date is the day on which the teller says it happened."""
    return datetime.fromisoformat(moment)
