"""One transaction of a journal: everything is decided in memory under the lock, then written whole.

Facts are read after the lock is taken (rule 2). Nothing touches the database before `write`, so what one command or
message meant to do can be taken back without disturbing those committed together with it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from infra.decider import Decider
from infra.journal import head
from infra.journal.arrivals import Arrival, Arrivals
from infra.journal.chain import crossing_cause, record_id
from infra.journal.codec import is_message
from infra.journal.place import Place, Places
from infra.journal.staging import Cause, Mark, Stage, Staged
from infra.journal.states import States
from infra.journal.writing import Pen
from schemas.event import Event, Message
from schemas.journal import Arrived, Asked, Crossed, HearingGrew
from schemas.journal import Heard as HeardRecord

State = TypeVar("State")
CROSSED: Final = "crossed"
HEARD: Final = "heard"
ASKED: Final = "asked"
ARRIVED: Final = "arrived"


class Transaction:
    """Load, react, decide, append, under the head lock. `now` is the one moment of everything in it."""

    def __init__(self, connection: Connection, pen: Pen, states: States, now: datetime) -> None:
        self.now: Final = now
        self.clock_doubt: bool = False
        self._connection: Final = connection
        self._pen: Final = pen
        self._head: Final = head.locked(connection)
        states.bring_to(connection, self._head)
        self._states: Final = states.overlay(connection)
        self._places: Final = Places(connection)
        self._arrivals: Final = Arrivals(connection)
        self._stage: Final = Stage()
        self._effects: Final[dict[tuple[str, str], int]] = {}
        self._asked: Final[dict[str, Asked]] = {}
        self._floor: int = self._head.logical_time

    def state(self, decider: Decider[State], id: str, /) -> State:
        """What a stream's state is, with what this transaction has added."""
        return self._states.of(decider, f"{decider.CATEGORY}-{id}")

    def version(self, stream: str) -> int:
        """The version of a stream, counting what is staged; 0 for one that is not there."""
        return self._states.version(stream)

    def append(
        self, decider: Decider[Any], id: str, events: Sequence[Event], cause: Cause, *, noted: bool = False
    ) -> list[str]:
        """Add to a stream what was decided, or what is noted of another's facts. Returns the records' ids."""
        stream = f"{decider.CATEGORY}-{id}"
        state = self._states.of(decider, stream)
        ids = []
        for event in events:
            ids.append(self._add(stream, event, cause, shared=not noted and is_message(event)))
            state = decider.evolve(state, event)
        self._states.put(stream, state, self._stage)
        return ids

    def record(self, stream: str, event: Event, cause: Cause) -> str:
        """Add one of the journal's own records (asked, heard, opened, ...): private, and no decider folds it."""
        return self._add(stream, event, cause, shared=False)

    def _add(self, stream: str, event: Event, cause: Cause, *, shared: bool) -> str:
        effect = (cause.id, stream)
        index = self._effects.get(effect, 0)
        self._stage.set(self._effects, effect, index + 1)
        crosses = shared and isinstance(event, Message) and event.CROSSES
        known_by = crossing_cause(self._pen.secret, cause.id) if crosses else cause.id
        id = record_id(known_by, self._pen.service, stream, index)
        version = self._states.version(stream) + 1
        self._states.advance(stream, version, self._stage)
        if crosses:
            own = Cause(id=id, correlation=id, actor=f"service:{self._pen.service}")
            self._stage.records.append(Staged(id, stream, version, event, own, shared, self._floor))
            true = Crossed(message=id, cause=cause.id, correlation=cause.correlation, actor=cause.actor)
            self._add(CROSSED, true, own, shared=False)
        else:
            self._stage.records.append(Staged(id, stream, version, event, cause, shared, self._floor))
        return id

    def place(self, source: str) -> Place:
        """The number and hash of the last message of a source that was acted on, read under the lock (rule 7)."""
        return self._places.of(source)

    def move_place(self, source: str, to: Place, logical_time: int) -> None:
        """A message is being acted on: what follows is stamped after it (rule 24)."""
        self._places.put(source, to, self._stage)
        self._floor = max(self._floor, logical_time)

    def remember_heard(self, source: str, after: int, cause: Cause) -> None:
        """End the hearing of a batch: the journal itself says how far it heard."""
        to = self._places.of(source)
        self.record(f"{HEARD}-{source}", HeardRecord(source=source, after=after, to=to.number, hash=to.hash), cause)

    def remember_grown(self, source: str, kinds: Sequence[str], to: int, cause: Cause) -> None:
        """Messages up to `to` of kinds that were not acted on before are old to us (rule 14)."""
        self.record(f"{HEARD}-{source}", HearingGrew(source=source, kinds=tuple(kinds), to=to), cause)

    def remember_asked(self, asked: Asked, cause: Cause) -> None:
        """Keep what was asked, each rule's answer and what came of it."""
        self._stage.set(self._asked, asked.command_id, asked)
        self.record(ASKED, asked, cause)

    def asked_before(self, command_id: str) -> Asked | None:
        """What was recorded when this command was asked before, in this transaction or an earlier one."""
        asked = self._asked.get(command_id) or self._pen.indexes.asked(self._connection, command_id)
        assert asked is None or isinstance(asked, Asked)
        return asked

    def remember_arrived(self, arrival: Arrival, cause: Cause) -> None:
        """A record of a topic is being acted on, or found to be known: the journal itself says how far it took them.

        Raises StaleListenerError where our place is not where that record was read from.
        """
        self._arrivals.put(arrival, self._stage)
        stream = f"{ARRIVED}-{arrival.topic}"
        # The same command comes again with each copy of a record: what tells them apart is their place in this stream.
        self._stage.set(self._effects, (cause.id, stream), self.version(stream))
        to = arrival.to
        arrived = Arrived(topic=arrival.topic, after=arrival.after.offset, offset=to.offset, digest=to.digest)
        self.record(stream, arrived, cause)

    def holds(self, question: Callable[[Connection], bool]) -> bool:
        """What an index answers under the lock, without what this transaction has staged."""
        return question(self._connection)

    def mark(self) -> Mark:
        """A point to undo to."""
        return self._stage.mark()

    def undo(self, mark: Mark) -> None:
        """Take back what was staged since the mark."""
        self._stage.undo(mark)

    @property
    def staged(self) -> Sequence[Staged]:
        """Everything that will be written."""
        return self._stage.records

    def write(self) -> None:
        """Number, stamp, encode, chain, insert, project. Nothing if nothing was staged.

        Raises StaleListenerError where somebody else has moved our place in a source or a topic meanwhile,
        UnkeepableError for a record that must not be kept.
        """
        if not self._stage.records:
            return
        self._places.write()
        self._arrivals.write()
        self._pen.write(
            self._connection, self._head, self._stage.records, self._states, self.now, clock_doubt=self.clock_doubt
        )
        head.move(self._connection, self._head)

    def keep(self) -> None:
        """Hand what is known now to the state cache: after the commit, and only then."""
        self._states.keep(self._head.sequence)
