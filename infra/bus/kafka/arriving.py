"""What a topic has brought of one source and the listener has not acted on yet: checked as far as it can be here.

Whatever looks wrong is not judged here: it raises doubt, and in doubt the source itself is asked (rules 8, 9, 10).
"""

from collections import deque
from enum import Enum, auto
from threading import Lock
from typing import Annotated, Final

import msgspec

from infra.journal.chain import link
from infra.journal.journal import Sent
from infra.journal.place import Place


class Brought(Enum):
    """What a record on a topic turned out to be."""

    NEXT = auto()
    KNOWN = auto()
    GAP = auto()
    """A number beyond the next one."""
    DIFFERENT = auto()
    """A number we know or wait for, with other bytes than ours or another hash than it says."""
    FOREIGN = auto()
    """No message of this source at this site."""


NUMBER_MAX: Final = 2**53
"""The largest whole number that every reader of JSON keeps exactly; a database keeps it too."""


class _Numbered(msgspec.Struct):
    """What is read of a record to tell where it belongs."""

    source: str
    number: Annotated[int, msgspec.Meta(gt=0, le=NUMBER_MAX)]


_decoder: Final = msgspec.json.Decoder(_Numbered)


def number_of(raw: bytes, whose: str) -> int | None:
    """The number of a message of this service (`/cordon/<site>/<service>`); None for anything else."""
    try:
        said = _decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):  # the last for what is nested without end
        return None
    return said.number if said.source == whose else None


class Arriving:
    """Messages in their order behind the place where a listener stands. For threads: the reader's and the listener's.

    `whose` is the envelope's `source`. Holds at most `most` messages: a reader asks `is_full` before it reads on.
    """

    def __init__(self, whose: str, most: int) -> None:
        self._whose: Final = whose
        self._most: Final = most
        self._lock: Final = Lock()
        self._base: Place | None = None
        self._last: Place = Place()
        self._last_raw: bytes | None = None
        self._held: Final[deque[Sent]] = deque()
        # Doubts are counted: an answer settles those that were there when it was asked for, and no later ones.
        self._doubts = 1
        self._asked = 0
        self._settled = 0

    @property
    def last(self) -> Place | None:
        """The last message that is accounted for, brought or fetched; None before anybody has asked."""
        with self._lock:
            return None if self._base is None else self._last

    @property
    def is_full(self) -> bool:
        """Whether the reader must wait for the listener."""
        with self._lock:
            return len(self._held) >= self._most

    def compare(self, head: Place) -> None:
        """The source says that it stands there: where we are elsewhere, it has to be asked for what lies between."""
        with self._lock:
            if head != self._last:
                self._doubts += 1

    def doubt(self) -> None:
        """Something may be missing that the topic will not bring: the source has to be asked."""
        with self._lock:
            self._doubts += 1

    def begin(self, place: Place) -> None:
        """Let the listener's place be where reading begins, if it has not begun."""
        with self._lock:
            if self._base is None:
                self._base = self._last = place

    def after(self, place: Place, limit: int, *, in_doubt: bool = False) -> list[Sent] | None:
        """At most `limit` messages behind a place; None where that cannot be told without asking the source.

        `in_doubt`: the source cannot be asked, so what its topic brought has to do.
        """
        with self._lock:
            is_doubted = self._settled < self._doubts
            if self._base is None or not self._trim_to(place) or (is_doubted and not in_doubt):
                self._asked = self._doubts
                return None
            return [self._held[at] for at in range(min(limit, len(self._held)))]

    def _trim_to(self, place: Place) -> bool:
        """Drop what was acted on. False, and nothing is dropped, where the place is none of ours."""
        if place == self._base:
            return True
        for at, sent in enumerate(self._held):
            if sent.number == place.number:
                if sent.hash != place.hash:
                    return False
                for _ in range(at + 1):
                    self._held.popleft()
                self._base = place
                return True
        return False

    def fetched(self, after: Place, sent: list[Sent], *, is_all: bool) -> None:
        """The source itself gave this: it goes before whatever a topic brought. `is_all`: it had no more."""
        with self._lock:
            if self._base is None or after.number < self._base.number:
                return
            end = Place(sent[-1].number, sent[-1].hash) if sent else after
            if not self._trim_to(end):  # the topic brought less, or another history
                self._held.clear()
                self._base = self._last = end
                self._last_raw = sent[-1].raw if sent else None
            if is_all:
                self._settled = self._asked

    def bring(self, raw: bytes, hash_said: bytes | None) -> Brought:
        """Take a record of the topic, with the hash its header says, which is never believed, only compared."""
        number = number_of(raw, self._whose)
        if number is None:
            return Brought.FOREIGN
        with self._lock:
            assert self._base is not None, "nobody reads on before somebody has asked"
            if number <= self._last.number:
                return self._again(number, raw, hash_said)
            if number > self._last.number + 1:
                self._doubts += 1
                return Brought.GAP
            hash = link(self._last.hash, raw)
            if hash_said != hash:
                return self._different()
            self._held.append(Sent(number, hash, raw))
            self._last, self._last_raw = Place(number, hash), raw
            return Brought.NEXT

    def _again(self, number: int, raw: bytes, hash_said: bytes | None) -> Brought:
        """A copy, or another message under a number: told apart as far as we still have the first one."""
        assert self._base is not None
        if number > self._base.number:
            is_copy = raw == self._held[number - self._base.number - 1].raw
        elif number == self._base.number and self._last_raw is not None and not self._held:
            is_copy = raw == self._last_raw
        else:
            is_copy = number < self._base.number or hash_said == self._base.hash
        return Brought.KNOWN if is_copy else self._different()

    def _different(self) -> Brought:
        """There are two of one number: nothing brought counts any more until the source has said which is its own."""
        assert self._base is not None
        self._held.clear()
        self._last, self._last_raw = self._base, None
        self._doubts += 1
        return Brought.DIFFERENT
