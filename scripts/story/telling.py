"""Tells the story as journals would: each fact in the envelope it would be stored in, with its place and its cause."""

from collections import Counter
from typing import Final
from uuid import uuid5

from msgspec import UNSET, Raw

from infra.journal.chain import NOTHING, link, record_id
from infra.journal.codec import Codec
from infra.journal.staging import Cause
from infra.web.asking import COMMANDS
from schemas.envelope import Record
from schemas.event import Event, Message
from schemas.journal import Crossed
from scripts.story.people import SITE, WORKS_FOR, digest


def asked(by: str, what: str, purpose: str = "") -> Cause:
    """What a worker or an agency asked for; `what` tells it from everything else they asked for."""
    id = str(uuid5(COMMANDS, f"{SITE}\x1f{by}\x1f{what}"))
    return Cause(id=id, correlation=id, actor=by, agency=WORKS_FOR.get(by, ""), purpose=purpose)


class Story:
    """Records in the order in which they came to be. Every service hears every other one at once."""

    def __init__(self) -> None:
        self.records: Final[list[Record]] = []
        self.codec: Final = Codec()
        self._numbers: Final[Counter[str]] = Counter()
        self._hashes: Final[dict[str, bytes]] = {}
        self._effects: Final[Counter[tuple[str, str]]] = Counter()
        self._logical_time: int = 0

    def tell(self, service: str, stream: str, event: Event, *, at: str, why: Record | Cause) -> Record:
        """Something happens in a stream of a service, because of a record or of what somebody asked for.

        `at` is a day and a time of 2026, `03-02 09:30`. What crosses the wall names no cause, and its true one is
        told beside it.
        """
        if isinstance(why, Record):
            why = Cause(id=why.id, correlation=why.correlationid, actor=f"service:{service}")
        id = record_id(why.id, service, stream, self._effects[why.id, stream])
        self._effects[why.id, stream] += 1
        if not isinstance(event, Message):
            return self._keep(service, stream, id, event, at, why)
        self._numbers[service] += 1
        self._logical_time += 1
        own = Cause(id=id, correlation=id, actor=f"service:{service}")
        record = self._keep(service, stream, id, event, at, own if event.CROSSES else why)
        self._hashes[service] = link(self.hash_of(service), self.codec.encode(record))
        if event.CROSSES:
            true = Crossed(message=id, cause=why.id, correlation=why.correlation, actor=why.actor)
            self.tell(service, "crossed", true, at=at, why=own)
        return record

    def _keep(self, service: str, stream: str, id: str, event: Event, at: str, why: Cause) -> Record:
        recorded = f"2026-{at.replace(' ', 'T')}:00.000000Z"
        person = getattr(event, "person", None)
        is_message = isinstance(event, Message)
        record = Record(
            id=id,
            source=f"/cordon/{SITE}/{service}",
            specversion="1.0",
            type=event.TYPE,
            subject=f"person-{person}" if is_message and why.id == id else stream,
            time=getattr(event, "occurred_at", None) or recorded,
            datacontenttype="application/json",
            recordedtime=recorded,
            logicaltime=self._logical_time,
            salt=digest(id)[:16].hex(),
            site=SITE,
            correlationid=why.correlation,
            causationid=why.id,
            actor=why.actor,
            person=person or UNSET,
            number=self._numbers[service] if is_message else UNSET,
            agency=why.agency or UNSET,
            purpose=why.purpose or UNSET,
            data=Raw(self.codec.data(event)),
        )
        self.records.append(record)
        return record

    def number_of(self, service: str) -> int:
        """How many messages a service has said."""
        return self._numbers[service]

    def hash_of(self, service: str) -> bytes:
        """The hash of the chain of a service's messages."""
        return self._hashes.get(service, NOTHING)
