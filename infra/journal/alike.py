"""Whether two runs with the same input came to the same history, whatever carried their messages and kept their rows.

Nothing of what a record says is ever told: which stream and version, and in which place of a record the two differ.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from infra.journal.across import Testimony
from infra.journal.faces import Face, Said, face, names_in, renamed
from infra.journal.history import History
from infra.journal.invariants import Violation
from infra.journal.renaming import Renaming
from infra.journal.runs import Line, Run, Thread, first_of_each

NOBODY: Final[Mapping[str, Testimony]] = {}


def same_input_same_history(
    ours: Mapping[str, History],
    theirs: Mapping[str, History],
    *,
    witnesses: Mapping[str, Testimony] = NOBODY,
    in_turn: bool = False,
) -> Iterator[tuple[str, Violation]]:
    """Two runs that were given the same input, embedded or scaled, agree stream by stream on types, causes and data.
    Each violation with its journal's name; its sequence is that of our record.

    **Compared**: which services there are; which streams each has; in every stream the records, by type, in the order
    below; of each record every attribute and every place of its data: literally, except that

    - *names* (references but a worker's, ids of records and commands, tokens, keyed fingerprints) are exchanged by
      one renaming for all journals together, the same both ways: what is one thing here is one thing there. Keys
      differ between installations, and all of these can follow from keys;
    - a *moment* that was told, one before the run began, is compared as it is; one after that, from a clock of the
      run, is only a moment;
    - a *sealed* value has the same compartment, field, subject and length; key, nonce and ciphertext do not matter.

    A stream's counterpart is the one of the same name, renamed; else the one that begins with the same cause.

    **Order.** Records of one stream that follow from one source (messages of one service, commands, the clock) stand
    in one order. Where two services' words meet in one stream, either may arrive first; with `in_turn` only if both go
    back to one input: for runs in which whoever gave an input waited until everybody had acted on the one before.
    In the streams that hold records of all people (asked, crossed, openings, what a witness keeps; `witnesses` as for
    `verify`) order counts among those about one stream, reader or message: who comes first of two strangers is chance.

    **Left out**, because it counts or times: sequence, number, logical time, salt, hashes, the time of recording,
    doubted clocks; the version to which a stream had come when something was asked of it, unless `in_turn`. How
    messages were heard in batches, but each source was heard as far, the same kinds, and stopped by the same. The
    places reached in agencies' topics: the same reports may have come another way. Of a message as witnessed its
    number, hash and bytes: that they are what was said, `witnessed_is_what_was_said` looks.

    Neither run may be so long that a deadline comes in one and not in the other. All of both is held in memory.
    """
    yield from _services(ours, theirs)
    shared = [name for name in ours if name in theirs]
    here = Run({name: ours[name] for name in shared}, witnesses)
    there = Run({name: theirs[name] for name in shared}, witnesses)
    for name in shared:
        yield from ((name, Violation(sequence, "it cannot be read")) for sequence in here.unread[name])
        yield from ((name, _of_theirs(sequence, "it cannot be read")) for sequence in there.unread[name])
        yield from ((name, violation) for violation in _hearings(name, here, there))
    yield from _Comparison(here, there, in_turn=in_turn).violations()


def _services(ours: Mapping[str, History], theirs: Mapping[str, History]) -> Iterator[tuple[str, Violation]]:
    for name in sorted(ours.keys() - theirs.keys()):
        yield name, Violation(None, "there is no such journal in the other run")
    for name in sorted(theirs.keys() - ours.keys()):
        yield name, Violation(None, "it is a journal of the other run alone")


def _of_theirs(sequence: int, what: str) -> Violation:
    return Violation(None, f"of the other run's record {sequence}: {what}")


def _hearings(name: str, ours: Run, theirs: Run) -> Iterator[Violation]:
    """How far a service heard itself is no number of messages: its journal counts how often it heard others."""
    here, there = ours.hearings[name], theirs.hearings[name]
    for source in sorted(here.to.keys() | there.to.keys() - {name}):
        to, other = here.to.get(source, 0), there.to.get(source, 0)
        if to != other and source != name:
            yield Violation(None, f"it heard {source} up to {to}, and in the other run up to {other}")
    for source, kind in sorted(here.kinds ^ there.kinds):
        yield Violation(None, f"only one of the runs began to act on {kind} of {source}")
    if sorted(here.stopped) != sorted(there.stopped):
        yield Violation(None, "what stopped it is not the same in the other run")


class _Pair(NamedTuple):
    """A record and its counterpart."""

    thread: Thread
    ours: Line
    theirs: Line


_Key = tuple[object, ...]
_KeyOf = Callable[[Thread, Line], _Key | None]


class _Comparison:
    """Threads are paired from what is known of names; what they then show of further names pairs further threads."""

    def __init__(self, ours: Run, theirs: Run, *, in_turn: bool) -> None:
        self._ours: Final = ours
        self._theirs: Final = theirs
        self._in_turn: Final = in_turn
        self._names: Final = Renaming()
        self._left: Final = {name: dict(threads) for name, threads in ours.threads.items()}
        self._left_there: Final = {name: dict(threads) for name, threads in theirs.threads.items()}
        self._threads: Final[list[tuple[Thread, Thread]]] = []
        self._pairs: Final[list[_Pair]] = []
        self._found: Final[list[tuple[str, Violation]]] = []

    def violations(self) -> Iterator[tuple[str, Violation]]:
        """Everything in which the two differ."""
        while (
            self._pair_by_name()
            or self._pair_by(self._cause_and_words, self._cause_and_words_there)
            or self._pair_by(self._cause, self._cause_there)
            or self._pair_by(self._words, self._words_there)
        ):
            pass
        yield from self._found
        for service, threads in self._left.items():
            for thread, line in first_of_each(threads):
                what = f"the other run has no counterpart of stream {thread.name}, which begins with {line.type}"
                yield service, Violation(line.sequence, what)
        for service, threads in self._left_there.items():
            for thread, line in first_of_each(threads):
                yield service, _of_theirs(line.sequence, f"stream {thread.name} has no counterpart here")
        if self._in_turn:
            for thread, counterpart in self._threads:
                yield from ((thread.service, violation) for violation in self._turns(thread, counterpart))
        for pair in self._pairs:
            yield from ((pair.thread.service, violation) for violation in self._differences(pair))

    def _pair_by_name(self) -> bool:
        found = False
        for service, threads in self._left.items():
            there = self._left_there[service]
            for thread in tuple(threads.values()):
                counterpart = there.get(renamed(thread.name, self._names.there))
                if counterpart is not None:
                    self._pair(thread, counterpart)
                    found = True
        return found

    def _pair_by(self, key: _KeyOf, key_there: _KeyOf) -> bool:
        """Those of one key, in the order of their journals."""
        waiting: defaultdict[_Key, list[Thread]] = defaultdict(list)
        for threads in self._left_there.values():
            for thread, line in first_of_each(threads):
                if (known := key_there(thread, line)) is not None:
                    waiting[known].append(thread)
        found = False
        for threads in self._left.values():
            for thread, line in tuple(first_of_each(threads)):
                known = key(thread, line)
                if known is not None and waiting[known]:
                    self._pair(thread, waiting[known].pop(0))
                    found = True
        return found

    def _cause_and_words(self, thread: Thread, line: Line) -> _Key | None:
        cause = self._names.there.get(line.cause)
        return None if cause is None else (*_place(thread, line), cause, _words(self._face(line)))

    def _cause_and_words_there(self, thread: Thread, line: Line) -> _Key:
        return (*_place(thread, line), line.cause, _words(self._face_there(line)))

    def _cause(self, thread: Thread, line: Line) -> _Key | None:
        cause = self._names.there.get(line.cause)
        return None if cause is None else (*_place(thread, line), cause)

    def _cause_there(self, thread: Thread, line: Line) -> _Key:
        return (*_place(thread, line), line.cause)

    def _words(self, thread: Thread, line: Line) -> _Key:
        """What came in under a name that follows from a key alone, such as an event without an id."""
        return (*_place(thread, line), len(thread.lines), _words(self._face(line)))

    def _words_there(self, thread: Thread, line: Line) -> _Key:
        return (*_place(thread, line), len(thread.lines), _words(self._face_there(line)))

    def _face(self, line: Line) -> Face:
        return _face(line, self._ours.since, with_versions=self._in_turn)

    def _face_there(self, line: Line) -> Face:
        return _face(line, self._theirs.since, with_versions=self._in_turn)

    def _pair(self, thread: Thread, counterpart: Thread) -> None:
        del self._left[thread.service][thread.name]
        del self._left_there[thread.service][counterpart.name]
        here, there = _by_source(self._ours, thread), _by_source(self._theirs, counterpart)
        for source in dict.fromkeys((*here, *there)):
            self._align(thread, source, here.get(source, []), there.get(source, []))
        self._threads.append((thread, counterpart))

    def _align(self, thread: Thread, source: str, ours: list[Line], theirs: list[Line]) -> None:
        alone: list[Line] = []
        alone_there: list[Line] = []
        types, types_there = [line.type for line in ours], [line.type for line in theirs]
        for what, at, to, at_there, to_there in SequenceMatcher(None, types, types_there, autojunk=False).get_opcodes():
            if what == "equal":
                for line, counterpart in zip(ours[at:to], theirs[at_there:to_there], strict=True):
                    self._pairs.append(_Pair(thread, line, counterpart))
                    self._learn(self._face(line), self._face_there(counterpart))
            else:
                alone += ours[at:to]
                alone_there += theirs[at_there:to_there]
        self._found.extend((thread.service, violation) for violation in _alone(thread, source, alone, alone_there))

    def _learn(self, ours: Face, theirs: Face) -> None:
        for pointer in ours.keys() & theirs.keys():
            here, there = ours[pointer], theirs[pointer]
            if here.words == there.words and not _is_set(here, there):
                self._names.learn(here.names, there.names)

    def _turns(self, thread: Thread, counterpart: Thread) -> Iterator[Violation]:
        """What goes back to one input stands together, and inputs in one order."""
        if len(thread.lines) != len(counterpart.lines):
            return  # that is told of already, and moves everything behind it
        ours, theirs = _inputs(self._ours, thread), _inputs(self._theirs, counterpart)
        for (line, root), (_, other) in zip(ours, theirs, strict=False):
            if not self._names.agrees(root, other):
                what = f"{_at(thread, line)} is not in its turn in the other run: it goes back to another input there"
                yield Violation(line.sequence, what)
                return

    def _differences(self, pair: _Pair) -> Iterator[Violation]:
        ours, theirs = self._face(pair.ours), self._face_there(pair.theirs)
        for pointer in dict.fromkeys((*ours, *theirs)):
            what = self._difference(ours.get(pointer), theirs.get(pointer))
            if what:
                at = f"{_at(pair.thread, pair.ours)}: {pointer} {what} (record {pair.theirs.sequence})"
                yield Violation(pair.ours.sequence, at)

    def _difference(self, ours: Said | None, theirs: Said | None) -> str:
        if theirs is None:
            return "is not there in the other run"
        if ours is None:
            return "is there in the other run alone"
        if ours.words != theirs.words:
            return "says something else in the other run"
        if _is_set(ours, theirs):
            is_same = {self._names.there.get(name, "") for name in ours.names} == set(theirs.names)
        else:
            is_same = all(map(self._names.agrees, ours.names, theirs.names))
        return "" if is_same else "stands for another thing in the other run than elsewhere"


def _is_set(ours: Said, theirs: Said) -> bool:
    """Names alone, in their own order on both sides: whoever sorted them sorted by what differs."""
    lists = (ours, theirs)
    return all(one.is_list and len(one.names) > 1 and list(one.names) == sorted(one.names) for one in lists)


def _face(line: Line, since: datetime, *, with_versions: bool) -> Face:
    if line.witnessed:
        return {"/id of what is witnessed": names_in(line.witnessed), "/id": names_in(line.id)}
    return face(line.raw, since, with_versions=with_versions)


def _words(seen: Face) -> _Key:
    return tuple((pointer, said.words) for pointer, said in seen.items())


def _place(thread: Thread, line: Line) -> _Key:
    return thread.service, thread.is_shared, names_in(thread.name).words, line.type


def _by_source(run: Run, thread: Thread) -> dict[str, list[Line]]:
    sources: dict[str, list[Line]] = {}
    for line in thread.lines:
        sources.setdefault(run.source(line), []).append(line)
    return sources


def _inputs(run: Run, thread: Thread) -> Iterator[tuple[Line, str]]:
    """The inputs that records go back to, one after the other, each with its first record in a row."""
    before = ""
    for line in thread.lines:
        root = run.root(line)
        if root != before:
            yield line, root
        before = root


def _at(thread: Thread, line: Line) -> str:
    return f"version {line.version} of stream {thread.name}"


def _alone(thread: Thread, source: str, ours: list[Line], theirs: list[Line]) -> Iterator[Violation]:
    """What stands between two counterparts on one side only. A type that both have left stands elsewhere."""
    there = Counter(line.type for line in theirs)
    for line in ours:
        is_there = there[line.type] > 0
        there[line.type] -= is_there
        how = "stands in another order" if is_there else "is not there"
        yield Violation(line.sequence, f"{_at(thread, line)}, {line.type} by {source}, {how} in the other run")
    here = Counter(line.type for line in ours)
    for line in theirs:
        if here[line.type] > 0:
            here[line.type] -= 1
        else:
            yield _of_theirs(line.sequence, f"{_at(thread, line)}, {line.type} by {source}, is not there here")
