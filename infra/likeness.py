"""Two runs held against each other wherever their journals are kept: `cordon verify PATH --against OTHER`."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from infra.journal.across import Testimony
from infra.journal.alike import NOBODY, same_input_same_history
from infra.journal.codec import Codec
from infra.journal.history import History
from infra.journal.read_only import Readable, ReadOnlyDatabase, ReadOnlyFile
from infra.verify import Finding

SERVICE: Final = "{service}"
_NAME: Final = same_input_same_history.__name__


class UnreadableError(Exception):
    """There is no journal, or none that can be read: the sentence says where."""


def journals_at(place: str, services: Iterable[str] = ()) -> dict[str, Readable]:
    """The journals of a run by the name of their service: of a data directory or one file; where `place` is a
    database's SQLAlchemy URL with `{service}` in it, of these services. Files in which no journal is kept are passed
    over. Raises UnreadableError.
    """
    if SERVICE in place:
        return {service: ReadOnlyDatabase(place.format(service=service)) for service in services}
    path = Path(place)
    files = sorted(path.glob("*.sqlite")) if path.is_dir() else [path]
    try:
        opened = {file.stem: ReadOnlyFile(file) for file in files if file.exists()}
        journals: dict[str, Readable] = {name: file for name, file in opened.items() if file.is_journal()}
    except SQLAlchemyError as error:
        raise UnreadableError(f"what is in {place} cannot be read ({type(error).__name__})") from None
    if not journals:
        raise UnreadableError(f"there is no journal in {place}")
    return journals


def alike(
    ours: Mapping[str, Readable],
    theirs: Mapping[str, Readable],
    *,
    codec: Codec | None = None,
    witnesses: Mapping[str, Testimony] = NOBODY,
    in_turn: bool = False,
) -> list[Finding]:
    """In what two runs that were given the same input differ, by journal; nothing where they agree. The rules, and
    what `witnesses` and `in_turn` mean, stand in `same_input_same_history`.

    Both are read in one state each, and should be at rest. Raises UnreadableError.
    """
    reads = codec or Codec()
    try:
        with ExitStack() as stack:
            here, there = (
                {name: History(name, stack.enter_context(one.reading()), reads) for name, one in run.items()}
                for run in (ours, theirs)
            )
            return [
                Finding(journal=journal, sequence=violation.sequence, what=violation.what, invariant=_NAME)
                for journal, violation in same_input_same_history(here, there, witnesses=witnesses, in_turn=in_turn)
            ]
    except SQLAlchemyError as error:
        raise UnreadableError(f"a journal cannot be read ({type(error).__name__})") from None
