"""The ports of time and chance, each with both its adapters."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from infra.clock import Clock, ManualClock, SystemClock
from infra.entropy import Entropy, SeededEntropy, SystemEntropy

MORNING = datetime(2025, 3, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize("clock", [SystemClock(), ManualClock(MORNING)])
def test_a_clock_tells_the_time_in_utc(clock: Clock) -> None:
    now = clock.now()

    assert now.tzinfo is UTC


def test_the_clock_of_the_machine_goes_on() -> None:
    clock = SystemClock()
    earlier = clock.now()

    assert earlier <= clock.now()


def test_a_manual_clock_stands_still_until_told() -> None:
    clock = ManualClock(MORNING)

    assert MORNING == clock.now() == clock.now()

    clock.advance(timedelta(minutes=5))

    assert datetime(2025, 3, 3, 9, 5, tzinfo=UTC) == clock.now()


def test_a_manual_clock_can_be_set_back() -> None:
    clock = ManualClock(MORNING)
    clock.set(MORNING - timedelta(days=1))

    assert datetime(2025, 3, 2, 9, tzinfo=UTC) == clock.now()


def test_a_manual_clock_converts_what_it_is_set_to() -> None:
    clock = ManualClock(datetime(2025, 6, 3, 10, tzinfo=timezone(timedelta(hours=1))))

    assert datetime(2025, 6, 3, 9, tzinfo=UTC) == clock.now()


def test_a_manual_clock_refuses_a_moment_that_could_mean_any_hour() -> None:
    clock = ManualClock(MORNING)
    with pytest.raises(ValueError, match="offset"):
        clock.set(MORNING.replace(tzinfo=None))
    with pytest.raises(ValueError, match="offset"):
        ManualClock(MORNING.replace(tzinfo=None))

    assert MORNING == clock.now()


@pytest.mark.parametrize("entropy", [SystemEntropy(), SeededEntropy(7)])
def test_entropy_gives_as_many_bytes_as_asked_and_never_the_same_again(entropy: Entropy) -> None:
    drawn = [entropy.bytes(16) for _ in range(1000)]

    assert {16} == {len(one) for one in drawn}
    assert 1000 == len(set(drawn))
    assert b"" == entropy.bytes(0)


def test_a_seed_repeats_itself_and_another_does_not() -> None:
    first, again, other = SeededEntropy(7), SeededEntropy(7), SeededEntropy(8)
    drawn = [first.bytes(12), first.bytes(32)]

    assert drawn == [again.bytes(12), again.bytes(32)]
    assert drawn != [other.bytes(12), other.bytes(32)]
