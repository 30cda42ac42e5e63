"""A service alone with a journal of its own on SQLite: told messages of invented sources, asked, and looked at."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from infra.command_handler import Decided, Order, ask
from infra.decider import Decider
from infra.entropy import SeededEntropy
from infra.hearing import Hearer, Hearing
from infra.journal.chain import NOTHING
from infra.journal.codec import Codec
from infra.journal.database import Database, sqlite_url
from infra.journal.journal import Journal, Sent, messages
from infra.journal.staging import Cause
from infra.service import Service
from schemas.event import Event
from schemas.journal import Heard

Answer = TypeVar("Answer")

SITE: Final = "essex"
SAYS_ANYTHING: Final[Decider[None]] = SimpleNamespace(  # a decider is whatever has these six
    CATEGORY="told", RULES_VERSION=1, INITIAL=None, POLICIES={}, decide=lambda *_: [], evolve=lambda *_: None
)


class Alone:
    """`tell` a source's events, `ask` a command, `look` at the read models, `said` for the messages that followed."""

    def __init__(self, service: Service, directory: Path, now: datetime) -> None:
        self.now = now
        self._codec: Final = Codec()
        self._told: int = 0
        self.journal: Final = self._journal(service, directory)
        self.sources: Final = {name: self._journal(Service(name=name), directory) for name in service.hears}

    def _journal(self, service: Service, directory: Path) -> Journal:
        database = Database(sqlite_url(directory / f"{service.name}.db"))
        return Journal(service, database, site=SITE, entropy=SeededEntropy(1))

    def close(self) -> None:
        """Let go of the files."""
        for journal in (self.journal, *self.sources.values()):
            journal.database.close()

    def tell(self, source: str, *events: Event) -> list[Sent]:
        """The source says these, and the service hears them in one batch. Returns the messages."""
        self._told += 1
        cause = Cause(id=f"cause-{self._told}", correlation=f"story-{self._told}", actor="wrk_somebody")
        journal = self.sources[source]
        before = journal.head()
        with journal.transaction(self.now) as transaction:
            transaction.append(SAYS_ANYTHING, "anything", events, cause)
        with journal.database.reading() as connection:
            sent = messages(connection, before.number, before.message_hash, 500)
        hearing = self.hear(source, sent)

        assert (None, []) == (hearing.trouble, list(hearing.refusals))
        return sent

    def hear(self, source: str, sent: list[Sent]) -> Hearing:
        """Hear messages, perhaps again or changed."""
        with self.journal.transaction(self.now) as transaction:
            return Hearer(self.journal.service, source, self._codec, {}).hear(transaction, sent)

    def ask(self, decider: Decider[Any], id: str, command: object, key: str = "key") -> Decided:
        """Decide a command, as a person's."""
        cause = Cause(id=f"{key}-{id}", correlation=f"{key}-{id}", actor="wrk_somebody")
        with self.journal.transaction(self.now) as transaction:
            return ask(transaction, Order(decider=decider, id=id, command=command, cause=cause))

    def look(self, query: Callable[[Connection], Answer]) -> Answer:
        """Look at the read models."""
        with self.journal.database.reading() as connection:
            return query(connection)

    def said(self) -> list[Event]:
        """The messages of the service, by their numbers."""
        with self.journal.database.reading() as connection:
            sent = messages(connection, 0, NOTHING, 500)
        return [self._codec.event(self._codec.envelope(one.raw)) for one in sent]

    def recorded(self) -> list[Event]:
        """Everything in the journal but what it says of its own hearing."""
        events = (self.journal.envelope_and_event(entry)[1] for entry in self.journal.read())
        return [event for event in events if not isinstance(event, Heard)]
