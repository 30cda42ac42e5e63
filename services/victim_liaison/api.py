"""Victim liaison over HTTP: for liaison workers and their lead. Everybody else finds nothing here."""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query, Response

from infra.web.desk import Asking, Desk
from infra.web.reader import Reader
from infra.web.requests import AskedBy, NotThere, ReadBy, accepts, body, shown
from schemas import catalogue
from schemas.ids import PersonId, derive
from schemas.rejection import Rejected
from services.victim_liaison import access, responses
from services.victim_liaison.domain import circle, consultation, victim
from services.victim_liaison.domain.answers import GiveAnswer, MeetCondition
from services.victim_liaison.domain.course import Closed, NotAsked, Open
from services.victim_liaison.domain.questions import Question
from services.victim_liaison.read_models import queries, worklist
from services.victim_liaison.requests import (
    Assignment,
    NewAnswer,
    NewContact,
    NewImpact,
    NewRelease,
    NewVictim,
    StepDone,
    Substitution,
)

PURPOSE: Final = "support-victim"
"""Why personal data is opened here, as its record says."""

After = Annotated[int, Query(ge=0, le=2**53, description="The `order` of the last row of the page before.")]
Count = Annotated[int, Query(ge=1, le=queries.PAGE_MAX)]


def routes(desk: Desk) -> APIRouter:
    """Victim liaison's addresses."""
    router = APIRouter(tags=["victim_liaison"])
    _lists(router, desk)
    _victims(router, desk)
    _naming(router, desk)
    _reports(router, desk)
    _consultations(router, desk)
    _answering(router, desk)
    return router


def _lists(router: APIRouter, desk: Desk) -> None:
    @router.get("/liaison/worklist")
    async def my_worklist(read: ReadBy) -> Response:
        """What waits for the reader on the victim's side, what is due first at the top."""
        _let_in(read)
        items = await desk.look(lambda connection: worklist.worklist(connection, read))
        return shown(responses.Worklist(items=tuple(items)))

    @router.get("/victims")
    async def my_victims(read: ReadBy, after: After = 0, count: Count = queries.PAGE_MAX) -> Response:
        """The victims whom the reader stands with; all of the site for a lead."""
        _let_in(read)
        rows = await desk.look(lambda connection: queries.my_victims(connection, read, after, count))
        return shown(responses.Victims(victims=tuple(rows)))

    @router.get("/consultations")
    async def my_questions(read: ReadBy, count: Count = queries.PAGE_MAX) -> Response:
        """What is asked of the reader about planned actions; all of it for a lead."""
        _let_in(read)
        rows = await desk.look(lambda connection: queries.my_questions(connection, read, count))
        return shown(responses.Questions(questions=tuple(rows)))


def _victims(router: APIRouter, desk: Desk) -> None:
    @router.post("/victims", status_code=201, **accepts(NewVictim))
    async def record(asked: AskedBy, new: Annotated[NewVictim, body(NewVictim)]) -> Response:
        """Record a victim whom no referral named. Every open action about him is asked about again."""
        await _let_lead(desk, asked.reader, new.person)
        reference = derive("vic", asked.command_id)
        plain = {name: text for name, text in msgspec.structs.asdict(new).items() if name != "person" and text}
        details = await desk.seal("victim", reference, plain)
        known = circle.KnowVictim(victim=reference, person=new.person, referral=None, details=details)
        outcome = await desk.ask(asked, circle, new.person, known)
        recorded = responses.VictimRecorded(victim=reference, person=new.person)
        return shown(recorded, status=201, version=outcome.version)

    @router.get("/victims/{reference}")
    async def one(read: ReadBy, reference: str) -> Response:
        """One victim, with her details opened for the reader. The opening is recorded before the answer is given."""
        row = await _victim(desk, read, reference)
        around = await desk.state(circle, row.person)
        sealed = around.victims[row.victim].details
        opened = await desk.open(read, PURPOSE, list(sealed.values()))
        return shown(
            responses.VictimShown(
                victim=row.victim,
                person=row.person,
                worker=row.worker,
                standing=row.standing,
                known_at=row.known_at,
                details=dict(zip(sealed, opened, strict=True)),
            )
        )

    @router.get("/victims/{reference}/timeline")
    async def timeline(read: ReadBy, reference: str, after: After = 0, count: Count = queries.PAGE_MAX) -> Response:
        """What happened around her, in codes, the oldest first."""
        rows = await desk.look(lambda connection: queries.timeline_of(connection, read, reference, after, count))
        if rows is None:
            raise NotThere
        return shown(responses.Timeline(victim=reference, rows=tuple(rows)))


