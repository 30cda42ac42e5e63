"""`cordon bench journal`: every figure on a new log, then all again on one of a million records."""

import os
import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from infra.bench.appending import Appending
from infra.bench.asking import AT_ONCE, RECORDS_A_COMMAND, Asking
from infra.bench.figures import BenchReport, Figure, Round, Spread, interleaved, percentile, rates, ratios, spread
from infra.bench.listening import RECORDS_A_MESSAGE, Listening
from infra.bench.reading import Folding, peaks
from infra.bench.stores import Stores, stores

BATCH: Final = 500
ROUNDS: Final = 40
ROUNDS_MIN: Final = 3
COMMANDS_A_ROUND: Final = 12
APPEND_RATIO_MAX: Final = 2.5
LISTEN_RATIO_MIN: Final = 0.3
LISTEN_RATE_MIN: Final = 8_000
"""What the design asks of the listening path on SQLite, on a machine of two cores."""
GROWTH_MAX: Final = 1.25
"""Memory counts as flat when the whole journal takes at most this much of what its first tenth takes."""
MILLISECONDS: Final = 1000

Report = Callable[[str], None]


def run(directory: Path, *, url: str | None, scale: float, events_total: int, report: Report) -> BenchReport:
    """Measure everything twice: on a log just begun, and on one of `events_total` records.

    `directory` is where the databases are made when `url` is None, else SQLite is not used; `scale` 1.0 is 40 rounds;
    `report` is told how far it is. Takes minutes for a million records. Raises what the database raises.
    """
    rounds = max(ROUNDS_MIN, round(ROUNDS * scale))
    with stores(directory, url) as opened:
        bench = _Bench(opened, rounds, report)
        figures = list(bench.measure("a new log"))
        bench.grow(events_total)
        figures += bench.measure(f"a log of {events_total:,} records")
        return BenchReport(
            database=opened.dialect,
            python=platform.python_version(),
            cores=os.cpu_count() or 1,
            rounds=rounds,
            batch=BATCH,
            record_bytes=bench.appending.record_bytes(),
            figures=tuple(figures),
        )


