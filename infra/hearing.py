"""Hearing: messages of a source, in their order, acted on once each, in the transaction that remembers them.

Known: skip. Next: act. Beyond the next: stop and fetch. Disagreeing: fork. What pure code cannot act on stops this
source at this service, in the journal and in sight, until somebody sees to it (rules 7, 8, 13).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

import msgspec
from sqlalchemy.exc import DBAPIError

from infra.command_handler import Order, handle, refused
from infra.decider import Decider
from infra.journal.chain import NOTHING, last_link, link, record_id
from infra.journal.codec import Codec, UnknownTypeError
from infra.journal.journal import Sent
from infra.journal.place import Place
from infra.journal.staging import Cause
from infra.journal.transaction import Transaction
from infra.journal.writing import CLOCK_SKEW_MAX
from infra.service import EVERYTHING, Ask, Heard, Note, Service
from schemas.envelope import Record
from schemas.event import Event
from schemas.journal import SourceStopped

State = TypeVar("State")

FORKED: Final = "forked"
GAP: Final = "gap"
UNDECODABLE: Final = "undecodable"
UNKNOWN_TYPE: Final = "unknown-type"

ANY_KIND: Final = "*"
"""In the index `hearing`: every kind of the source, of a service that hears EVERYTHING."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a source was not heard any further: the message's number and a code; never anything it says."""

    number: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """How a batch was heard: messages acted on, commands refused, and what stopped it, if anything did."""

    heard: int
    refusals: Sequence[str] = ()
    trouble: Trouble | None = None
    is_clock_doubted: bool = False


