"""What a journal records of itself, whatever the service: asked, heard, arrived, opened, stopped. None ever leaves."""

from typing import Annotated, ClassVar

from msgspec import Meta, Raw

from schemas.event import Private
from schemas.rejection import Answer


class Asked(Private, frozen=True, kw_only=True):
    """Somebody asked for something: the command, each rule with its answer, and what came of it; refusals too.

    `refused` is the code of the refusal, `events` the ids of what was decided, `version` the stream's version after.
    """

    TYPE: ClassVar = "journal.asked.v1"
    command_id: str
    fingerprint: Annotated[bytes, Meta(description="Keyed digest of what was sent; empty for the clock's commands.")]
    stream: str
    command: str
    facts: Raw
    rules_version: int
    answers: tuple[Answer, ...]
    refused: str | None
    pointer: str
    events: tuple[str, ...]
    version: int


class Heard(Private, frozen=True, kw_only=True):
    """Messages `after` + 1 to `to` of a source were acted on, in this very transaction. `hash` is that of `to`."""

    TYPE: ClassVar = "journal.heard.v1"
    source: str
    after: int
    to: int
    hash: bytes


class Arrived(Private, frozen=True, kw_only=True):
    """A record of a broker's topic was acted on, or found to be known, in this very transaction.

    Our place in that topic moved to `offset` from `after`, which is -1 where nothing of it had been acted on.
    """

    TYPE: ClassVar = "journal.arrived.v1"
    topic: str
    after: int
    offset: int
    digest: Annotated[bytes, Meta(description="Keyed digest of the record: a plain one could be guessed at.")]


class HearingGrew(Private, frozen=True, kw_only=True):
    """This service acts on more kinds of a source than before; old messages of `kinds` were heard up to `to`."""

    TYPE: ClassVar = "journal.hearing-grew.v1"
    source: str
    kinds: tuple[str, ...]
    to: int


class SourceStopped(Private, frozen=True, kw_only=True):
    """Message `number` of a source cannot be acted on: nothing of that source is heard until somebody sees to it."""

    TYPE: ClassVar = "journal.source-stopped.v1"
    source: str
    number: int
    code: Annotated[str, Meta(description="`forked`, `undecodable`, `unknown-type` or the class of what was raised.")]


class PersonalDataOpened(Private, frozen=True, kw_only=True):
    """Somebody was shown personal data: who, for whom, why, and which fields of whom. Never what they said."""

    TYPE: ClassVar = "journal.personal-data-opened.v1"
    reader: str
    on_behalf_of: str
    purpose: str
    fields: tuple[str, ...]


class Crossed(Private, frozen=True, kw_only=True):
    """The true cause of a message that left the victim's side naming none."""

    TYPE: ClassVar = "journal.crossed.v1"
    message: str
    cause: str
    correlation: str
    actor: str


class DeadlineReached(Private, frozen=True, kw_only=True):
    """A deadline has come, and the command that it leads to was decided in this very transaction."""

    TYPE: ClassVar = "journal.deadline-reached.v1"
    stream: str
    name: str
    due_at: str
