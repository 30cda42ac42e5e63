"""Who works with whom: not shown to anybody, but what decides which rows a reader is shown."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Column, ColumnElement, Table, Text, bindparam, delete, exists, false, insert, update

from infra.service import Change, ReadModel, Recorded
from infra.web.reader import Reader
from schemas.casework import CaseAllocated, CaseOpened
from schemas.victim_liaison import LiaisonNamed, LiaisonStoodDown
from services.disruption import access
from services.disruption.read_models.rows import metadata, unless_there

people: Final = Table(
    "people",
    metadata,
    Column("person", Text, primary_key=True),
    Column("case_manager", Text),
)
"""The people with a case, and who holds it."""
liaison: Final = Table(
    "people_liaison",
    metadata,
    Column("person", Text, primary_key=True),
    Column("worker", Text, primary_key=True),
)
"""Who is named on the victim's side around a person: here only to keep them out."""

_OPEN: Final = unless_there(people, "person")
_ALLOCATE: Final = update(people).where(people.c.person == bindparam("of")).values(case_manager=bindparam("holder"))
_STAND: Final = insert(liaison)
_STAND_DOWN: Final = delete(liaison).where(liaison.c.person == bindparam("of"), liaison.c.worker == bindparam("by"))


def project(recorded: Recorded) -> Iterable[Change]:
    """How an event changes who works with whom."""
    match recorded.event:
        case CaseOpened() as event:
            yield _OPEN, {"new_person": event.person}
        case CaseAllocated() as event:
            yield _OPEN, {"new_person": event.person}
            yield _ALLOCATE, {"of": event.person, "holder": event.worker}
        case LiaisonNamed() as event:
            yield _STAND_DOWN, {"of": event.person, "by": event.worker}
            yield _STAND, {"person": event.person, "worker": event.worker}
        case LiaisonStoodDown() as event:
            yield _STAND_DOWN, {"of": event.person, "by": event.worker}
        case _:
            return


PEOPLE: Final = ReadModel(
    name="people",
    version=1,
    tables=(people, liaison),
    reads=(CaseOpened, CaseAllocated, LiaisonNamed, LiaisonStoodDown),
    project=project,
)


def works_with(reader: Reader, person: ColumnElement[str]) -> ColumnElement[bool]:
    """`access.may_work_with` as a condition on a column of people; a test compares the two."""
    has_case = exists().where(people.c.person == person)
    if access.sees_every_case(reader):
        return has_case & _is_not_named(reader, person)
    if access.may_hold_cases(reader):
        return has_case.where(people.c.case_manager == reader.id) & _is_not_named(reader, person)
    return false()


def sees_orders(reader: Reader, person: ColumnElement[str]) -> ColumnElement[bool]:
    """`access.may_see_orders` likewise."""
    return _is_not_named(reader, person) if access.sees_every_case(reader) else works_with(reader, person)


def _is_not_named(reader: Reader, person: ColumnElement[str]) -> ColumnElement[bool]:
    return ~exists().where(liaison.c.person == person, liaison.c.worker == reader.id)
