"""Staged records become rows: numbered, stamped, encoded once, chained, inserted, and projected into the indexes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from msgspec import UNSET
from sqlalchemy import Connection

from infra.entropy import Entropy
from infra.journal import tables
from infra.journal.codec import Codec
from infra.journal.database import Database
from infra.journal.head import Head
from infra.journal.index import Indexes
from infra.journal.staging import Staged
from infra.journal.states import Overlay
from infra.service import Recorded
from schemas.envelope import Record
from schemas.moments import written

RECORD_BYTES_MAX: Final = 900_000
"""Below Kafka's default of 1 MiB a record with room for its headers: one too large would hole a topic for ever."""

SALT_BYTES: Final = 16
CLOCK_SKEW_MAX: Final = timedelta(seconds=60)
"""A clock further from ours than this, a peer's or the database's, puts one of the two in doubt (rule 24)."""


class UnkeepableError(Exception):
    """A record that must not be committed: too large, or with a NUL in its text (rule 5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """What it takes to write for one service at one site."""

    service: str
    site: str
    codec: Codec
    database: Database
    indexes: Indexes
    entropy: Entropy
    secret: bytes = field(default=b"", repr=False)

    def write(
        self,
        connection: Connection,
        head: Head,
        records: list[Staged],
        overlay: Overlay,
        now: datetime,
        *,
        clock_doubt: bool,
    ) -> None:
        """Write everything staged, and leave `head` where the chains end."""
        ids, new, moved = overlay.settle(head)
        recorded_at = written(now)
        salts = self.entropy.bytes(SALT_BYTES * len(records)).hex()
        rows: list[tuple[Any, ...]] = []
        seen: list[Recorded] = []
        for place, staged in enumerate(records):
            envelope = self._envelope(
                staged, head, recorded_at, salts[2 * SALT_BYTES * place : 2 * SALT_BYTES * (place + 1)], clock_doubt
            )
            raw = self.codec.encode(envelope)
            if len(raw) > RECORD_BYTES_MAX or (b"\\" in raw and b"\\u0000" in raw):  # one byte is found far faster
                raise UnkeepableError(envelope.type)
            digest = sha256(raw).digest()
            head.sequence += 1
            head.hash = sha256(head.hash + digest).digest()
            message_hash = None
            if staged.is_shared:
                message_hash = head.message_hash = sha256(head.message_hash + digest).digest()
            rows.append(
                (
                    head.sequence,
                    ids[staged.stream],
                    staged.version,
                    envelope.type,
                    recorded_at,
                    raw,
                    head.hash,
                    head.number if staged.is_shared else None,
                    message_hash,
                )
            )
            if self.indexes.wants(envelope.type):
                seen.append(
                    Recorded(
                        sequence=head.sequence,
                        stream=staged.stream,
                        version=staged.version,
                        record=envelope,
                        event=staged.event,
                    )
                )
        self.database.insert(connection, tables.streams, new)
        _move_streams(connection, self.database.dialect, moved)
        self.database.insert(connection, tables.journal, rows)
        self.indexes.project(connection, seen)

    def _envelope(self, staged: Staged, head: Head, recorded_at: str, salt: str, clock_doubt: bool) -> Record:  # noqa: FBT001 - private
        event, cause = staged.event, staged.cause
        head.logical_time = max(head.logical_time, staged.logical_floor)
        if staged.is_shared:
            head.logical_time += 1
            head.number += 1
        person = getattr(event, "person", None)
        crosses = staged.is_shared and cause.id == staged.id
        return Record(
            id=staged.id,
            source=f"/cordon/{self.site}/{self.service}",
            specversion="1.0",
            type=event.TYPE,
            subject=f"person-{person}" if crosses else staged.stream,
            time=cause.time or getattr(event, "occurred_at", None) or recorded_at,
            datacontenttype="application/json",
            recordedtime=recorded_at,
            logicaltime=head.logical_time,
            salt=salt,
            site=self.site,
            correlationid=cause.correlation,
            causationid=cause.id,
            actor=cause.actor,
            person=person or UNSET,
            number=head.number if staged.is_shared else UNSET,
            agency=cause.agency or UNSET,
            onbehalfof=cause.on_behalf_of or UNSET,
            purpose=cause.purpose or UNSET,
            clockdoubt=clock_doubt or UNSET,
            data=self.codec.data(event),
        )


def _move_streams(connection: Connection, dialect: str, moved: list[tuple[int, int]]) -> None:
    if not moved:
        return
    if dialect == "sqlite":
        connection.exec_driver_sql("UPDATE streams SET version = ? WHERE id = ?", moved)
        return
    versions, ids = zip(*moved, strict=True)
    connection.exec_driver_sql(
        "UPDATE streams SET version = moved.version FROM unnest(%s::bigint[], %s::bigint[]) AS moved (version, id)"
        " WHERE streams.id = moved.id",
        (list(versions), list(ids)),
    )