def _naming(router: APIRouter, desk: Desk) -> None:
    @router.post("/victims/{reference}/worker", **accepts(Assignment))
    async def assign(asked: AskedBy, reference: str, assignment: Annotated[Assignment, body(Assignment)]) -> Response:
        """Name who stands with her from now on. A lead does; nobody works on both sides of one case."""
        row = await _victim(desk, asked.reader, reference)
        if not access.leads(asked.reader):
            raise NotThere
        assign = circle.AssignWorker(
            victim=row.victim, person=row.person, worker=assignment.worker, standing=assignment.standing
        )
        outcome = await desk.ask(asked, circle, row.person, assign)
        return shown(responses.VictimRecorded(victim=row.victim, person=row.person), version=outcome.version)

    @router.post("/persons/{person}/substitute", **accepts(Substitution))
    async def name_substitute(
        asked: AskedBy, person: str, substitution: Annotated[Substitution, body(Substitution)]
    ) -> Response:
        """Name who answers while no victim of this person is known: nobody is never consent."""
        await _let_lead(desk, asked.reader, person)
        name = circle.NameSubstitute(person=person, worker=substitution.worker)
        outcome = await desk.ask(asked, circle, person, name)
        recorded = responses.SubstituteRecorded(person=person, worker=substitution.worker)
        return shown(recorded, version=outcome.version)


def _reports(router: APIRouter, desk: Desk) -> None:
    @router.post("/victims/{reference}/contacts", status_code=201, **accepts(NewContact))
    async def report(asked: AskedBy, reference: str, new: Annotated[NewContact, body(NewContact)]) -> Response:
        """Keep that he made contact. Nothing of it is known on the other side before some of it is released."""
        row = await _victim(desk, asked.reader, reference)
        contact = derive("con", asked.command_id)
        words = await desk.seal("victim", row.victim, {"words": new.words})
        report = victim.ReportContact(
            contact=contact,
            victim=row.victim,
            person=row.person,
            occurred_at=new.occurred_at,
            means=new.means,
            words=words["words"],
            wants=new.wants,
            now=asked.now,
        )
        outcome = await desk.ask(asked, victim, row.victim, report)
        return shown(responses.ContactRecorded(contact=contact), status=201, version=outcome.version)

    @router.get("/victims/{reference}/contacts/{contact}")
    async def look(read: ReadBy, reference: str, contact: str) -> Response:
        """What she reported, opened for the reader."""
        row = await _victim(desk, read, reference)
        told = (await desk.state(victim, row.victim)).contacts.get(contact)
        if told is None:
            raise NotThere
        (words,) = await desk.open(read, PURPOSE, [told.words])
        return shown(
            responses.ContactShown(
                contact=contact, occurred_at=told.occurred_at, means=told.means, words=words, wants=told.wants
            )
        )

    @router.post("/victims/{reference}/releases", status_code=201, **accepts(NewRelease))
    async def release(asked: AskedBy, reference: str, new: Annotated[NewRelease, body(NewRelease)]) -> Response:
        """Let a coded summary of a report be known on the other side, and nothing of whom it came from."""
        row = await _victim(desk, asked.reader, reference)
        if new.code not in catalogue.releases():
            raise Rejected("release-unknown", "/code")
        reference_outside = derive("rel", new.contact, new.code)
        release = victim.Release(
            release=reference_outside, victim=row.victim, contact=new.contact, person=row.person, code=new.code
        )
        outcome = await desk.ask(asked, victim, row.victim, release)
        recorded = responses.ReleaseRecorded(release=reference_outside, contact=new.contact, code=new.code)
        return shown(recorded, status=201, version=outcome.version)

    @router.post("/victims/{reference}/impacts", status_code=201, **accepts(NewImpact))
    async def tell_impact(asked: AskedBy, reference: str, new: Annotated[NewImpact, body(NewImpact)]) -> Response:
        """Keep what an action changed for her. The effect crosses as a code; her words stay."""
        row = await _victim(desk, asked.reader, reference)
        words = await desk.seal("victim", row.victim, {"words": new.words}) if new.words else {}
        tell = circle.TellImpact(
            action=new.action,
            person=row.person,
            victim=row.victim,
            effect=new.effect,
            words=words.get("words"),
        )
        outcome = await desk.ask(asked, circle, row.person, tell)
        kept = responses.ImpactKept(action=new.action, effect=new.effect)
        return shown(kept, status=201, version=outcome.version)


