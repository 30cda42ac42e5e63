"""One event from its bytes to its receipt: read, looked up, sealed, asked; and kept sealed if it is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from msgspec import UNSET

from infra.web.desk import Asking, Desk
from schemas.agencies import Agency
from schemas.ids import PersonId, ReportId, derive
from schemas.intake import NamedVictim
from schemas.rejection import Rejected
from schemas.reports import Facts
from schemas.reports.police import ReferralMade
from schemas.sealed import Sealed
from services.intake import cloudevents, decoding, finding, receipts, sealing
from services.intake.cloudevents import CloudEvent, Sent
from services.intake.domain import report, task
from services.intake.domain.agreement import refuse_unless_agreed
from services.intake.finding import Found
from services.intake.receipts import Receipt

AskingFor = Callable[[str, bytes], Asking]
"""`(key, body)` to the circumstances of a command that this request leads to."""

_PLACES: Final = {"report-id-reused": "/id", "task-unknown": "/data/task"}
"""Where in an event the trouble lies that a decider sees, which knows nothing of events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event, read: its attributes, its report with every word plain, and the canonical identifiers in it."""

    event: CloudEvent
    plain: Facts
    identifiers: decoding.Identifiers

    @property
    def content(self) -> bytes:
        """What makes it the same event when it is sent again, whatever its spacing, field order or mode."""
        time = "" if self.event.time is None else written(self.event.time)
        return msgspec.json.encode((self.event.kind, time, self.plain))


class Receiving:
    """Takes events of agencies for one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk

    async def receive(self, asking_for: AskingFor, agency: Agency, sent: Sent) -> Receipt:
        """Take one event. What is wrong with it is said in the receipt, and it is kept sealed."""
        try:
            return await self.take(asking_for, agency, sent)
        except Rejected as refusal:
            return await self.refuse(asking_for, agency, sent, refusal)

    async def take(self, asking_for: AskingFor, agency: Agency, sent: Sent) -> Receipt:
        """Take one event. Raises Rejected for what cannot be taken: it is still to be refused, or sent again."""
        told = self._read(agency, sent)
        try:
            return await self._take(asking_for, agency, sent, told)
        except Rejected as refusal:
            raise Rejected(refusal.code, refusal.pointer or _PLACES.get(refusal.code, "")) from None

    async def refuse(self, asking_for: AskingFor, agency: Agency, sent: Sent, refusal: Rejected) -> Receipt:
        """Keep what was not taken, sealed under a key of its own, and give its receipt."""
        named = cloudevents.whose(sent)
        source, event_id = named or (None, None)
        text = sent.text.encode()
        fingerprint = asking_for("", text).fingerprint
        reference = self._reference(agency, *(named or ("", fingerprint.hex())))
        kept, is_cut = sealing.cut(sent.text)
        pointer = receipts.kept_pointer(refusal.code, refusal.pointer)
        command = report.RefuseReport(
            report=reference,
            agency=agency.code,
            source=source,
            event_id=event_id,
            code=refusal.code,
            pointer=pointer,
            fingerprint=fingerprint,
            raw=await self._seal_raw(sealing.refused_subject(reference, fingerprint), kept),
            is_cut=is_cut,
            now=self._desk.now(),
        )
        key = f"refuse:{reference}:{fingerprint.hex()}:{refusal.code}:{pointer}"
        await self._desk.ask(asking_for(key, text), report, reference, command)
        return receipts.refused(reference, source, event_id, refusal.code, refusal.pointer)

    def _read(self, agency: Agency, sent: Sent) -> Told:
        now = self._desk.now()
        event = cloudevents.read(sent, now)
        kind = decoding.known_kind(event.kind)
        refuse_unless_agreed(agency, event.kind)
        plain = decoding.report(kind, event.data, now)
        known_by = () if plain.about is UNSET else decoding.identifiers(plain.about, now)
        return Told(event=event, plain=plain, identifiers=known_by)

    def _reference(self, agency: Agency, source: str, event_id: str) -> ReportId:
        """With the agency in it: no agency can use up, or learn of, the ids of another by taking its source."""
        return derive("rep", self._desk.site, agency.code, source, event_id)

    async def _take(self, asking_for: AskingFor, agency: Agency, sent: Sent, told: Told) -> Receipt:
        task_person = await self._task_person(agency, told)
        if not isinstance(told.plain, ReferralMade):
            found = await finding.find(self._desk, told.identifiers)
            return await self._ask(asking_for, agency, sent, told, found, task_person)
        # Two of one new man, each with another number, must meet in one reference, whichever way they come.
        async with self._desk.one_by_one("referral"):
            found = await self._learnt(agency, told)
            return await self._ask(asking_for, agency, sent, told, found, task_person)

    async def _learnt(self, agency: Agency, told: Told) -> Found:
        """Nothing is learnt from what was taken before, nor from another content under the same id."""
        found = await finding.find(self._desk, told.identifiers)
        before = await self._desk.state(report, self._reference(agency, told.event.source, told.event.id))
        if isinstance(before, report.NotTaken):
            await finding.learn(self._desk, found)
        return found

    async def _task_person(self, agency: Agency, told: Told) -> PersonId | None:
        """Whom the task answered is about; disruption is heard to its head first, for the task may be a moment old."""
        task_id = report.task_of(told.plain)
        if task_id is None:
            return None
        is_heard = await self._desk.hear("disruption")
        person = task.person_for(await self._desk.state(task, task_id), agency.code)
        if person is None and not is_heard:
            raise Rejected("disruption-unreachable")
        return person

    async def _ask(
        self, asking_for: AskingFor, agency: Agency, sent: Sent, told: Told, found: Found, task_person: PersonId | None
    ) -> Receipt:
        event = told.event
        reference = self._reference(agency, event.source, event.id)
        fingerprint = asking_for("", told.content).fingerprint
        # What we know of the task is part of the key: an answer refused for an unknown task is decided anew later.
        asking = asking_for(f"receive:{reference}:{fingerprint.hex()}:{task_person or ''}", told.content)
        sealed = await self._desk.seal("person", reference, sealing.words(told.plain))
        command = report.ReceiveReport(
            report=reference,
            agency=agency.code,
            kind=event.kind,
            source=event.source,
            event_id=event.id,
            occurred_at=written(event.time or asking.now),
            fingerprint=fingerprint,
            raw=await self._seal_raw(reference, sent.text),
            facts=sealing.facts(told.plain, sealed),
            person_details=await self._details(reference, told),
            victims=await self._victims(reference, told.plain),
            candidates=found.candidates,
            task_person=task_person,
            new_person=found.new_person,
            now=asking.now,
        )
        outcome = await self._desk.ask(asking, report, reference, command)
        is_new = not outcome.is_repeat and bool(outcome.events)
        return Receipt(id=event.id, source=event.source, report=reference, receipt="accepted" if is_new else "repeated")

    async def _seal_raw(self, subject: str, text: str) -> Sealed:
        return (await self._desk.seal("report", subject, {"raw": text}))["raw"]

    async def _details(self, reference: ReportId, told: Told) -> dict[str, Sealed]:
        if told.plain.about is UNSET:
            return {}
        return await self._desk.seal("person", reference, sealing.details(told.plain.about, told.identifiers))

    async def _victims(self, reference: ReportId, plain: Facts) -> tuple[NamedVictim, ...]:
        """Sealed to the victim's side, which alone can open it. Only intake can make the tokens."""
        named = sealing.victims(plain)
        victims = []
        for victim, name in zip(named, sealing.victim_names(named), strict=True):
            token = (await self._desk.tokens("report", {"victim": name}))["victim"]
            subject = sealing.naming(reference, token)
            sealed = await self._desk.seal("victim", subject, sealing.victim_words(victim))
            victims.append(NamedVictim(token=token, details=sealed))
        return tuple(victims)


def written(moment: datetime) -> str:
    """A moment in UTC as the envelope has it: RFC 3339 with microseconds, which sorts as text."""
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