class _Bench:
    def __init__(self, opened: Stores, rounds: int, report: Report) -> None:
        self._stores: Final = opened
        self._rounds: Final = rounds
        self._report: Final = report
        self.appending: Final = Appending(opened)
        self._listening: Final = Listening(opened, self.appending.journal)

    def measure(self, log: str) -> Iterator[Figure]:
        """Everything once, on the log as long as it is now."""
        for title, part in (
            ("appending", self._append),
            ("listening", self._listen),
            ("folding", self._fold),
            ("commands", self._ask),
            ("memory", self._read),
        ):
            self._report(f"{log}: {title}")
            yield from part(log)

    def grow(self, records: int) -> None:
        """Append and hear until both journals have that many records; the bare tables grow with them."""
        while self.appending.count < records:
            self.appending.append(BATCH)
            self.appending.insert_by_core()
            self.appending.insert_by_driver()
            self._say(self.appending.count, records, "appended")
        while self._listening.heard * RECORDS_A_MESSAGE < records:
            self._hear_all_three()
            self._say(self._listening.heard * RECORDS_A_MESSAGE, records, "written by hearing")

    def _say(self, done: int, records: int, what: str) -> None:
        if done // BATCH % 200 == 0:
            self._report(f"{done:,} of {records:,} records {what}")

    def _hear_all_three(self) -> None:
        self._listening.hear(BATCH)
        self._listening.hear_bare()
        self._listening.hear_barest()

    def _append(self, log: str) -> Iterator[Figure]:
        contestants: list[Round] = [
            lambda: self.appending.append(BATCH),
            self.appending.insert_by_core,
            self.appending.insert_by_driver,
        ]
        taken, by_core, by_driver = interleaved(self._rounds, contestants)
        ratio = ratios(taken, by_core)
        yield Figure(
            name="append",
            log=log,
            value=rates(taken, BATCH),
            unit="events/s",
            bare=rates(by_core, BATCH),
            ratio=ratio,
            target=f"at most {APPEND_RATIO_MAX} x the time",
            is_met=ratio.median <= APPEND_RATIO_MAX,
            meaning="Folded, encoded, stamped, numbered, chained twice and inserted under the head lock; no read"
            " models. Bare: one executemany by SQLAlchemy Core of the very same rows, ready made, into a table with the"
            " same columns and indexes. The ratio is of times.",
        )
        yield Figure(
            name="append, beside the driver alone",
            log=log,
            value=rates(taken, BATCH),
            unit="events/s",
            bare=rates(by_driver, BATCH),
            ratio=ratios(taken, by_driver),
            meaning="The same beside the driver's own executemany (PostgreSQL: COPY), which is what the journal uses.",
        )

    def _listen(self, log: str) -> Iterator[Figure]:
        contestants: list[Round] = [
            lambda: self._listening.hear(BATCH),
            self._listening.hear_bare,
            self._listening.hear_barest,
        ]
        while self.appending.count < self._listening.heard + self._rounds * BATCH:
            self.appending.append(BATCH)
        taken, bare, barest = interleaved(self._rounds, contestants)
        rate, ratio = rates(taken, BATCH), ratios(bare, taken)
        is_asked_for = self._stores.dialect == "sqlite"
        yield Figure(
            name="listen",
            log=log,
            value=rate,
            unit="events/s",
            bare=rates(bare, BATCH),
            ratio=ratio,
            target=f"at least {LISTEN_RATIO_MIN} x the speed",
            is_met=ratio.median >= LISTEN_RATIO_MIN,
            meaning="An event is one message heard, once: decoded, chain checked, reacted to with a note and a command,"
            " decided, two records appended, one row projected, the place remembered; acted on exactly once, whatever"
            " the transport repeats. Bare: the same two records and row by hand, with nothing checked and no streams,"
            " states or rules. The ratio is of speeds.",
        )
        yield Figure(
            name="listen, in events a second",
            log=log,
            value=rate,
            unit="events/s",
            target=f"at least {LISTEN_RATE_MIN:,}" if is_asked_for else "",
            is_met=rate.median >= LISTEN_RATE_MIN if is_asked_for else None,
            meaning=f"The same figure as a number; it writes {RECORDS_A_MESSAGE} records and one row for each event.",
        )
        yield Figure(
            name="listen, beside half the work",
            log=log,
            value=rate,
            unit="events/s",
            bare=rates(barest, BATCH),
            ratio=ratios(barest, taken),
            meaning="The same beside a bare loop that writes one record a message and notes nothing.",
        )

    def _fold(self, log: str) -> Iterator[Figure]:
        folding = Folding(self.appending.journal)
        taken, bare = interleaved(self._rounds, [folding.fold, folding.read])
        yield Figure(
            name="fold from disk",
            log=log,
            value=rates(taken, folding.events),
            unit="events/s",
            bare=rates(bare, folding.events),
            ratio=ratios(bare, taken),
            meaning=f"The state of one stream of {folding.events:,} events, spread over the whole log, read anew and"
            " decoded strictly, a few hundred records in memory at a time. Bare: the same records fetched at once and"
            " decoded. The ratio is of speeds.",
        )

    def _ask(self, log: str) -> Iterator[Figure]:
        count = self._rounds * COMMANDS_A_ROUND
        with Asking(self._stores, self.appending) as asking:
            alone, bare = interleaved(count, [asking.one, asking.one_bare])
            together = [taken for _ in range(count // AT_ONCE + 1) for taken in asking.many()]
        yield Figure(
            name="a command alone, p50",
            log=log,
            value=_milliseconds(alone),
            unit="ms",
            bare=_milliseconds(bare),
            ratio=ratios(alone, bare),
            meaning=f"From handing it to the writer thread to its durable commit: {RECORDS_A_COMMAND} records, what was"
            " decided and what was asked with every rule's answer, repeatable by its key. Bare: two rows inserted and"
            " committed. The ratio is of times.",
        )
        yield _p99("a command alone, p99", log, alone, f"The slowest of a hundred, of {count} commands.")
        yield Figure(
            name=f"{AT_ONCE} commands at once, p50",
            log=log,
            value=_milliseconds(together),
            unit="ms",
            meaning="Each of them from handing in to commit; what waits is committed together.",
        )
        yield _p99(f"{AT_ONCE} commands at once, p99", log, together, f"The slowest of a hundred, of {len(together)}.")

    def _read(self, log: str) -> Iterator[Figure]:
        found = peaks(self.appending.journal)
        yield Figure(
            name="memory while reading",
            log=log,
            value=Spread(median=found.whole, low=found.first_tenth, high=max(found.first_tenth, found.whole)),
            unit="MiB",
            target="flat",
            is_met=found.whole <= found.first_tenth * GROWTH_MAX,
            meaning=f"The most that Python held while all {found.records:,} records were read page by page; first in"
            " the brackets the same over the first tenth of them. Traced allocations, without SQLite's own cache.",
        )


def _milliseconds(seconds: list[float]) -> Spread:
    return spread([taken * MILLISECONDS for taken in seconds])


def _p99(name: str, log: str, seconds: list[float], meaning: str) -> Figure:
    slowest = percentile(seconds, 0.99) * MILLISECONDS
    largest = max(seconds) * MILLISECONDS
    return Figure(
        name=name, log=log, value=Spread(median=slowest, low=slowest, high=largest), unit="ms", meaning=meaning
    )