def _consultations(router: APIRouter, desk: Desk) -> None:
    @router.get("/consultations/{action}")
    async def look(read: ReadBy, action: str) -> Response:
        """What is asked about an action. What he will think caused it is opened for the reader."""
        person = await _consulted(desk, read, action)
        asked, is_closed = await _as_it_stands(desk, action)
        planned = (await desk.state(circle, person)).actions[action]
        tactic = catalogue.tactics().get(planned.tactic)
        seen = {
            about: question
            for about, question in asked.questions.items()
            if access.may_see_question(read, question.worker)
        }
        reasons = {about: each.answer.reason for about, each in seen.items() if each.answer and each.answer.reason}
        plan, *opened = await desk.open(read, PURPOSE, [planned.plan, *reasons.values()])
        said = dict(zip(reasons, opened, strict=True))
        return shown(
            responses.ConsultationShown(
                action=action,
                person=person,
                version=asked.version,
                tactic=planned.tactic,
                title=tactic.title if tactic else None,
                agency_kind=tactic.agency_kind if tactic else None,
                attribution=planned.attribution,
                plan=plan,
                questions=tuple(_question(about, each, said.get(about)) for about, each in seen.items()),
                clearance=asked.clearance.verdict if asked.clearance else None,
                is_closed=is_closed,
            )
        )


def _answering(router: APIRouter, desk: Desk) -> None:
    @router.post("/consultations/{action}/answers", **accepts(NewAnswer))
    async def answer(asked: AskedBy, action: str, new: Annotated[NewAnswer, body(NewAnswer)]) -> Response:
        """Answer about this version for one victim. A late answer counts; one about an older version does not."""
        person = await _consulted(desk, asked.reader, action)
        for place, code in enumerate(new.conditions):
            if code not in catalogue.conditions():
                raise Rejected("condition-unknown", f"/conditions/{place}")
        reason = await desk.seal("victim", new.victim or person, {"reason": new.reason}) if new.reason else {}
        give = GiveAnswer(
            version=new.version,
            victim=new.victim,
            worker=asked.reader.id,
            verdict=new.verdict,
            conditions=new.conditions,
            reason=reason.get("reason"),
            by_lead=access.leads(asked.reader),
        )
        return await _answered(asked, action, give)

    @router.post("/consultations/{action}/conditions", **accepts(StepDone))
    async def meet(asked: AskedBy, action: str, done: Annotated[StepDone, body(StepDone)]) -> Response:
        """Say that a step which had to come first is done. With the last one the other side hears that all are."""
        await _consulted(desk, asked.reader, action)
        meet = MeetCondition(
            version=done.version,
            victim=done.victim,
            worker=asked.reader.id,
            condition=done.condition,
            by_lead=access.leads(asked.reader),
        )
        return await _answered(asked, action, meet)

    async def _answered(asked: Asking, action: str, command: GiveAnswer | MeetCondition) -> Response:
        outcome = await desk.ask(asked, consultation, action, command)
        stands, _ = await _as_it_stands(desk, action)
        answered = responses.Answered(
            action=action,
            version=stands.version,
            clearance=stands.clearance.verdict if stands.clearance else None,
            are_conditions_met=stands.are_conditions_met,
        )
        return shown(answered, version=outcome.version)


def _let_in(reader: Reader) -> None:
    if not access.serves_victims(reader):
        raise NotThere


async def _let_lead(desk: Desk, reader: Reader, person: str) -> None:
    """A lead of this person's circle. Casework is heard to its head first, for the case may be a moment old."""
    try:
        msgspec.convert(person, PersonId)
    except msgspec.ValidationError:
        raise NotThere from None
    around = await desk.state(circle, person)
    if access.leads(reader) and not around.is_known and await desk.hear("casework"):
        around = await desk.state(circle, person)
    if not (around.is_known and access.may_lead(reader, around.case_manager)):
        raise NotThere


async def _victim(desk: Desk, reader: Reader, reference: str) -> queries.VictimRow:
    row = await desk.look(lambda connection: queries.one_victim(connection, reader, reference))
    if row is None:
        raise NotThere
    return row


async def _consulted(desk: Desk, reader: Reader, action: str) -> str:
    person = await desk.look(lambda connection: queries.person_of_consultation(connection, reader, action))
    if person is None:
        raise NotThere
    return person


async def _as_it_stands(desk: Desk, action: str) -> tuple[Open, bool]:
    """The consultation, open or as it was when it was closed, and which of the two."""
    match await desk.state(consultation, action):
        case NotAsked():
            raise NotThere
        case Closed(last):
            return last, True
        case Open() as asked:
            return asked, False


def _question(about: str | None, question: Question, reason: str | None) -> responses.QuestionShown:
    answer = question.answer
    return responses.QuestionShown(
        victim=about,
        worker=question.worker,
        due_at=question.due_at,
        is_escalated=question.is_escalated,
        verdict=answer.verdict if answer else None,
        conditions=answer.conditions if answer else (),
        met=tuple(sorted(question.met)),
        reason=reason,
    )
