"""One command handler for every decider: load, decide, append, in a transaction that holds the head.

There is no conflict loop, because nobody else can append meanwhile; an expected version exists only as a user's ETag.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from infra.decider import Decider, answers
from infra.journal.staging import Cause
from infra.journal.transaction import Transaction
from schemas.event import Event
from schemas.journal import Asked
from schemas.rejection import Answer, Rejected

VERSION_STALE: Final = "version-stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command on its way in, with the circumstances that are kept with it.

    `fingerprint` is empty where no one can repeat it with another body; `version` is what the asker last saw.
    """

    decider: Decider[Any]
    id: str
    command: object
    cause: Cause
    fingerprint: bytes = b""
    version: int | None = None

    @property
    def stream(self) -> str:
        """The stream it is for."""
        return f"{self.decider.CATEGORY}-{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What came of a command. A refusal is an answer here, so that its record is committed like any other."""

    events: Sequence[Event] = ()
    event_ids: Sequence[str] = ()
    version: int = 0
    refusal: Rejected | None = None
    repeats: Asked | None = None


def handle(transaction: Transaction, order: Order) -> Decided:
    """Decide and append; no trace is left of a refusal. For what follows from a message, where `heard` is the trace."""
    if order.version is not None and transaction.version(order.stream) != order.version:
        return Decided(refusal=Rejected(VERSION_STALE), version=transaction.version(order.stream))
    try:
        events = order.decider.decide(order.command, transaction.state(order.decider, order.id))
    except Rejected as refusal:
        return Decided(refusal=refusal, version=transaction.version(order.stream))
    ids = transaction.append(order.decider, order.id, events, order.cause) if events else []
    return Decided(events=events, event_ids=ids, version=transaction.version(order.stream))


def ask(transaction: Transaction, order: Order) -> Decided:
    """Decide a command that somebody can repeat, and journal it as asked: the same command id, the same answer.

    The asked record keeps the command, every rule with its answer, and what came of it, refused or not.
    """
    before = transaction.asked_before(order.cause.id)
    if before is not None:
        if before.fingerprint != order.fingerprint:
            return Decided(refusal=Rejected("idempotency-key-reused"))
        refusal = None if before.refused is None else Rejected(before.refused, before.pointer, before.answers)
        return Decided(event_ids=before.events, version=before.version, refusal=refusal, repeats=before)
    state = transaction.state(order.decider, order.id)
    decided = handle(transaction, order)
    transaction.remember_asked(_asked(order, decided, state, order.cause.id), order.cause)
    return decided


def refused(transaction: Transaction, order: Order, decided: Decided, command_id: str) -> None:
    """Journal the refusal of a command that nobody asked for in person: one that followed from a message."""
    state = transaction.state(order.decider, order.id)
    transaction.remember_asked(_asked(order, decided, state, command_id), order.cause)


def _asked(order: Order, decided: Decided, state: object, command_id: str) -> Asked:
    refusal = decided.refusal
    return Asked(
        command_id=command_id,
        fingerprint=order.fingerprint,
        stream=order.stream,
        command=type(order.command).__name__,
        facts=msgspec.Raw(msgspec.json.encode(order.command)),
        rules_version=order.decider.RULES_VERSION,
        answers=_answers(order, decided, state),
        refused=None if refusal is None else refusal.code,
        pointer="" if refusal is None else refusal.pointer,
        events=tuple(decided.event_ids),
        version=decided.version,
    )


def _answers(order: Order, decided: Decided, state: object) -> tuple[Answer, ...]:
    if decided.refusal is not None:
        return decided.refusal.answers
    return answers(order.decider.POLICIES, order.command, state) if decided.events else ()
