"""The victim side's own worklist: what waits for a liaison worker or the lead, with an owner and a due time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, or_, select

from infra.web.reader import Reader
from infra.working_days import due_at
from schemas import catalogue
from schemas.ids import derive
from schemas.moments import written
from schemas.worklist import WorkItem
from services.victim_liaison import access
from services.victim_liaison.read_models import queries
from services.victim_liaison.read_models.tables import (
    CASE_MANAGER,
    NO_VICTIM,
    SUBSTITUTE,
    consultations,
    named,
    questions,
    victims,
)

LEAD: Final = "role:liaison-lead"
NAME_SOMEBODY: Final = "victim-worker-named"
SEE_CHANGE: Final = "notice-acknowledged"
"""Clocks of the catalogue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of item: its code, what it says, and what its owner does next."""

    code: str
    sentence: str
    next_step: str


ANSWER = Kind(
    code="answer-consultation",
    sentence="An action is planned. It waits for what you say for the victim.",
    next_step="Read what he will think caused it, speak to the victim if that is safe, and answer.",
)
ANSWER_OVERDUE = Kind(
    code="answer-overdue",
    sentence="A planned action was not answered in time. Silence clears nothing.",
    next_step="Answer as cover, or name another worker.",
)
NAME_SUBSTITUTE = Kind(
    code="name-substitute",
    sentence="An action is planned, no victim is known, and nobody is named to answer instead.",
    next_step="Name a substitute for this person.",
)
NAME_WORKER = Kind(
    code="name-worker",
    sentence="A victim is known and nobody stands with her. Nothing about him is cleared until somebody does.",
    next_step="Name her worker, or a substitute.",
)
DO_STEP = Kind(
    code="condition-to-meet",
    sentence="You agreed to an action on a condition that is not met yet.",
    next_step="See that it is done, and say so.",
)
SUSPENDED = Kind(
    code="clearance-suspended",
    sentence="An action you answered about is not cleared any more: somebody else is asked as well.",
    next_step="Look whether your answer still holds; change it if it does not.",
)
BOTH_SIDES = Kind(
    code="worker-on-both-sides",
    sentence="The worker named here now manages his case, and is kept out on this side.",
    next_step="Name somebody else.",
)

ALL: Final = (ANSWER, ANSWER_OVERDUE, NAME_SUBSTITUTE, NAME_WORKER, DO_STEP, SUSPENDED, BOTH_SIDES)


def worklist(connection: Connection, reader: Reader) -> Sequence[WorkItem]:
    """What waits for this reader, what is due first at the top. Nothing for who has no part on this side."""
    items = [*_from_questions(connection, reader), *_from_victims(connection, reader), *_conflicts(connection, reader)]
    return sorted(items, key=lambda item: (item.due_at, item.id))[: queries.PAGE_MAX]


def _from_questions(connection: Connection, reader: Reader) -> Iterator[WorkItem]:
    is_suspended = consultations.c.suspended_at.is_not(None)
    query = queries.waiting_questions(reader).where(
        or_(questions.c.verdict.is_(None), questions.c.conditions != "", is_suspended)
    )
    for row in connection.execute(query.order_by(questions.c.due_at).limit(queries.PAGE_MAX)):
        if row.verdict is None:
            yield _unanswered(row)
            continue
        yield from (_step(row, condition) for condition in row.conditions.split() if condition not in row.met.split())
        if row.suspended_at is not None:
            yield _suspended(row)


def _unanswered(row: Row[Any]) -> WorkItem:
    if row.worker is None:
        kind = NAME_SUBSTITUTE if row.victim == NO_VICTIM else NAME_WORKER
    else:
        kind = ANSWER_OVERDUE if row.is_escalated else ANSWER
    return _item(
        kind,
        owner=LEAD if row.worker is None or row.is_escalated else row.worker,
        about=row.action,
        person=row.person,
        detail=row.tactic,
        times=(row.asked_at, row.due_at),
        of=f"{row.victim}-{row.version}",
        is_escalated=row.is_escalated,
    )


def _step(row: Row[Any], condition: str) -> WorkItem:
    return _item(
        DO_STEP,
        owner=row.worker,
        about=row.action,
        person=row.person,
        detail=condition,
        times=(row.answered_at, row.due_at),
        of=f"{row.victim}-{row.version}-{condition}",
    )


def _suspended(row: Row[Any]) -> WorkItem:
    return _item(
        SUSPENDED,
        owner=row.worker,
        about=row.action,
        person=row.person,
        detail=row.tactic,
        times=(row.suspended_at, _later(row.suspended_at, SEE_CHANGE)),
        of=f"{row.victim}-{row.version}-{row.suspended_at}",
    )


def _from_victims(connection: Connection, reader: Reader) -> Iterator[WorkItem]:
    if not access.leads(reader):
        return
    query = select(victims).where(queries.visible_victims(reader), victims.c.worker.is_(None))
    for row in connection.execute(query.order_by(victims.c.sequence).limit(queries.PAGE_MAX)):
        times = (row.known_at, _later(row.known_at, NAME_SOMEBODY))
        yield _item(NAME_WORKER, owner=LEAD, about=row.victim, person=row.person, detail=None, times=times, of="")


def _conflicts(connection: Connection, reader: Reader) -> Iterator[WorkItem]:
    """Who was named for a victim or a person and was given his case afterwards: kept out at once, and shown here."""
    if not access.leads(reader):
        return
    stands, substitutes = victims.alias("stands"), named.alias("substitutes")
    query = (
        select(named.c.person, named.c.named_at, stands.c.victim, substitutes.c.worker.label("substitute"))
        .outerjoin(stands, and_(stands.c.person == named.c.person, stands.c.worker == named.c.worker))
        .outerjoin(
            substitutes,
            and_(
                substitutes.c.person == named.c.person,
                substitutes.c.role == SUBSTITUTE,
                substitutes.c.worker == named.c.worker,
            ),
        )
        .where(
            named.c.role == CASE_MANAGER,
            named.c.worker != reader.id,
            or_(stands.c.victim.is_not(None), substitutes.c.worker.is_not(None)),
        )
    )
    for row in connection.execute(query.order_by(named.c.named_at).limit(queries.PAGE_MAX)):
        times = (row.named_at, _later(row.named_at, NAME_SOMEBODY))
        about = row.victim or row.person
        yield _item(BOTH_SIDES, owner=LEAD, about=about, person=row.person, detail=None, times=times, of=row.named_at)


def _later(moment: str, clock: str) -> str:
    return written(due_at(datetime.fromisoformat(moment), catalogue.clocks()[clock]))


def _item(
    kind: Kind,
    *,
    owner: str,
    about: str,
    person: str,
    detail: str | None,
    times: tuple[str, str],
    of: str,
    is_escalated: bool = False,
) -> WorkItem:
    """`times`: when it was raised and when it is due. `of`: what else tells two items of a kind apart."""
    raised_at, due_at = times
    return WorkItem(
        id=derive("itm", kind.code, about, of),
        owner=owner,
        code=kind.code,
        about=about,
        person=person,
        detail=detail,
        raised_at=raised_at,
        due_at=due_at,
        is_escalated=is_escalated,
        sentence=kind.sentence,
        next_step=kind.next_step,
    )
