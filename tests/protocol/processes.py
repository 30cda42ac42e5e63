"""Journals for the rules: several on one database are several processes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.hearing import Hearer, Hearing
from infra.journal.journal import Journal, Sent, messages
from infra.service import Service
from tests.kernel.parish.events import CODEC
from tests.kernel.parish.journals import NOW, opened
from tests.kernel.parish.running import database_of
from tests.kernel.parish.services import PARISH

Process = Callable[..., Journal]
"""`(service)` -> its journal in the folder of the test."""


@contextmanager
def processes(directory: Path) -> Iterator[Process]:
    """Open as many as are wanted; all are closed at the end."""
    journals: list[Journal] = []

    def process(service: Service = PARISH) -> Journal:
        journals.append(opened(database_of(directory, service), service))
        return journals[-1]

    try:
        yield process
    finally:
        for journal in journals:
            journal.database.close()


def said(journal: Journal) -> list[Sent]:
    """Every message of a service, as it is sent."""
    with journal.database.reading() as connection:
        return messages(connection, 0, bytes(32), 500)


def hear(journal: Journal, batch: list[Sent]) -> Hearing:
    """Hear a batch of the parish in one transaction."""
    hearer = Hearer(journal.service, "parish", CODEC, {})
    with journal.transaction(NOW) as transaction:
        return hearer.hear(transaction, batch)
