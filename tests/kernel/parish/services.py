"""The two services of the parish: `PARISH` says what happens to its halls, `SEXTON` hears it, and itself."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Column, Integer, MetaData, Table, Text, bindparam, delete, insert

from infra.service import Ask, Change, ClearDeadline, Heard, Known, Note, ReadModel, Recorded, Service, SetDeadline
from schemas.event import Event
from tests.kernel.parish import hall, sweeping
from tests.kernel.parish.events import (
    HallBooked,
    HallFreed,
    HallSwept,
    KeyLent,
    KeyMissed,
    KeyReturned,
    SweepingPlanned,
)
from tests.kernel.parish.hall import MissKey
from tests.kernel.parish.sweeping import PlanSweeping, Sweep, Wax

KEY_DUE: Final = "key-due"
metadata: Final = MetaData()

bookings: Final = Table(
    "bookings",
    metadata,
    Column("hall", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("hours", Integer, nullable=False),
    Column("booked_at", Text, nullable=False),
)
brooms: Final = Table(
    "brooms",
    metadata,
    Column("broom", Text, primary_key=True),
    Column("hall", Text, nullable=False),
)
"""A broom is planned for one sweeping: a second one with the same is refused by the database."""

_FREE: Final = delete(bookings).where(bookings.c.hall == bindparam("of_hall"))
_BOOK: Final = insert(bookings)
_PLAN: Final = insert(brooms)


def _bookings(recorded: Recorded) -> Iterable[Change]:
    match recorded.event:
        case HallBooked() as event:
            row = {"hall": event.hall, "person": event.person, "hours": event.hours}
            yield _FREE, {"of_hall": event.hall}
            yield _BOOK, row | {"booked_at": recorded.record.recordedtime}
        case HallFreed() as event:
            yield _FREE, {"of_hall": event.hall}
        case _:
            raise AssertionError(recorded.event)


def _brooms(recorded: Recorded) -> Iterable[Change]:
    event = recorded.event
    assert isinstance(event, SweepingPlanned)
    if event.broom == "snapped":
        raise LookupError("a mistake in a read model")
    yield _PLAN, {"broom": event.broom, "hall": event.hall}


def clocks(_stream: str, event: Event) -> Sequence[SetDeadline | ClearDeadline]:
    """When a lent key is asked for."""
    match event:
        case KeyLent(due_at=due_at) | KeyMissed(again_at=str(due_at)):
            return [SetDeadline(KEY_DUE, datetime.fromisoformat(due_at))]
        case KeyReturned():
            return [ClearDeadline(KEY_DUE)]
        case _:
            return []


def on_due(stream: str, _name: str, due_at: datetime) -> Ask:
    """The key is missed."""
    id = stream.removeprefix("hall-")
    return Ask(hall, id, MissKey(hall=id, due_at=due_at))


BOOKINGS: Final = ReadModel(
    name="bookings", version=1, tables=(bookings,), reads=(HallBooked, HallFreed), project=_bookings
)
BROOMS: Final = ReadModel(name="brooms", version=1, tables=(brooms,), reads=(SweepingPlanned,), project=_brooms)

PARISH: Final = Service(name="parish", deciders=(hall,), deadlines=clocks, on_due=on_due, read_models=(BOOKINGS,))


def react(heard: Heard, known: Known) -> Sequence[Note | Ask]:  # noqa: ARG001 - it is a reaction
    """What is booked is swept, and what is swept is waxed. The cellar has a bug."""
    match heard.event:
        case HallBooked(hall="cellar"):
            raise ZeroDivisionError
        case HallBooked() as event:
            plan = PlanSweeping(hall=event.hall, broom=event.broom or heard.record.id, is_told=not heard.is_old)
            return [Note(sweeping, event.hall, event), Ask(sweeping, event.hall, plan)]
        case HallFreed() as event:
            return [Note(sweeping, event.hall, event), Ask(sweeping, event.hall, Sweep(hall=event.hall))]
        case SweepingPlanned() as event:
            return [Ask(sweeping, event.hall, Sweep(hall=event.hall))]
        case HallSwept() as event:
            return [Ask(sweeping, event.hall, Wax(hall=event.hall))]
        case _:
            raise AssertionError(heard.event)


SEXTON: Final = Service(
    name="sexton",
    deciders=(sweeping,),
    hears={"parish": (HallBooked,)},
    react=react,
    read_models=(BROOMS,),
)
"""As it began. What else it may hear later: `HallFreed`, and itself."""
ITSELF: Final = (SweepingPlanned, HallSwept)
