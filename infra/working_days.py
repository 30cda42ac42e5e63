"""When a length of time ends, in working days where practice counts in these. The one place that knows bank holidays.

A day is a day in Europe/London, for all of the United Kingdom; which days are bank holidays differs by its parts.
Everything here depends on its arguments alone, and on the versions of the `holidays` and `tzdata` packages.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

import holidays

from schemas.catalogue.entries import ClockEntry

Subdivision = Literal["ENG", "WLS", "SCT", "NIR"]
"""The part of the United Kingdom whose bank holidays count; England and Wales share theirs."""

LONDON: Final = ZoneInfo("Europe/London")
_SATURDAY: Final = 5

NINE: Final = time(9, 0)
"""When a working day begins, where nothing else is said."""


def add_working_days(moment: datetime, days: int, subdivision: Subdivision = "ENG") -> datetime:
    """The same local time of day, `days` (1 or more) working days later, in UTC. `moment` is aware, on any day.

    The day of `moment` itself never counts: from a Friday, a Saturday or a Sunday, one working day later is Monday.
    Raises ValueError for a naive moment or fewer days than one.
    """
    if days < 1:
        raise ValueError("at least one working day")
    local = _local(moment)
    following = _working_days_after(local.date(), subdivision)
    for _ in range(days - 1):
        next(following)
    return _utc(next(following), local.time())


def next_working_day(moment: datetime, at: time = NINE, subdivision: Subdivision = "ENG") -> datetime:
    """That local time of the first working day after the day of `moment`, in UTC. Raises ValueError if it is naive."""
    return _utc(next(_working_days_after(_local(moment).date(), subdivision)), at)


def due_at(moment: datetime, clock: ClockEntry, subdivision: Subdivision = "ENG") -> datetime:
    """When a clock of the catalogue that runs from `moment` ends, in UTC.

    Minutes and hours are lengths of time; days, weeks and months are counted in local days and keep the local time of
    day. A month that lacks the day ends on its last: a year from 29 February is 28 February.
    Raises ValueError for a naive moment.
    """
    local = _local(moment)
    amount = -clock.amount if clock.counts_back else clock.amount
    match clock.unit:
        case "minutes":
            return moment.astimezone(UTC) + timedelta(minutes=amount)
        case "hours":
            return moment.astimezone(UTC) + timedelta(hours=amount)
        case "days":
            return _utc(local.date() + timedelta(days=amount), local.time())
        case "weeks":
            return _utc(local.date() + timedelta(weeks=amount), local.time())
        case "months":
            return _utc(_months_later(local.date(), amount), local.time())
        case "working-days":
            end = add_working_days(moment, amount, subdivision)
            return end if clock.at is None else _utc(_local(end).date(), clock.at)


def is_working_day(day: date, subdivision: Subdivision = "ENG") -> bool:
    """Whether it is neither at a weekend nor a bank holiday there."""
    return day.weekday() < _SATURDAY and day not in _bank_holidays(day.year, subdivision)


@cache
def _bank_holidays(year: int, subdivision: Subdivision) -> frozenset[date]:
    """Whole years, made at once: the package's own lazy calendar is not safe to share between threads."""
    return frozenset(holidays.country_holidays("GB", subdiv=subdivision, years=year, expand=False))


def _working_days_after(day: date, subdivision: Subdivision) -> Iterator[date]:
    while True:
        day += timedelta(days=1)
        if is_working_day(day, subdivision):
            yield day


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(LONDON)


def _utc(day: date, at: time) -> datetime:
    """In the hour that spring leaves out, the clock as it stood before; in the hour autumn repeats, the first."""
    return datetime.combine(day, at.replace(fold=0), tzinfo=LONDON).astimezone(UTC)
