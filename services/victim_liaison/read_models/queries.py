"""What the victim's side may be asked, each question with its reader: `access` as conditions on tables."""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Connection, Row, Select, and_, exists, false, or_, select

from infra.web.reader import Reader
from schemas.ids import ActionId, PersonId, VictimId, WorkerId
from services.victim_liaison import access
from services.victim_liaison.read_models.tables import (
    CASE_MANAGER,
    NO_VICTIM,
    actions,
    consultations,
    named,
    questions,
    timeline,
    victims,
)

PAGE_MAX: Final = 200


class VictimRow(Struct, frozen=True, kw_only=True):
    """A victim in a list: references alone. `order` is where the next page goes on from."""

    order: int
    victim: VictimId
    person: PersonId
    worker: WorkerId | None
    standing: str | None
    known_at: str


class QuestionRow(Struct, frozen=True, kw_only=True):
    """What is asked about one action for one victim; for none (null) where no victim is known."""

    action: ActionId
    version: int
    person: PersonId
    tactic: str
    attribution: str
    victim: VictimId | None
    worker: WorkerId | None
    asked_at: str
    due_at: str
    is_escalated: bool
    verdict: str | None


class TimelineRow(Struct, frozen=True, kw_only=True):
    """Something that happened around a victim, in codes: what, when, which reference."""

    order: int
    what: str
    happened_at: str
    recorded_at: str
    reference: str
    detail: str | None


def manages(reader: Reader, person: Column[str]) -> ColumnElement[bool]:
    """Whether the reader manages the case of this person, and so has no business on the victim's side of it."""
    return exists().where(named.c.person == person, named.c.role == CASE_MANAGER, named.c.worker == reader.id)


def visible_victims(reader: Reader) -> ColumnElement[bool]:
    """`access.may_see_victim` as a condition on the table of victims; a test compares the two."""
    if access.leads(reader):
        return ~manages(reader, victims.c.person)
    if access.serves_victims(reader):
        return and_(victims.c.worker == reader.id, ~manages(reader, victims.c.person))
    return false()


def visible_questions(reader: Reader) -> ColumnElement[bool]:
    """`access.may_see_consultation` and `may_see_question` as a condition on the table of questions."""
    if access.leads(reader):
        return ~manages(reader, questions.c.person)
    if access.serves_victims(reader):
        return and_(questions.c.worker == reader.id, ~manages(reader, questions.c.person))
    return false()


_VICTIMS: Final = select(victims)
_QUESTIONS: Final = (
    select(questions, consultations.c.version, consultations.c.suspended_at, actions.c.tactic, actions.c.attribution)
    .join(consultations, consultations.c.action == questions.c.action)
    .join(actions, actions.c.action == questions.c.action)
)


def my_victims(connection: Connection, reader: Reader, after: int, count: int) -> Sequence[VictimRow]:
    """The victims this reader may see, as they became known, after `order` = `after`."""
    query = _VICTIMS.where(visible_victims(reader), victims.c.sequence > after)
    rows = connection.execute(query.order_by(victims.c.sequence).limit(min(count, PAGE_MAX)))
    return [_victim(row) for row in rows]


def one_victim(connection: Connection, reader: Reader, victim: VictimId) -> VictimRow | None:
    """This victim; None if she is not there or not for this reader, by one statement either way."""
    row = connection.execute(_VICTIMS.where(visible_victims(reader), victims.c.victim == victim)).first()
    return None if row is None else _victim(row)


def timeline_of(
    connection: Connection, reader: Reader, victim: VictimId, after: int, count: int
) -> Sequence[TimelineRow] | None:
    """What happened around this victim, the oldest first; None if she is not there or not for this reader."""
    if one_victim(connection, reader, victim) is None:
        return None
    query = (
        select(timeline)
        .where(timeline.c.victim == victim, timeline.c.sequence > after)
        .order_by(timeline.c.sequence)
        .limit(min(count, PAGE_MAX))
    )
    return [
        TimelineRow(
            order=row.sequence,
            what=row.what,
            happened_at=row.happened_at,
            recorded_at=row.recorded_at,
            reference=row.reference,
            detail=row.detail,
        )
        for row in connection.execute(query)
    ]


def my_questions(connection: Connection, reader: Reader, count: int) -> Sequence[QuestionRow]:
    """What is asked of this reader, of everybody for a lead: first what waits, and of that what is due first."""
    query = (
        _QUESTIONS.where(visible_questions(reader), consultations.c.is_closed.is_(False))
        .order_by(questions.c.verdict.is_not(None), questions.c.due_at, questions.c.action, questions.c.victim)
        .limit(min(count, PAGE_MAX))
    )
    return [
        QuestionRow(
            action=row.action,
            version=row.version,
            person=row.person,
            tactic=row.tactic,
            attribution=row.attribution,
            victim=None if row.victim == NO_VICTIM else row.victim,
            worker=row.worker,
            asked_at=row.asked_at,
            due_at=row.due_at,
            is_escalated=row.is_escalated,
            verdict=row.verdict,
        )
        for row in connection.execute(query)
    ]


def person_of_consultation(connection: Connection, reader: Reader, action: ActionId) -> PersonId | None:
    """Whom a consultation is about; None if nobody is asked about this action, or not this reader."""
    query = select(questions.c.person).where(visible_questions(reader), questions.c.action == action).limit(1)
    person: PersonId | None = connection.execute(query).scalar()
    return person


def waiting_questions(reader: Reader) -> Select[Any]:
    """Of the open consultations, what stands on this reader's own list: as the worker asked, or as the lead who sees
    to what nobody is named for or nobody has answered.
    """
    is_hers = questions.c.worker == reader.id
    is_the_leads = or_(questions.c.worker.is_(None), questions.c.is_escalated)
    on_list = or_(is_hers, is_the_leads) if access.leads(reader) else is_hers
    return _QUESTIONS.where(visible_questions(reader), consultations.c.is_closed.is_(False), on_list)


def _victim(row: Row[Any]) -> VictimRow:
    return VictimRow(
        order=row.sequence,
        victim=row.victim,
        person=row.person,
        worker=row.worker,
        standing=row.standing,
        known_at=row.known_at,
    )
