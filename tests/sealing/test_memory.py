"""How long an unwrapped key stays in memory, and what ends its stay sooner."""

from datetime import timedelta

import pytest

from infra.clock import ManualClock
from infra.sealing.memory import ShortMemory

MINUTE = timedelta(minutes=1)
DANIEL = "per_daniel"


@pytest.fixture
def kept(clock: ManualClock) -> ShortMemory[str, str]:
    return ShortMemory(clock, 5 * MINUTE)


def test_a_life_is_not_lengthened_by_being_asked_for(kept: ShortMemory[str, str], clock: ManualClock) -> None:
    kept.keep("key_1", DANIEL, "key", kept.forgotten)
    clock.advance(4 * MINUTE)

    assert "key" == kept.recall("key_1")

    clock.advance(MINUTE)

    assert kept.recall("key_1") is None


def test_a_life_is_not_lengthened_by_a_clock_set_back(kept: ShortMemory[str, str], clock: ManualClock) -> None:
    kept.keep("key_1", DANIEL, "key", kept.forgotten)
    clock.advance(-MINUTE)

    assert kept.recall("key_1") is None


def test_a_key_kept_again_lives_from_then_on(kept: ShortMemory[str, str], clock: ManualClock) -> None:
    kept.keep("key_1", DANIEL, "old", kept.forgotten)
    clock.advance(4 * MINUTE)
    kept.keep("key_1", DANIEL, "new", kept.forgotten)
    clock.advance(4 * MINUTE)

    assert "new" == kept.recall("key_1")


def test_a_key_fetched_while_its_subject_was_erased_is_not_kept(kept: ShortMemory[str, str]) -> None:
    before = kept.forgotten
    kept.forget(DANIEL)
    kept.keep("key_1", DANIEL, "key", before)

    assert kept.recall("key_1") is None


def test_forgetting_one_subject_leaves_the_others(kept: ShortMemory[str, str]) -> None:
    kept.keep("key_1", DANIEL, "key", kept.forgotten)
    kept.keep("key_2", "per_other", "other", kept.forgotten)
    kept.forget(DANIEL)

    assert kept.recall("key_1") is None
    assert "other" == kept.recall("key_2")


def test_what_has_outlived_its_time_makes_room_for_what_comes(kept: ShortMemory[str, str], clock: ManualClock) -> None:
    kept.keep("key_1", DANIEL, "key", kept.forgotten)
    clock.advance(5 * MINUTE)
    kept.keep("key_2", DANIEL, "key", kept.forgotten)

    assert ["key_2"] == list(vars(kept)["_entries"])


def test_there_is_a_limit_and_the_oldest_go_first(clock: ManualClock) -> None:
    kept: ShortMemory[str, str] = ShortMemory(clock, 5 * MINUTE, entries_max=3)
    for number in range(5):
        kept.keep(f"key_{number}", DANIEL, "key", kept.forgotten)
        clock.advance(timedelta(seconds=1))

    assert [None, None, "key", "key", "key"] == [kept.recall(f"key_{number}") for number in range(5)]
