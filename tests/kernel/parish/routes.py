"""The parish over HTTP: halls are booked, freed and looked at."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from msgspec import Meta, Struct
from sqlalchemy import Connection, select

from infra.web.desk import Desk
from infra.web.reader import Reader
from infra.web.requests import AskedBy, NotThere, ReadBy, accepts, body, shown
from tests.kernel.parish import hall
from tests.kernel.parish.hall import BookHall, Collapse, FreeHall
from tests.kernel.parish.services import bookings

VESTRY = "vestry"
"""For liaison workers alone."""


class Guest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who is expected."""

    name: str


class Booking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked for."""

    person: Annotated[str, Meta(min_length=1)]
    hours: Annotated[int, Meta(ge=1, le=24)] = 1
    guests: tuple[Guest, ...] = ()


class Booked(Struct, frozen=True, kw_only=True):
    """What came of it."""

    hall: str
    events: tuple[str, ...]
    is_repeat: bool


class Shown(Struct, frozen=True, kw_only=True):
    """A hall, to those who may see it."""

    hall: str
    person: str | None
    booked: int


def may_see(reader: Reader, name: str) -> bool:
    """The vestry is for liaison workers, the rest for case managers too."""
    return reader.has("liaison-worker") or (reader.has("case-manager") and name != VESTRY)


def routes(desk: Desk) -> APIRouter:
    """The parish's addresses."""
    router = APIRouter(tags=["parish"])

    @router.post("/halls/{name}/bookings", status_code=201, **accepts(Booking))
    async def book(asked: AskedBy, name: str, booking: Annotated[Booking, body(Booking)]) -> Response:
        """Book a hall."""
        if not may_see(asked.reader, name):
            raise NotThere
        command = BookHall(hall=name, person=booking.person, hours=booking.hours)
        outcome = await desk.ask(asked, hall, name, command)
        answer = Booked(hall=name, events=tuple(outcome.event_ids), is_repeat=outcome.is_repeat)
        return shown(answer, status=201, version=outcome.version)

    @router.delete("/halls/{name}/bookings")
    async def free(asked: AskedBy, name: str) -> Response:
        """Free a hall."""
        outcome = await desk.ask(asked, hall, name, FreeHall(hall=name, now=asked.now))
        return shown({"hall": name}, version=outcome.version)

    @router.post("/halls/{name}/collapse")
    async def collapse(asked: AskedBy, name: str) -> Response:
        """A mistake in the program."""
        await desk.ask(asked, hall, name, Collapse())
        raise AssertionError("nothing came of it")

    @router.get("/halls/{name}")
    async def look(read: ReadBy, name: str) -> Response:
        """One hall."""
        state = await desk.state(hall, name)
        if not may_see(read, name) or not state.booked:
            raise NotThere
        return shown(Shown(hall=name, person=state.person, booked=state.booked))

    @router.get("/halls")
    async def list_halls(read: ReadBy, hours_min: Annotated[int, Query(ge=0, le=24)] = 0, person: str = "") -> Response:
        """Those that are booked."""
        return shown(await desk.look(lambda connection: _booked(connection, read, hours_min, person)))

    return router


def _booked(connection: Connection, reader: Reader, hours_min: int, person: str) -> list[str]:
    statement = select(bookings.c.hall).where(bookings.c.hours >= hours_min).order_by(bookings.c.hall)
    if person:
        statement = statement.where(bookings.c.person == person)
    return [name for name in connection.execute(statement).scalars() if may_see(reader, name)]
