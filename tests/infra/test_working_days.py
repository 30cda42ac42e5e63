"""When clocks end: working days over Easter, Christmas and the change of the clocks, here and in Scotland."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import partial

import pytest
from hypothesis import given, strategies

from infra.working_days import LONDON, Subdivision, add_working_days, due_at, is_working_day, next_working_day
from schemas.catalogue import clocks
from schemas.catalogue.entries import ClockEntry

moments = strategies.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=strategies.just(UTC))  # noqa: DTZ001 - the strategy adds the zone
numbers_of_days = strategies.integers(1, 15)


def london(text: str) -> datetime:
    """A local time of `2026-04-02 15:30`, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "days", "expected"),
    [
        ("2026-03-11 15:30", 1, "2026-03-12 15:30"),
        ("2026-03-13 15:30", 1, "2026-03-16 15:30"),  # over a weekend
        ("2026-03-14 15:30", 1, "2026-03-16 15:30"),  # from a Saturday
        ("2026-03-15 23:59", 2, "2026-03-17 23:59"),  # from a Sunday
        ("2026-04-02 15:30", 1, "2026-04-07 15:30"),  # from Maundy Thursday: Good Friday to Easter Monday are none
        ("2026-04-03 09:00", 2, "2026-04-08 09:00"),  # from a bank holiday
        ("2026-12-24 16:00", 1, "2026-12-29 16:00"),  # Boxing Day is a Saturday, so Monday is its substitute
        ("2026-12-31 16:00", 1, "2027-01-04 16:00"),
        ("2027-12-24 16:00", 1, "2027-12-29 16:00"),  # both days at a weekend, two substitutes
        ("2026-03-27 10:00", 1, "2026-03-30 10:00"),  # the clocks go forward on the 29th
        ("2026-10-23 10:00", 1, "2026-10-26 10:00"),  # and back on the 25th
        ("2026-06-15 00:15", 1, "2026-06-16 00:15"),  # still the day before in UTC
        ("2026-03-11 15:30", 10, "2026-03-25 15:30"),
    ],
)
def test_working_days_pass_over_weekends_and_bank_holidays(moment: str, days: int, expected: str) -> None:
    end = add_working_days(london(moment), days)

    assert london(expected) == end


def test_the_time_of_day_stays_when_the_clocks_change() -> None:
    friday, monday = datetime(2026, 3, 27, 10, tzinfo=UTC), datetime(2026, 3, 30, 9, tzinfo=UTC)

    assert monday == add_working_days(friday, 1)


def test_the_answer_is_in_utc_whatever_was_asked_in() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    asked_in_utc = add_working_days(datetime(2026, 6, 15, 20, tzinfo=UTC), 1)
    asked_in_india = add_working_days(datetime(2026, 6, 16, 1, 30, tzinfo=india), 1)

    assert asked_in_utc == asked_in_india
    assert UTC is asked_in_india.tzinfo


@pytest.mark.parametrize(
    ("moment", "subdivision", "expected"),
    [
        ("2026-04-02 15:30", "SCT", "2026-04-06 15:30"),  # Easter Monday is no bank holiday in Scotland
        ("2026-01-01 15:30", "SCT", "2026-01-05 15:30"),  # 2 January is one there
        ("2026-01-01 15:30", "ENG", "2026-01-02 15:30"),
        ("2026-01-01 15:30", "WLS", "2026-01-02 15:30"),
        ("2026-11-27 15:30", "SCT", "2026-12-01 15:30"),  # Saint Andrew's Day
        ("2026-11-27 15:30", "ENG", "2026-11-30 15:30"),
        ("2026-08-28 15:30", "SCT", "2026-08-31 15:30"),  # the summer bank holiday is at the month's beginning there
        ("2026-08-28 15:30", "ENG", "2026-09-01 15:30"),
        ("2026-03-16 15:30", "NIR", "2026-03-18 15:30"),  # Saint Patrick's Day
    ],
)
def test_bank_holidays_differ_by_part_of_the_country(moment: str, subdivision: Subdivision, expected: str) -> None:
    end = add_working_days(london(moment), 1, subdivision)

    assert london(expected) == end


@pytest.mark.parametrize("day", [date(2022, 9, 19), date(2023, 5, 8)])
def test_a_bank_holiday_held_once_counts(day: date) -> None:
    assert not is_working_day(day)


