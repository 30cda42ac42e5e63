"""Reading: a stream folded from disk, and the memory it takes to go through a whole journal."""

import tracemalloc
from time import perf_counter
from typing import Final

from msgspec import Struct

from infra.bench import order, sample
from infra.bench.bare import read_stream
from infra.journal.journal import Journal

PAGE: Final = 500
MIB: Final = 1024 * 1024


class Folding:
    """The longest stream of the source, read anew from its database each time."""

    def __init__(self, journal: Journal) -> None:
        self._journal: Final = journal
        self._stream: Final = f"{order.CATEGORY}-{sample.LONG}"
        self.events: Final = read_stream(journal.database, self._stream)[0]

    def fold(self) -> float:
        """`Journal.state`. Returns seconds."""
        started = perf_counter()
        state = self._journal.state(order, sample.LONG)
        taken = perf_counter() - started
        assert state.breaches == self.events
        return taken

    def read(self) -> float:
        """The same records read and decoded, and no more. Returns seconds."""
        return read_stream(self._journal.database, self._stream)[1]


class Peaks(Struct, frozen=True, kw_only=True):
    """The most memory in use while reading, in MiB: over the first tenth of the journal, and over all of it."""

    records: int
    first_tenth: float
    whole: float


def peaks(journal: Journal) -> Peaks:
    """Go through a journal page by page, and see whether memory grows with its length."""
    records = journal.head().sequence
    return Peaks(records=records, first_tenth=_peak(journal, records // 10), whole=_peak(journal, records))


def _peak(journal: Journal, until: int) -> float:
    tracemalloc.start()
    after = 0
    while after < until:
        after = journal.read(after, PAGE)[-1].sequence
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / MIB
