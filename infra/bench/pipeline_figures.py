"""What was measured of the pipeline, as figures with what they mean."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from infra.bench.figures import Figure, Spread, percentile, ratios, spread

LISTEN_RATIO_MIN: Final = 0.3
WAY_RATIO_MAX: Final = 3.0
MILLISECONDS: Final = 1000
P99: Final = 0.99

MESSAGES: Final = "messages"
ONE_BY_ONE: Final = "from report to notice over four services, one by one"
STEADILY: Final = "from report to notice over four services, 20 a second"

_RELAYED: Final = (
    "From the commit of all of them to the last one acknowledged on the topic: read from the journal, keyed, each"
    " with its hash; in their order, none missing, repeated only after a failure. Bare: the same bytes, keys and"
    " hashes, ready in memory, by the same idempotent producer, as many at once. Acknowledged means by Kafka, which on"
    " one node has them in memory and not yet on its disk. The ratio is of speeds."
)
_AN_EVENT: Final = (
    "An event is one message heard, once: decoded, chain checked, reacted to with a note and a command, decided, two"
    " records appended, one row projected, the place remembered, all committed durably; acted on exactly once,"
    " whatever the transport repeats or loses."
)
_FROM_KAFKA: Final = (
    " It also publishes what follows from it meanwhile. The source cannot be reached, so nothing comes from"
    " anywhere but its topic. Bare: a consumer of the same topic that writes the same two records, row and place"
    " by hand, with as durable a commit a batch; it checks nothing, has no streams, states or rules, and publishes"
    " nothing. The ratio is of speeds."
)
_FROM_KAFKA_TELLING: Final = (
    "The same beside a loop that also publishes what follows, as every service does, before it goes on."
)
_FROM_JOURNAL: Final = (
    " Bare: the same messages read from the source's journal, and the same two records, row and place written by hand"
    " in one loop, with nothing checked and no streams, states or rules. The ratio is of speeds."
)
_WAY: Final = (
    "From the commit of the report to the commit of the notice: three services hear, note, decide and commit"
    " one after the other, each acting exactly once."
)
_WAY_APART: Final = (
    " Each is a process of its own with a journal, a relay and an HTTP address. Bare: four processes with a consumer,"
    " a producer and a table each that write the same records and rows as durably, check nothing, and lose what"
    " they have written and not yet sent when they fall. The ratio is of times."
)
_WAY_TOGETHER: Final = (
    " All are in one process on the local bus. Bare: one loop that writes the same records and rows into four"
    " databases, one after the other. The ratio is of times."
)


@dataclass(slots=True)
class Carried:
    """Seconds for one message, of each round."""

    relayed: list[float] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    telling: list[float] = field(default_factory=list)

    def figures(self) -> Iterator[Figure]:
        """From journal to topic, if there was one, and from there to committed."""
        if self.relayed:
            yield _speed("from journal to topic", self.relayed, self.sent, "messages/s", _RELAYED)
        meaning = _AN_EVENT + (_FROM_KAFKA if self.relayed else _FROM_JOURNAL)
        where = "Kafka" if self.relayed else "the local bus"
        asked_for = LISTEN_RATIO_MIN if self.relayed else None
        yield _speed(f"from {where} to committed", self.heard, self.bare, "events/s", meaning, asked_for)
        if self.telling:
            name = "..., beside a loop that publishes too"
            yield _speed(name, self.heard, self.telling, "events/s", _FROM_KAFKA_TELLING)


@dataclass(slots=True)
class Gone:
    """Seconds of each report of each round. `steadily_bare` is empty where all are in one process."""

    alone: list[list[float]] = field(default_factory=list)
    alone_bare: list[list[float]] = field(default_factory=list)
    steadily: list[list[float]] = field(default_factory=list)
    steadily_bare: list[list[float]] = field(default_factory=list)

    def figures(self) -> Iterator[Figure]:
        """p50 and p99 of both."""
        is_apart = bool(self.steadily_bare)
        meaning = _WAY + (_WAY_APART if is_apart else _WAY_TOGETHER)
        yield _p50(ONE_BY_ONE, self.alone, self.alone_bare, meaning, WAY_RATIO_MAX if is_apart else None)
        yield _p99(ONE_BY_ONE, self.alone, self.alone_bare)
        yield _p50(STEADILY, self.steadily, self.steadily_bare, "Each sent at its time, whatever became of the others.")
        yield _p99(STEADILY, self.steadily, self.steadily_bare)


def _speed(
    name: str, each: Sequence[float], bare: Sequence[float], unit: str, meaning: str, ratio_min: float | None = None
) -> Figure:
    ratio = ratios(bare, each)
    return Figure(
        name=name,
        log=MESSAGES,
        value=_rates(each),
        unit=unit,
        bare=_rates(bare),
        ratio=ratio,
        target="" if ratio_min is None else f"at least {ratio_min} x the speed",
        is_met=None if ratio_min is None else ratio.median >= ratio_min,
        meaning=meaning,
    )


def _p50(
    log: str,
    rounds: Sequence[Sequence[float]],
    bare: Sequence[Sequence[float]],
    meaning: str,
    ratio_max: float | None = None,
) -> Figure:
    ratio = ratios([median(one) for one in rounds], [median(one) for one in bare]) if bare else None
    return Figure(
        name="p50",
        log=log,
        value=_milliseconds(rounds),
        unit="ms",
        bare=_milliseconds(bare) if bare else None,
        ratio=ratio,
        target="" if ratio_max is None else f"at most {ratio_max:g} x the time",
        is_met=None if ratio is None or ratio_max is None else ratio.median <= ratio_max,
        meaning=meaning,
    )


def _p99(log: str, rounds: Sequence[Sequence[float]], bare: Sequence[Sequence[float]]) -> Figure:
    value, beside = _slowest(rounds), _slowest(bare) if bare else None
    ratio = value.median / beside.median if beside else None
    count = sum(len(one) for one in rounds)
    return Figure(
        name="p99",
        log=log,
        value=value,
        unit="ms",
        bare=beside,
        ratio=None if ratio is None else Spread(median=ratio, low=ratio, high=ratio),
        meaning=f"The slowest of a hundred, of {count}; last in the brackets the slowest of all. The ratio is of all"
        " rounds together.",
    )


def _rates(each: Sequence[float]) -> Spread:
    return spread([1 / seconds for seconds in each])


def _milliseconds(rounds: Sequence[Sequence[float]]) -> Spread:
    return spread([seconds * MILLISECONDS for one in rounds for seconds in one])


def _slowest(rounds: Sequence[Sequence[float]]) -> Spread:
    all_of_them = [seconds * MILLISECONDS for one in rounds for seconds in one]
    slowest = percentile(all_of_them, P99)
    return Spread(median=slowest, low=slowest, high=max(all_of_them))
