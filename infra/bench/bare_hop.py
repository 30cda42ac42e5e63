"""One of the four steps from report to notice, by hand: the same records, row and place as Cordon's service writes.

One commit a batch, as durable; nothing checked, and no streams, versions, state or rules.
"""

from collections.abc import Sequence
from hashlib import sha256
from time import perf_counter
from typing import Any, Final

import msgspec
from msgspec import Raw
from sqlalchemy import insert

from infra.bench import sample
from infra.bench.bare import NUMBER, RECORD, REMEMBER, BareLog, log, place
from infra.bench.vocabulary import BreachReported, NoticeRaised, StepTaken
from infra.journal.chain import NOTHING
from infra.journal.database import Database
from schemas.envelope import Record
from schemas.ids import derive
from schemas.moments import written

AFTER_THE_FIRST: Final = 2
LAST: Final = 4

_envelopes: Final = msgspec.json.Decoder(Record)
_breaches: Final = msgspec.json.Decoder(BreachReported)
_steps: Final = msgspec.json.Decoder(StepTaken)
_encoder: Final = msgspec.json.Encoder()


class BareHop:
    """The hop of this number, 1 to 4."""

    def __init__(self, database: Database, hop: int) -> None:
        self._database: Final = database
        self.number: Final = hop
        self._log: Final = BareLog(f"hop-{hop}")
        self._heard: bytes = NOTHING
        self._heard_number: int = 0
        self._told: Final[msgspec.json.Decoder[Any]] = _breaches if hop == AFTER_THE_FIRST else _steps
        self.reports: list[str] = []
        """What was reported, of the messages heard last."""
        database.create([log, place, sample.notices])
        with database.writing() as connection:
            connection.execute(insert(place), {"source": "before", "number": 0, "hash": NOTHING})

    def take(self, number: int) -> bytes:
        """A report of this number, written and committed. Returns what is told of it."""
        recorded_at = written(sample.NOW)
        breach = sample.breach(number)
        stream = f"order-{breach.order}"
        said = Raw(_encoder.encode(breach))
        asked = self._cause(number, stream, breach.person, recorded_at)
        rows = [
            self._log.private(asked, "asked", "asked", recorded_at, said),
            self._log.shared(asked, breach.TYPE, stream, recorded_at, said),
        ]
        with self._database.writing() as connection:
            self._database.insert(connection, log, rows)
        return bytes(rows[-1][RECORD])

    def hear(self, batch: Sequence[bytes]) -> list[bytes]:
        """What the hop before told, written and committed with what follows. Returns what is told of that."""
        recorded_at = written(sample.NOW)
        rows: list[tuple[Any, ...]] = []
        shown: list[dict[str, str]] = []
        self.reports = []
        for raw in batch:
            self._heard = sha256(self._heard + sha256(raw).digest()).digest()
            self._heard_number += 1
            heard = _envelopes.decode(raw)
            told = self._told.decode(heard.data)
            self.reports.append(told.report)
            rows.append(self._log.private(heard, heard.type, heard.subject, recorded_at, heard.data))
            if self.number < LAST:
                step = self._step(told)
                stream = f"step-{self.number}-{told.order}"
                rows.append(self._log.shared(heard, step.TYPE, stream, recorded_at, Raw(_encoder.encode(step))))
            else:
                raised = self._notice(heard, told)
                said = Raw(_encoder.encode(raised))
                rows.append(self._log.shared(heard, raised.TYPE, f"notice-{raised.notice}", recorded_at, said))
                shown.append(sample.row_of(raised, recorded_at))
        with self._database.writing() as connection:
            self._database.insert(connection, log, rows)
            if shown:
                connection.execute(sample.RAISE, shown)
            connection.execute(REMEMBER, {"to": self._heard_number, "to_hash": self._heard})
        return [row[RECORD] for row in rows if row[NUMBER] is not None]

    def _step(self, told: BreachReported | StepTaken) -> StepTaken:
        return StepTaken(
            hop=self.number, order=told.order, person=told.person, report=told.report, occurred_at=told.occurred_at
        )

    def _notice(self, heard: Record, told: StepTaken) -> NoticeRaised:
        return NoticeRaised(
            notice=derive("ntc", heard.id, sample.LIAISON),
            person=told.person,
            owner=sample.LIAISON,
            code="order-breached",
            about=told.order,
            due_at=written(sample.NOW + sample.TIME_TO_READ),
        )

    def _cause(self, number: int, stream: str, person: str, recorded_at: str) -> Record:
        id = sample.cause(number).id
        return Record(
            id=id,
            source=f"/cordon/{sample.SITE}/outside",
            specversion="1.0",
            type="command",
            subject=stream,
            time=recorded_at,
            datacontenttype="application/json",
            recordedtime=recorded_at,
            logicaltime=0,
            salt=id,
            site=sample.SITE,
            correlationid=id,
            causationid=id,
            actor="wrk_desk-1",
            person=person,
            data=Raw(b"{}"),
        )


class BareWay:
    """All four hops in one loop, one after the other: what the local bus is measured beside."""

    def __init__(self, databases: Sequence[Database]) -> None:
        self._first, *self._rest = (BareHop(database, hop) for hop, database in enumerate(databases, 1))
        self._taken: int = 0

    def one_by_one(self, count: int) -> list[float]:
        """So many reports. Returns the seconds of each from its first commit to its last."""
        return [self._one() for _ in range(count)]

    def _one(self) -> float:
        self._taken += 1
        told = [self._first.take(self._taken)]
        started = perf_counter()
        for hop in self._rest:
            told = hop.hear(told)
        return perf_counter() - started
