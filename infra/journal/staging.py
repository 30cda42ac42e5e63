"""What a transaction means to write, kept in memory until it is written whole: marks and undo without savepoints."""

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec import Struct

from schemas.event import Event

_ABSENT: Final = object()


class Cause(Struct, frozen=True, kw_only=True):
    """Why something is recorded, and on whose behalf: it becomes the envelope of what follows.

    `id` is a message, a deadline or a command; `time` is when what follows happened, if not now.
    """

    id: str
    correlation: str
    actor: str
    agency: str = ""
    on_behalf_of: str = ""
    purpose: str = ""
    time: str = ""


class Staged(Struct, frozen=True):
    """One record to be written: everything but its place in the chains. A Struct, because one is made for each."""

    id: str
    stream: str
    version: int
    event: Event
    cause: Cause
    is_shared: bool
    logical_floor: int


class Mark(Struct, frozen=True):
    """A point to come back to."""

    staged: int
    changes: int


@dataclass(slots=True)
class Stage:
    """Records in their order, and dictionaries whose every change can be taken back to a mark."""

    records: list[Staged] = field(default_factory=list)
    _changes: list[tuple[MutableMapping[Any, Any], Any, Any]] = field(default_factory=list)

    def set(self, mapping: MutableMapping[Any, Any], key: Any, value: Any) -> None:
        """`mapping[key] = value`, and remember what was there."""
        self._changes.append((mapping, key, mapping.get(key, _ABSENT)))
        mapping[key] = value

    def mark(self) -> Mark:
        """Where we are."""
        return Mark(len(self.records), len(self._changes))

    def undo(self, mark: Mark) -> None:
        """Take back everything since the mark, the newest first."""
        for mapping, key, before in reversed(self._changes[mark.changes :]):
            if before is _ABSENT:
                del mapping[key]
            else:
                mapping[key] = before
        del self._changes[mark.changes :]
        del self.records[mark.staged :]
