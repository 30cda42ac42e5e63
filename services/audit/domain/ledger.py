"""A ledger: the messages of one service as they were heard, each in its place, the chain computed here anew.

Hearing checks the same before it acts. It is checked again where it is kept, so that the ledger vouches for itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, assert_never

from infra.decider import Policies, enforce
from schemas.audit import MessageWitnessed
from schemas.event import Event
from schemas.rejection import Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Where a service's messages end, as witnessed: the number of the last one and the hash of the chain up to it."""

    number: int
    hash: bytes


CATEGORY: Final = "ledger"
RULES_VERSION: Final = 1
INITIAL: Final = Ledger(number=0, hash=bytes(32))


def evolve(_ledger: Ledger, event: MessageWitnessed) -> Ledger:
    """The ledger after the event."""
    return Ledger(number=event.number, hash=event.hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessMessage:
    """A message was heard: its number, the hash of its chain and its bytes as text, unchanged."""

    service: str
    number: int
    hash: bytes
    record: str


LedgerCommand = WitnessMessage


def the_number_is_the_next(command: WitnessMessage, ledger: Ledger) -> str | None:
    """A gap would be a message that nobody can show."""
    return None if command.number <= ledger.number + 1 else "ledger-gap"


def the_chain_is_unbroken(command: WitnessMessage, ledger: Ledger) -> str | None:
    """`SHA-256(hash before || SHA-256(record))`, as the journal of the service computes it."""
    if command.number != ledger.number + 1:
        return None
    computed = sha256(ledger.hash + sha256(command.record.encode()).digest()).digest()
    return None if computed == command.hash else "ledger-chain-broken"


POLICIES: Final[Policies] = {WitnessMessage: (the_number_is_the_next, the_chain_is_unbroken)}


def decide(command: LedgerCommand, ledger: Ledger) -> Sequence[Event]:
    """The events that follow. Raises Rejected."""
    match command:
        case WitnessMessage():
            return witness(command, ledger)
        case _:
            assert_never(command)


def witness(command: WitnessMessage, ledger: Ledger) -> Sequence[Event]:
    """Known: nothing to do, though the last one must be the same message still. Next: kept."""
    if command.number == ledger.number and command.hash != ledger.hash:
        raise Rejected("ledger-forked")
    if command.number <= ledger.number:
        return []
    enforce(POLICIES, command, ledger)
    return [
        MessageWitnessed(
            service=command.service,
            number=command.number,
            hash=command.hash,
            record=command.record,
        )
    ]
