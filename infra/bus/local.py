"""The local bus: each service's messages are read from its own database. No broker, no copy."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from infra.bus.port import SourceHead, UnreachableError
from infra.journal import head, place, tables
from infra.journal.journal import Journal, Sent, messages
from infra.journal.place import Place


class LocalBus:
    """The bus of services that live in one process."""

    def __init__(self) -> None:
        self._journals: Final[dict[str, Journal]] = {}
        self._calls: Final[dict[str, list[Callable[[], None]]]] = {}

    def join(self, journal: Journal) -> None:
        """This service runs: it can be heard from now on."""
        self._journals[journal.service.name] = journal

    def leave(self, service: str) -> None:
        """This service does not run any more: it cannot be reached, though what it said is kept."""
        self._journals.pop(service, None)

    def tail(self, source: str, after: Place, limit: int) -> list[Sent]:
        with _reading(self._journal(source)) as connection:
            return messages(connection, after.number, after.hash, limit)

    def head(self, source: str) -> SourceHead:
        journal = self._journal(source)
        with _reading(journal) as connection:
            at = head.read(connection)
            stopped = tuple(connection.execute(select(tables.stopped.c.source)).scalars())
            places = {name: place.read(connection, name).number for name in journal.service.hears}
        return SourceHead(
            number=at.number,
            hash=at.message_hash,
            stopped=stopped,
            is_settled=all(self._heard_all(journal, name, number) for name, number in places.items()),
        )

    def _heard_all(self, journal: Journal, source: str, number: int) -> bool:
        """Whether a service has acted on all that a source of its has said, and on what that is about to say.

        Of itself, on what it acts on at all; of another, also that this one has acted on its own facts, because what
        follows from them is not a message yet: a report that was taken but names a victim only in the next moment.
        """
        if source == journal.service.name:
            kinds = journal.codec.wire_names(journal.service.hears[source])
            unheard = select(tables.journal.c.sequence).where(
                tables.journal.c.sequence > number, tables.journal.c.type.in_(kinds)
            )
            with _reading(journal) as connection:
                return connection.execute(unheard.limit(1)).first() is None
        other = self._journals.get(source)
        if other is None:
            return False
        with _reading(other) as connection:
            said = head.read(connection).number
            own = place.read(connection, source).number
        return said <= number and (source not in other.service.hears or self._heard_all(other, source, own))

    def _journal(self, source: str) -> Journal:
        journal = self._journals.get(source)
        if journal is None:
            raise UnreachableError(source)
        return journal

    def wake(self, source: str) -> None:
        for call in tuple(self._calls.get(source, ())):
            call()

    def on_wake(self, source: str, call: Callable[[], None]) -> None:
        self._calls.setdefault(source, []).append(call)


@contextmanager
def _reading(journal: Journal) -> Iterator[Connection]:
    try:
        with journal.database.reading() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise UnreachableError(journal.service.name) from error
