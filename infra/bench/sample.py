"""What is measured with: a source that is told of breaches, and a listener that notes them and raises notices."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from sqlalchemy import Column, MetaData, Table, Text, insert

from infra.bench import notice, order
from infra.bench.vocabulary import BreachReported, NoticeRaised
from infra.journal.chain import record_id
from infra.journal.staging import Cause
from infra.service import Ask, Change, Heard, Known, Note, ReadModel, Recorded, Service
from schemas.event import Event
from schemas.ids import derive
from schemas.moments import written

SITE: Final = "northmere"
NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
TIME_TO_READ: Final = timedelta(days=1)
LIAISON: Final = "wrk_liaison-1"

LONG: Final = "ord_" + "l" * 26
"""The order that every fiftieth breach is of: a long stream, spread over the whole log."""
LONG_EVERY: Final = 50
WINDOW: Final = 10_000
ORDERS_IN_A_WINDOW: Final = 1_000
"""Work is on what is current: within 10,000 breaches the same 1,000 orders, and then others. So a tenth of the
records begin a stream, and most states are in the cache."""


def order_of(number: int) -> str:
    """The order that the breach of this number is of."""
    if number % LONG_EVERY == 0:
        return LONG
    return _order(number // WINDOW * ORDERS_IN_A_WINDOW + number % ORDERS_IN_A_WINDOW)


@lru_cache(maxsize=2 * ORDERS_IN_A_WINDOW)
def _order(number: int) -> str:
    return derive("ord", str(number))


@lru_cache(maxsize=2 * ORDERS_IN_A_WINDOW)
def person_of(order_id: str) -> str:
    """The person an order binds."""
    return derive("per", order_id)


_LETTERS: Final = str.maketrans("0189", "ghij")


def report_of(number: int) -> str:
    """A reference of a report: cheaply made, because making it is not what is measured."""
    return f"rep_{number:026x}".translate(_LETTERS)


def breach(number: int) -> BreachReported:
    """The breach of this number."""
    order_id = order_of(number)
    return BreachReported(
        order=order_id,
        person=person_of(order_id),
        report=report_of(number),
        occurred_at="2026-03-01T21:40:00Z",
        means="telephone",
    )


def cause(number: int) -> Cause:
    """Why it is recorded."""
    id = record_id("bench", "intake", "reports", number)
    return Cause(id=id, correlation=id, actor="wrk_desk-1", agency="northmere-police")


def react(heard: Heard, known: Known) -> Sequence[Note | Ask]:
    """Note the breach on its order and raise one notice for the liaison worker."""
    match heard.event:
        case BreachReported() as told:
            is_first = known.state(order, told.order).breaches == 0
            command = notice.RaiseNotice(
                notice=derive("ntc", heard.record.id, LIAISON),
                person=told.person,
                owner=LIAISON,
                code="order-breached" if is_first else "order-breached-again",
                about=told.order,
                due_at=written(known.now + TIME_TO_READ),
            )
            return (Note(order, told.order, told), Ask(notice, command.notice, command))
        case _:
            return ()


metadata: Final = MetaData()
notices: Final = Table(
    "notices",
    metadata,
    Column("notice", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("raised_at", Text, nullable=False),
    Column("due_at", Text, nullable=False),
)
RAISE: Final = insert(notices)


def project(recorded: Recorded) -> Iterable[Change]:
    """One row a notice."""
    match recorded.event:
        case NoticeRaised() as event:
            yield RAISE, row_of(event, recorded.record.recordedtime)
        case _:
            return


def row_of(event: NoticeRaised, raised_at: str) -> dict[str, str]:
    """A notice as the read model shows it."""
    return {
        "notice": event.notice,
        "person": event.person,
        "owner": event.owner,
        "code": event.code,
        "about": event.about,
        "raised_at": raised_at,
        "due_at": event.due_at,
    }


HEARS: Final[dict[str, tuple[type[Event], ...]]] = {"source": (BreachReported,)}
SOURCE: Final = Service(name="source", deciders=(order,))
LISTENER: Final = Service(
    name="listener",
    deciders=(order, notice),
    hears=HEARS,
    react=react,
    read_models=(ReadModel(name="notices", version=1, tables=(notices,), reads=(NoticeRaised,), project=project),),
)
