"""The listening path: a batch of messages decoded, reacted to, decided on, appended, projected and remembered."""

from time import perf_counter
from typing import Final

from infra.bench import sample
from infra.bench.bare import BareListener
from infra.bench.stores import Stores
from infra.bench.vocabulary import CODEC
from infra.entropy import SystemEntropy
from infra.hearing import Hearer
from infra.journal.chain import NOTHING
from infra.journal.journal import Journal, Sent, messages
from infra.journal.place import Place

RECORDS_A_MESSAGE: Final = 2
"""The note and what was decided; the record of the place, one a batch, comes on top."""


class Listening:
    """The listener's journal and two bare listeners, all of which hear every batch."""

    def __init__(self, stores: Stores, source: Journal) -> None:
        self._source: Final = source
        self.journal: Final = Journal(
            sample.LISTENER, stores.open("listener"), site=sample.SITE, entropy=SystemEntropy(), codec=CODEC
        )
        self._hearer: Final = Hearer(sample.LISTENER, "source", CODEC, {})
        self._same: Final = BareListener(stores.open("bare_same"), notes=True)
        self._least: Final = BareListener(stores.open("bare_least"), notes=False)
        self._place: Place = Place(0, NOTHING)
        self._batch: list[Sent] = []

    @property
    def heard(self) -> int:
        """Messages heard so far."""
        return self._place.number

    def hear(self, batch: int) -> float:
        """The next batch by Cordon. Returns seconds; fetching the batch from the source is not counted."""
        with self._source.database.reading() as connection:
            self._batch = messages(connection, self._place.number, self._place.hash, batch)
        started = perf_counter()
        with self.journal.transaction(sample.NOW) as transaction:
            hearing = self._hearer.hear(transaction, self._batch)
        taken = perf_counter() - started
        assert hearing.heard == batch, hearing
        self._place = Place(self._batch[-1].number, self._batch[-1].hash)
        return taken

    def hear_bare(self) -> float:
        """The same batch by hand, with the same two records a message. Returns seconds."""
        return self._heard_by(self._same)

    def hear_barest(self) -> float:
        """The same batch by hand, with one record a message: nothing noted. Returns seconds."""
        return self._heard_by(self._least)

    def _heard_by(self, listener: BareListener) -> float:
        batch = [sent.raw for sent in self._batch]
        started = perf_counter()
        listener.hear(batch)
        return perf_counter() - started