class KnownInTransaction:
    """What a service knows while it acts on a message: its own streams, under the lock."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction: Final = transaction

    def state(self, decider: Decider[State], id: str, /) -> State:
        return self._transaction.state(decider, id)

    @property
    def now(self) -> datetime:
        return self._transaction.now


class Hearer:
    """How one service hears one source. `old_until` says, by kind, up to which number a message is old news."""

    def __init__(self, service: Service, source: str, codec: Codec, old_until: Mapping[str, int]) -> None:
        self._service: Final = service
        self._source: Final = source
        self._codec: Final = codec
        self._old_until: Final = dict(old_until)
        declared = service.hears[source]
        self._kinds: Final = None if declared is EVERYTHING else codec.wire_names(declared)

    def acts_on(self, kind: str) -> bool:
        """Whether messages of this type lead to anything here."""
        return self._kinds is None or kind in self._kinds

    def hear(self, transaction: Transaction, batch: Sequence[Sent], known: Trouble | None = None) -> Hearing:
        """Act on a batch. What came before a message that cannot be acted on stays heard.

        `known` is the trouble this source is stopped by already: it is not journalled again.
        """
        before = transaction.place(self._source)
        heard, refusals, trouble = 0, [], None
        place = before
        for sent in batch:
            if sent.number <= place.number:
                if sent.number == place.number and sent.hash != place.hash:
                    trouble = Trouble(number=sent.number, code=FORKED)
                    break
                continue
            if sent.number > place.number + 1:
                trouble = Trouble(number=sent.number, code=GAP)
                break
            computed = link(place.hash, sent.raw)
            if computed != sent.hash:
                trouble = Trouble(number=sent.number, code=FORKED)
                break
            mark = transaction.mark()
            place = Place(sent.number, computed)
            try:
                refusals += self._act(transaction, sent, place)
            except DBAPIError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever pure code raises must stop this source, not the service
                transaction.undo(mark)
                trouble = Trouble(number=sent.number, code=_code_of(error))
                break
            heard += 1
        if heard:
            transaction.remember_heard(self._source, before.number, self._cause_of_hearing(transaction))
        if trouble is not None and trouble.code != GAP and trouble != known:
            self.stop(transaction, trouble)
        doubted = transaction.clock_doubt
        return Hearing(heard=heard, refusals=refusals, trouble=trouble, is_clock_doubted=doubted)

    def stop(self, transaction: Transaction, trouble: Trouble) -> None:
        """Say in the journal that this source is not heard any further."""
        stopped = SourceStopped(source=self._source, number=trouble.number, code=trouble.code)
        transaction.record(f"heard-{self._source}", stopped, self._cause_of_hearing(transaction))

    def catch_up(self, transaction: Transaction, old: Sequence[Sent], kinds: frozenset[str]) -> Trouble | None:
        """Act on all the old messages of kinds that were not acted on before; nobody is told of them any more (rule
        14). All or nothing: what stands in the way is returned.
        """
        at = transaction.place(self._source)
        if self._source != self._service.name and last_link(NOTHING, (sent.raw for sent in old)) != at.hash:
            return Trouble(number=at.number, code=FORKED)
        mark = transaction.mark()
        for sent in old:
            try:
                record = self._codec.envelope(sent.raw)
                if record.type in kinds or (ANY_KIND in kinds and record.type not in self._old_until):
                    self._react(transaction, self._heard(sent, record, is_old=True))
            except DBAPIError:
                raise
            except Exception as error:  # noqa: BLE001 - as in hear
                transaction.undo(mark)
                return Trouble(number=sent.number, code=_code_of(error))
        self.begin(transaction, kinds, at.number)
        return None

    def begin(self, transaction: Transaction, kinds: frozenset[str], to: int) -> None:
        """Say in the journal that kinds are acted on from now on, and that messages up to `to` are old to us."""
        transaction.remember_grown(self._source, sorted(kinds), to, self._cause_of_hearing(transaction))

    def _act(self, transaction: Transaction, sent: Sent, place: Place) -> list[str]:
        record = self._codec.envelope(sent.raw)
        if not self._codec.knows(record.type):
            raise UnknownTypeError(record.type)
        transaction.move_place(self._source, place, record.logicaltime)
        self._doubt(transaction, record)
        if not self.acts_on(record.type):
            return []
        is_old = sent.number <= self._old_until.get(record.type, self._old_until.get(ANY_KIND, 0))
        return self._react(transaction, self._heard(sent, record, is_old=is_old))

    def _heard(self, sent: Sent, record: Record, *, is_old: bool) -> Heard:
        event: Event = self._codec.event(record)
        return Heard(self._source, record, event, sent.raw, sent.number, sent.hash, is_old)

    def _react(self, transaction: Transaction, heard: Heard) -> list[str]:
        record = heard.record
        actor = f"service:{self._service.name}"
        cause = Cause(id=record.id, correlation=record.correlationid, actor=actor)
        refusals = []
        for place, effect in enumerate(self._service.react(heard, KnownInTransaction(transaction))):
            match effect:
                case Note(decider, id, event):
                    noted = Cause(id=record.id, correlation=record.correlationid, actor=record.actor, time=record.time)
                    transaction.append(decider, id, [event], noted, noted=True)
                case Ask(decider, id, command):
                    order = Order(decider=decider, id=id, command=command, cause=cause)
                    decided = handle(transaction, order)
                    if decided.refusal is not None:
                        refused(transaction, order, decided, record_id(record.id, self._service.name, "asked", place))
                        refusals.append(decided.refusal.code)
        return refusals

    def _doubt(self, transaction: Transaction, record: Record) -> None:
        stamped = datetime.fromisoformat(record.recordedtime)
        if stamped - transaction.now > CLOCK_SKEW_MAX:
            transaction.clock_doubt = True

    def _cause_of_hearing(self, transaction: Transaction) -> Cause:
        """Itself: what happened to our hearing of a source has an id by its place among the like."""
        stream = f"heard-{self._source}"
        id = record_id(stream, self._service.name, "hearing", transaction.version(stream))
        return Cause(id=id, correlation=id, actor=f"service:{self._service.name}")


def _code_of(error: Exception) -> str:
    match error:
        case UnknownTypeError():
            return UNKNOWN_TYPE
        case msgspec.MsgspecError():
            return UNDECODABLE
        case _:
            return type(error).__name__
