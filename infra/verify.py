"""`cordon verify`: journals examined by reading alone, each by itself and then against each other.

Nothing of what is examined is trusted: not its rows, not its head, not its indexes. Each invariant is a function.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Final

from msgspec import Struct
from sqlalchemy.exc import DatabaseError

from infra.journal.across import Testimony, effects_follow_causes, what_was_heard_was_said, witnessed_is_what_was_said
from infra.journal.codec import Codec
from infra.journal.history import History
from infra.journal.invariants import (
    Violation,
    chains_are_unbroken,
    heard,
    logical_time_only_rises,
    no_effect_twice_for_one_cause,
    no_message_skipped,
    numbers_have_no_gap,
    records_fit_their_rows,
    the_head_is_the_end,
    versions_have_no_gap,
)
from infra.journal.read_only import Readable, ReadOnlyFile

FINDINGS_MAX: Final = 20
"""Of one invariant in one journal: where one thing is wrong, what stands behind it often is as well."""

ALONE: Final[tuple[Callable[[History], Iterator[Violation]], ...]] = (
    numbers_have_no_gap,
    versions_have_no_gap,
    chains_are_unbroken,
    the_head_is_the_end,
    records_fit_their_rows,
    logical_time_only_rises,
    no_effect_twice_for_one_cause,
    no_message_skipped,
)
"""What holds of each journal by itself."""
READINGS: Final = 7
"""How often all records are read in all, for a share of the way that can be shown."""

Progress = Callable[[str, int, int], None]
"""`(what is being examined, rows read so far, rows to read about)`."""
NOBODY: Final[Mapping[str, Testimony]] = {}


def shows_nothing(_what: str, _done: int, _total: int) -> None:
    """Nobody watches."""


class Finding(Struct, frozen=True, kw_only=True):
    """Something that is not as it must be: in which journal and record, what it is, and what must hold instead."""

    journal: str
    sequence: int | None
    what: str
    invariant: str

    def __str__(self) -> str:
        place = self.journal if self.sequence is None else f"{self.journal}, record {self.sequence}"
        return f"{place}: {self.what} ({self.invariant.replace('_', ' ')})"


class Verified(Struct, frozen=True, kw_only=True):
    """A journal that was examined: how long it is."""

    journal: str
    records: int
    messages: int


class Verification(Struct, frozen=True, kw_only=True):
    """What was examined, and everything found."""

    journals: tuple[Verified, ...]
    findings: tuple[Finding, ...]

    @property
    def is_intact(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def verify(
    path: Path,
    *,
    codec: Codec | None = None,
    witnesses: Mapping[str, Testimony] = NOBODY,
    progress: Progress = shows_nothing,
) -> Verification:
    """Examine every journal of a data directory, or one file. Files in which no journal is kept are passed over.

    `witnesses`: type of an event -> what it says of another service's message. Raises FileNotFoundError where there is
    no journal at all. Changes nothing, and may be run beside the services at work.
    """
    files = sorted(path.glob("*.sqlite")) if path.is_dir() else [path]
    journals: dict[str, Readable] = {}
    damaged: list[Finding] = []
    for file in files:
        try:
            opened = ReadOnlyFile(file)
            if opened.is_journal():
                journals[file.stem] = opened
        except DatabaseError as error:
            what = f"it cannot be read: {error.orig}"
            damaged.append(Finding(journal=file.stem, sequence=None, what=what, invariant="readable"))
    if not journals and not damaged:
        raise FileNotFoundError(f"there is no journal in {path}")
    found = verified(journals, codec=codec, witnesses=witnesses, progress=progress)
    return Verification(journals=found.journals, findings=(*damaged, *found.findings))


def verified(
    journals: Mapping[str, Readable],
    *,
    codec: Codec | None = None,
    witnesses: Mapping[str, Testimony] = NOBODY,
    progress: Progress = shows_nothing,
) -> Verification:
    """As `verify`, for journals by the name of their service, wherever they are kept."""
    with ExitStack() as stack:
        watch = _Watch(progress)
        reads = codec or Codec()
        early = {name: _history(stack, name, journal, reads, watch) for name, journal in journals.items()}
        lengths = [length for name in early if (length := _length(early[name])) is not None]
        watch.total = READINGS * sum(length.records for length in lengths)
        findings = [finding for name in early for finding in _alone(early[name], watch)]
        # Read later than what follows from it: while services go on working, nobody has heard what is not there yet.
        late = {name: _history(stack, name, journal, reads, watch) for name, journal in journals.items()}
        watch.what = "what was heard of each other"
        findings += [finding for name in early for finding in _heard_and_witnessed(early[name], late, witnesses)]
        findings += _caused(early)
        return Verification(journals=tuple(lengths), findings=tuple(findings))


class _Watch:
    """How far the examination is."""

    def __init__(self, progress: Progress) -> None:
        self._progress: Final = progress
        self._done: int = 0
        self.what: str = ""
        self.total: int = 0

    def count(self, rows: int) -> None:
        self._done += rows
        self._progress(self.what, min(self._done, self.total), self.total)


def _history(stack: ExitStack, name: str, journal: Readable, codec: Codec, watch: _Watch) -> History:
    return History(name, stack.enter_context(journal.reading()), codec, watch.count)


def _length(history: History) -> Verified | None:
    """None for what cannot be read. Also fixes what is examined: a transaction sees what is there at its first read."""
    try:
        message = history.last_message()
        numbered = 0 if message is None else message.number or 0
        return Verified(journal=history.name, records=history.count(), messages=numbered)
    except DatabaseError:
        return None


def _alone(history: History, watch: _Watch) -> Iterator[Finding]:
    watch.what = history.name
    for invariant in ALONE:
        yield from _found(history.name, invariant.__name__, invariant(history))


def _heard_and_witnessed(
    listener: History, sources: Mapping[str, History], witnesses: Mapping[str, Testimony]
) -> Iterator[Finding]:
    yield from _found(listener.name, what_was_heard_was_said.__name__, _heard(listener, sources))
    for type_name, testimony in witnesses.items():
        told = witnessed_is_what_was_said(listener, type_name, testimony, sources)
        yield from _found(listener.name, witnessed_is_what_was_said.__name__, told)


def _heard(listener: History, sources: Mapping[str, History]) -> Iterator[Violation]:
    for source in sorted({event.source for _, event in heard(listener)}):
        if source in sources:
            yield from what_was_heard_was_said(listener, sources[source])
        else:
            yield Violation(None, f"it heard {source}, whose journal is not here")


def _caused(histories: Mapping[str, History]) -> Iterator[Finding]:
    """Of whichever journal: what cannot be read has been told of already."""
    name = effects_follow_causes.__name__
    try:
        for journal, violation in islice(effects_follow_causes(histories.values()), FINDINGS_MAX):
            yield Finding(journal=journal, sequence=violation.sequence, what=violation.what, invariant=name)
    except DatabaseError:
        return


def _found(journal: str, invariant: str, violations: Iterator[Violation]) -> Iterator[Finding]:
    """The first of them as findings, and that there are more."""
    try:
        for violation in islice(violations, FINDINGS_MAX):
            yield Finding(journal=journal, sequence=violation.sequence, what=violation.what, invariant=invariant)
        if next(violations, None) is not None:
            yield Finding(journal=journal, sequence=None, what="there is more of the same", invariant=invariant)
    except DatabaseError as error:
        what = f"it cannot be read any further: {error.orig}"
        yield Finding(journal=journal, sequence=None, what=what, invariant=invariant)
