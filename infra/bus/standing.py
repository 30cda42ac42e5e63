"""Where a service stands, said by itself: how far it has spoken, what it stopped hearing, what it has yet to act on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from infra.bus.port import SourceHead, UnreachableError
from infra.journal import head, place, tables
from infra.journal.journal import Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What one service can say without asking another. `is_abreast`: it has acted on all its own facts, so what
    follows from them is a message already.
    """

    number: int
    hash: bytes
    stopped: tuple[str, ...]
    is_abreast: bool


StandingOf = Callable[[str], Standing]
"""Where another service stands. Raises UnreachableError."""


def standing(journal: Journal) -> Standing:
    """Where a service stands, from its own journal. Raises UnreachableError where that cannot be read."""
    own = journal.service.name
    with reading(journal) as connection:
        at = head.read(connection)
        stopped = tuple(connection.execute(select(tables.stopped.c.source)).scalars())
        is_abreast = own not in journal.service.hears or _has_heard_itself(connection, journal)
    return Standing(number=at.number, hash=at.message_hash, stopped=stopped, is_abreast=is_abreast)


def source_head(journal: Journal, standing_of: StandingOf) -> SourceHead:
    """As a listener must know it: settled only if what it hears has been acted on, and is about to say no more.

    A source counts as about to say more while it has not acted on its own facts: a report that was taken but names a
    victim only in the next moment. Our places are read before the sources are asked: what they say meanwhile shows.
    """
    own = journal.service.name
    with reading(journal) as connection:
        places = {source: place.read(connection, source).number for source in journal.service.hears if source != own}
    at = standing(journal)
    is_settled = at.is_abreast and all(_heard_all(source, number, standing_of) for source, number in places.items())
    return SourceHead(number=at.number, hash=at.hash, stopped=at.stopped, is_settled=is_settled)


def _heard_all(source: str, number: int, standing_of: StandingOf) -> bool:
    try:
        at = standing_of(source)
    except UnreachableError:
        return False
    return at.number <= number and at.is_abreast


def _has_heard_itself(connection: Connection, journal: Journal) -> bool:
    """Whether nothing stands in the own journal that it acts on and has not acted on yet."""
    own = journal.service.name
    kinds = journal.codec.wire_names(journal.service.hears[own])
    unheard = select(tables.journal.c.sequence).where(
        tables.journal.c.sequence > place.read(connection, own).number, tables.journal.c.type.in_(kinds)
    )
    return connection.execute(unheard.limit(1)).first() is None


@contextmanager
def reading(journal: Journal) -> Iterator[Connection]:
    """A reading connection to a journal. Raises UnreachableError where its database does not answer."""
    try:
        with journal.database.reading() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise UnreachableError(journal.service.name) from error
