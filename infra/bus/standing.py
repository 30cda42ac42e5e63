"""Where a service stands, said by itself: how far it has spoken, what it stopped hearing, what it has yet to act on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from infra.bus.port import SourceHead, UnreachableError
from infra.journal import head, place, tables
from infra.journal.journal import Journal

FIRST_PAUSE_SECONDS: Final = 0.005
PAUSE_SECONDS_MAX: Final = 0.1


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
    with reading(journal) as connection:
        return _standing(connection, journal)


def _standing(connection: Connection, journal: Journal) -> Standing:
    own = journal.service.name
    at = head.read(connection)
    stopped = tuple(connection.execute(select(tables.stopped.c.source)).scalars())
    is_abreast = own not in journal.service.hears or _has_heard_itself(connection, journal)
    return Standing(number=at.number, hash=at.message_hash, stopped=stopped, is_abreast=is_abreast)


def source_head(journal: Journal, standing_of: StandingOf, within: float = 0.0) -> SourceHead:
    """As a listener must know it: settled once what was there when it was asked has been acted on, or as it stands
    after `within` seconds. Blocks meanwhile.

    A source has said all there was only when it has acted on its own facts, too: a report that was taken but names a
    victim only in the next moment. What it had said by then is what must have been heard: who waits until everybody is
    quiet at once would wait for ever on a busy day.
    """
    deadline, pause = time.monotonic() + within, FIRST_PAUSE_SECONDS
    said: dict[str, int | None] = dict.fromkeys(journal.service.hears.keys() - {journal.service.name})
    while True:
        said |= {source: _said(source, standing_of) for source, number in said.items() if number is None}
        with reading(journal) as connection:
            at = _standing(connection, journal)
            places = {source: place.read(connection, source).number for source in said}
        has_heard = all(number is not None and number <= places[source] for source, number in said.items())
        is_settled = has_heard and at.is_abreast
        left = deadline - time.monotonic()
        if is_settled or at.stopped or left <= 0:
            return SourceHead(number=at.number, hash=at.hash, stopped=at.stopped, is_settled=is_settled)
        time.sleep(min(pause, left))
        pause = min(pause * 2, PAUSE_SECONDS_MAX)


def _said(source: str, standing_of: StandingOf) -> int | None:
    """How far a source has spoken, once it has acted on its own facts; None before, and where it does not answer."""
    try:
        at = standing_of(source)
    except UnreachableError:
        return None
    return at.number if at.is_abreast else None


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
