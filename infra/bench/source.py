"""The service that is heard: its journal grows by so many breaches at once, all committed together."""

from typing import Final

from infra.bench import order, sample
from infra.bench.stores import Stores
from infra.bench.vocabulary import CODEC
from infra.entropy import SystemEntropy
from infra.journal.journal import Journal, Sent, messages
from infra.journal.place import Place


class Source:
    """A journal that is told of breaches, and what it said last."""

    def __init__(self, stores: Stores, site: str) -> None:
        self.journal: Final = Journal(
            sample.SOURCE, stores.open("source"), site=site, entropy=SystemEntropy(), codec=CODEC
        )
        self.place = Place()
        """Its last message."""

    def say(self, count: int) -> None:
        """The next so many breaches, in one transaction."""
        first = self.place.number
        with self.journal.transaction(sample.NOW) as transaction:
            for number in range(first, first + count):
                breach = sample.breach(number)
                transaction.append(order, breach.order, [breach], sample.cause(number))
        head = self.journal.head()
        self.place = Place(head.number, head.message_hash)

    def after(self, place: Place, count: int) -> list[Sent]:
        """What it said after one of its messages."""
        with self.journal.database.reading() as connection:
            return messages(connection, place.number, place.hash, count)
