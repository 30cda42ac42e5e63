"""A small town to examine: a source that says something, a listener that acts on it, a ledger that witnesses it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from infra.bench import order, sample
from infra.bench.stores import Stores, stores
from infra.bench.vocabulary import CODEC, NoticeRaised
from infra.entropy import SystemEntropy
from infra.hearing import Hearer
from infra.journal.across import Witnessed
from infra.journal.journal import Journal, Sent, messages
from infra.journal.transaction import Transaction
from infra.service import EVERYTHING, Service
from infra.verify import Verification, verified
from schemas.audit import MessageWitnessed
from schemas.event import Event
from services.audit.service import AUDIT

LISTENER: Final = replace(sample.LISTENER, hears={**sample.HEARS, "listener": (NoticeRaised,)})
"""It hears itself as well, as a service does that follows up its own events."""
LEDGER: Final = replace(AUDIT, name="ledger", hears={"source": EVERYTHING, "listener": EVERYTHING})
AT_ONCE: Final = 10_000
SAID: Final = 60
"""Messages of the source: one stream of two, and others of one."""


def what_it_witnesses(event: Event) -> Witnessed | None:
    """What the ledger says of a message."""
    assert isinstance(event, MessageWitnessed)
    return Witnessed(event.service, event.number, event.hash, event.record.encode())


class Town:
    """Three journals. `told` is how many messages the source has said."""

    def __init__(self, opened: Stores) -> None:
        self.source: Final = _journal(sample.SOURCE, opened)
        self.listener: Final = _journal(LISTENER, opened)
        self.ledger: Final = _journal(LEDGER, opened)
        self.told: int = 0

    @property
    def journals(self) -> dict[str, Journal]:
        """By the name of the service."""
        return {journal.service.name: journal for journal in (self.source, self.listener, self.ledger)}

    def say(self, count: int, hearings: int = 3) -> None:
        """The source says something, and is heard a part at a time, by the listener first."""
        for _ in range(hearings):
            with self.source.transaction(sample.NOW) as transaction:
                for number in range(self.told, self.told + count // hearings):
                    event = sample.breach(number)
                    transaction.append(order, event.order, [event], sample.cause(number))
            self.told += count // hearings
            hear(self.listener, self.source)
            hear_itself(self.listener)
            hear(self.ledger, self.source)
            hear(self.ledger, self.listener)

    def ledger_of(self, service: str, number: int) -> int:
        """The record of the ledger that witnesses a message."""
        for entry in self.ledger.read(limit=1_000):
            event = self.ledger.envelope_and_event(entry)[1]
            if isinstance(event, MessageWitnessed) and (event.service, event.number) == (service, number):
                return entry.sequence
        raise LookupError(f"message {number} of {service}")

    def examined(self, journals: Mapping[str, Journal] | None = None) -> Verification:
        """What an examination of all three finds, or of these."""
        databases = {name: journal.database for name, journal in (journals or self.journals).items()}
        return verified(databases, codec=CODEC, witnesses={MessageWitnessed.TYPE: what_it_witnesses})

    def found(self) -> set[tuple[str, int | None, str]]:
        """Journal, record and invariant of each finding."""
        return {(finding.journal, finding.sequence, finding.invariant) for finding in self.examined().findings}


def _journal(service: Service, opened: Stores) -> Journal:
    return Journal(service, opened.open(service.name), site=sample.SITE, entropy=SystemEntropy(), codec=CODEC)


def hear(listener: Journal, source: Journal) -> None:
    """Everything that is there to be heard."""
    with listener.transaction(sample.NOW) as transaction:
        place = transaction.place(source.service.name)
        with source.database.reading() as connection:
            batch = messages(connection, place.number, place.hash, AT_ONCE)
        _act(listener, source.service.name, transaction, batch)


def hear_itself(listener: Journal) -> None:
    """Of one's own journal the records are heard, messages or not."""
    with listener.transaction(sample.NOW) as transaction:
        entries = listener.read(transaction.place(listener.service.name).number, AT_ONCE)
        batch = [Sent(entry.sequence, entry.hash, entry.raw) for entry in entries]
        _act(listener, listener.service.name, transaction, batch)


def _act(listener: Journal, source: str, transaction: Transaction, batch: Sequence[Sent]) -> None:
    hearing = Hearer(listener.service, source, CODEC, {}).hear(transaction, batch)
    assert hearing.trouble is None, hearing


@contextmanager
def town(directory: Path, url: str | None) -> Iterator[Town]:
    """A town in which something has happened."""
    with stores(directory, url) as opened:
        built = Town(opened)
        built.say(SAID)
        yield built
