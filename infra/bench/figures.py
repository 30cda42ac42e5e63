"""A figure: what was measured, beside what, on how large a log, and whether it is what was asked for."""

from collections.abc import Callable, Sequence
from math import ceil
from statistics import median
from typing import Final

from msgspec import Struct

TENTH: Final = 0.1


class Spread(Struct, frozen=True, kw_only=True):
    """A median, and the tenth and ninetieth of a hundred: the machine is never quiet."""

    median: float
    low: float
    high: float


class Figure(Struct, frozen=True, kw_only=True):
    """One line of the report. `ratio` is to the bare loop of the same rounds; `target` is in words.

    `is_met` is None where nothing was asked for.
    """

    name: str
    log: str
    value: Spread
    unit: str
    meaning: str
    bare: Spread | None = None
    ratio: Spread | None = None
    target: str = ""
    is_met: bool | None = None


class BenchReport(Struct, frozen=True, kw_only=True):
    """A whole run: on what, how much of it, and every figure in its order."""

    database: str
    python: str
    cores: int
    rounds: int
    batch: int
    record_bytes: int
    figures: tuple[Figure, ...]


Round = Callable[[], float]
"""One round of something: the seconds it took, without its preparation."""


def interleaved(count: int, contestants: Sequence[Round]) -> list[list[float]]:
    """A B A B ...: what disturbs one round disturbs both. Returns the seconds of each contestant's rounds."""
    seconds: list[list[float]] = [[] for _ in contestants]
    for _ in range(count):
        for taken, contestant in zip(seconds, contestants, strict=True):
            taken.append(contestant())
    return seconds


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest value that at least this part of all values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, ceil(part * len(ordered)) - 1)]


def spread(values: Sequence[float]) -> Spread:
    """Median and spread of what was measured."""
    return Spread(median=median(values), low=percentile(values, TENTH), high=percentile(values, 1 - TENTH))


def rates(seconds: Sequence[float], count: int) -> Spread:
    """`count` things in each of these rounds, as things a second."""
    return spread([count / taken for taken in seconds])


def ratios(over: Sequence[float], under: Sequence[float]) -> Spread:
    """Round by round, so that what disturbed both is divided away."""
    return spread([a / b for a, b in zip(over, under, strict=True)])
