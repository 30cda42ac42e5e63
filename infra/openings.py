"""Openings of personal data: journalled before the plain text is shown, and never a reason not to show it.

Where the journal cannot be written the opening goes to a local file, synced before anything is shown, and is imported
at the next start: availability is safety (SR-27), and so is knowing who looked (SR-15).
"""

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from infra.entropy import Entropy
from infra.journal import tables
from infra.journal.staging import Cause
from infra.journal.transaction import Transaction
from infra.logs import log
from infra.runner import Runner
from infra.sealing.sealer import Sealer
from infra.web.reader import Reader
from schemas.journal import PersonalDataOpened
from schemas.moments import written
from schemas.sealed import Sealed

STREAM: Final = "opened"
RECORDS_AT_ONCE: Final = 500

_OPENED: Final = (
    select(tables.journal.c.record)
    .join(tables.streams, tables.streams.c.id == tables.journal.c.stream)
    .where(tables.streams.c.name == STREAM)
)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An opening as it stands in the local file: its id, so that it is imported once, when, and what it says."""

    id: str
    opened_at: str
    agency: str
    opening: PersonalDataOpened


class Openings:
    """How one service opens what is sealed: there is no other way to plain text."""

    def __init__(self, runner: Runner, sealer: Sealer, entropy: Entropy, directory: Path) -> None:
        self._runner: Final = runner
        self._sealer: Final = sealer
        self._entropy: Final = entropy
        self._file: Final = directory / f"openings-{runner.name}.ndjson"
        self._lock: Final = Lock()

    async def open(self, reader: Reader, purpose: str, sealed: Sequence[Sealed]) -> list[str | None]:
        """Plain text for one reader and one purpose; None for what was erased. One record for all of it."""
        if not sealed:
            return []
        kept = Kept(
            id=self._entropy.bytes(16).hex(),
            opened_at=written(self._runner.clock.now()),
            agency=reader.agency,
            opening=PersonalDataOpened(
                reader=reader.id,
                on_behalf_of="",
                purpose=purpose,
                fields=tuple(f"{one.compartment}/{one.subject}/{one.field}" for one in sealed),
            ),
        )
        try:
            await self._runner.write(lambda transaction: _record(transaction, kept))
        except (SQLAlchemyError, OSError) as error:
            log("failed", level="error", service=self._runner.name, source="opened", error=type(error).__name__)
            await self._runner.in_thread(self._keep, kept)
        self._runner.metrics.opened.labels(self._runner.name).inc()
        return await self._runner.in_thread(lambda: [self._sealer.unseal(one) for one in sealed])

    def _keep(self, kept: Kept) -> None:
        with self._lock, self._file.open("ab") as file:
            file.write(b"\n" + msgspec.json.encode(kept) + b"\n")  # the line before may have been torn
            file.flush()
            os.fsync(file.fileno())

    async def bring_in(self) -> int:
        """Journal the openings that could not be journalled when they happened. Returns how many."""
        if not self._file.exists():
            return 0
        lines = (await self._runner.in_thread(self._file.read_bytes)).splitlines()
        openings = {kept.id: kept for line in lines if (kept := _whole(line)) is not None}
        for id in await self._runner.in_thread(self._journalled, openings.keys()):
            del openings[id]

        def record(transaction: Transaction) -> None:
            for kept in openings.values():
                _record(transaction, kept)

        await self._runner.write(record)
        self._file.unlink()
        return len(openings)

    def _journalled(self, ids: Collection[str]) -> set[str]:
        """Which of these are in the journal already: an import may have been cut off before its file was gone."""
        codec = self._runner.journal.codec
        with self._runner.journal.database.reading() as connection:
            rows = connection.execute(_OPENED.execution_options(yield_per=RECORDS_AT_ONCE))
            return {id for (raw,) in rows if (id := codec.envelope(raw).causationid) in ids}


def _record(transaction: Transaction, kept: Kept) -> None:
    opening = kept.opening
    cause = Cause(
        id=kept.id,
        correlation=kept.id,
        actor=opening.reader,
        agency=kept.agency,
        purpose=opening.purpose,
        time=kept.opened_at,
    )
    transaction.record(STREAM, opening, cause)


def _whole(line: bytes) -> Kept | None:
    """None for a line that was torn: nothing was shown before it was whole."""
    try:
        return msgspec.json.decode(line, type=Kept)
    except msgspec.MsgspecError:
        return None