@pytest.mark.parametrize(
    ("moment", "at", "expected"),
    [
        ("2026-03-11 15:30", time(9), "2026-03-12 09:00"),
        ("2026-03-11 00:05", time(9), "2026-03-12 09:00"),  # never the same day
        ("2026-03-28 15:30", time(9), "2026-03-30 09:00"),
        ("2026-12-24 16:00", time(17), "2026-12-29 17:00"),
    ],
)
def test_the_next_working_day_begins_at_a_named_hour(moment: str, at: time, expected: str) -> None:
    end = next_working_day(london(moment), at)

    assert london(expected) == end


def test_the_next_working_day_begins_at_nine_unless_told() -> None:
    assert london("2026-03-12 09:00") == next_working_day(london("2026-03-11 15:30"))


@pytest.mark.parametrize(
    ("code", "moment", "expected"),
    [
        ("urgent-notice-acknowledged", "2026-03-29 00:45", "2026-03-29 02:15"),  # half an hour, over the hour left out
        ("waiver-expires", "2026-10-24 12:00", "2026-10-25 11:00"),  # 24 hours of time: the clocks went back
        ("waiver-countersigned", "2026-12-24 22:00", "2026-12-29 17:00"),
        ("consultation-answered", "2026-04-02 15:30", "2026-04-08 15:30"),
        ("disclosure-decided", "2026-03-11 15:30", "2026-04-08 15:30"),  # days at the same local time
        ("review-held", "2026-03-11 15:30", "2026-04-22 15:30"),
        ("marac-repeat-window", "2024-02-29 15:30", "2025-02-28 15:30"),
        ("marac-repeat-window", "2023-12-31 15:30", "2024-12-31 15:30"),
        ("serial-window", "2027-02-28 15:30", "2024-02-28 15:30"),  # looked back from the incident
        ("order-expiry-first-reminder", "2026-04-15 00:00", "2026-03-16 00:00"),
    ],
)
def test_a_clock_of_the_catalogue_ends_when_it_says(code: str, moment: str, expected: str) -> None:
    end = due_at(london(moment), clocks()[code])

    assert london(expected) == end


@pytest.mark.parametrize("clock", clocks().values(), ids=lambda clock: clock.code)
def test_every_clock_of_the_catalogue_ends_on_its_side_of_the_moment(clock: ClockEntry) -> None:
    moment = london("2026-04-02 15:30")
    end = due_at(moment, clock)

    assert clock.counts_back == (end < moment)
    assert end != moment


@pytest.mark.parametrize("days", [0, -1])
def test_fewer_than_one_working_day_is_a_mistake(days: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        add_working_days(london("2026-03-11 15:30"), days)


NAIVE = datetime(2026, 3, 11, 15, 30)  # noqa: DTZ001 - the mistake itself


@pytest.mark.parametrize(
    "ask",
    [
        partial(add_working_days, NAIVE, 1),
        partial(next_working_day, NAIVE),
        partial(due_at, NAIVE, clocks()["waiver-expires"]),
    ],
)
def test_a_moment_without_a_time_zone_is_a_mistake(ask: Callable[[], datetime]) -> None:
    with pytest.raises(ValueError, match="time zone"):
        ask()


@given(moment=moments, days=numbers_of_days)
def test_a_deadline_falls_on_a_working_day_at_the_same_time_of_day(moment: datetime, days: int) -> None:
    end = add_working_days(moment, days)

    assert is_working_day(end.astimezone(LONDON).date())
    assert moment.astimezone(LONDON).time() == end.astimezone(LONDON).time()


@given(moment=moments, first=numbers_of_days, second=numbers_of_days)
def test_working_days_add_up(moment: datetime, first: int, second: int) -> None:
    in_two_steps = add_working_days(add_working_days(moment, first), second)

    assert add_working_days(moment, first + second) == in_two_steps


@given(earlier=moments, later=moments, days=numbers_of_days)
def test_who_is_asked_later_is_never_due_on_an_earlier_day(earlier: datetime, later: datetime, days: int) -> None:
    first, second = (add_working_days(moment, days).astimezone(LONDON) for moment in sorted((earlier, later)))

    assert first.date() <= second.date()
