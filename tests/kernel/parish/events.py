"""What can be said in the parish, with one shape that was given up. None of it is in the vocabulary of Cordon."""

from typing import ClassVar, Final

from infra.journal.codec import Codec
from schemas import vocabulary
from schemas.event import Message, Private


class HallBookedAtFirst(Message, frozen=True, kw_only=True):
    """A hall was booked, as it was said before bookings had hours."""

    TYPE: ClassVar = "test.hall-booked.v1"
    hall: str
    person: str


class HallBooked(Message, frozen=True, kw_only=True):
    """A hall was booked. `broom` is the one to sweep it with."""

    TYPE: ClassVar = "test.hall-booked.v2"
    hall: str
    person: str
    hours: int
    broom: str = ""


class HallFreed(Message, frozen=True, kw_only=True):
    """A hall is free again, since `occurred_at`."""

    TYPE: ClassVar = "test.hall-freed.v1"
    hall: str
    person: str
    occurred_at: str


class BellRung(Message, frozen=True, kw_only=True):
    """The bell was rung for somebody; who asked for it and why stays in the tower."""

    TYPE: ClassVar = "test.bell-rung.v1"
    CROSSES: ClassVar = True
    person: str
    peal: str


class KeyLent(Private, frozen=True, kw_only=True):
    """The key of a hall was lent, until `due_at`."""

    TYPE: ClassVar = "test.key-lent.v1"
    hall: str
    keeper: str
    due_at: str


class KeyReturned(Private, frozen=True, kw_only=True):
    """The key is back."""

    TYPE: ClassVar = "test.key-returned.v1"
    hall: str


class KeyMissed(Private, frozen=True, kw_only=True):
    """The key was not brought back in time; it is asked for again at `again_at`."""

    TYPE: ClassVar = "test.key-missed.v1"
    hall: str
    again_at: str | None


class SweepingPlanned(Message, frozen=True, kw_only=True):
    """A hall is to be swept. `is_told` is false where the booking was old news."""

    TYPE: ClassVar = "test.sweeping-planned.v1"
    hall: str
    broom: str
    is_told: bool


class HallSwept(Private, frozen=True, kw_only=True):
    """A hall was swept."""

    TYPE: ClassVar = "test.hall-swept.v1"
    hall: str


class FloorWaxed(Message, frozen=True, kw_only=True):
    """A swept floor was waxed, too."""

    TYPE: ClassVar = "test.floor-waxed.v1"
    hall: str


def with_hours(old: HallBookedAtFirst) -> HallBooked:
    """Bookings were for an hour before they said how many."""
    return HallBooked(hall=old.hall, person=old.person, hours=1)


OURS: Final = {
    event.TYPE: event
    for event in (
        HallBooked,
        HallFreed,
        BellRung,
        KeyLent,
        KeyReturned,
        KeyMissed,
        SweepingPlanned,
        HallSwept,
        FloorWaxed,
    )
}
EVENTS: Final = {**vocabulary.ALL, **OURS}
CODEC: Final = Codec(events=EVENTS, upcasts={HallBookedAtFirst.TYPE: (HallBookedAtFirst, with_hours)})
CODEC_AT_FIRST: Final = Codec(events={**EVENTS, HallBookedAtFirst.TYPE: HallBookedAtFirst}, upcasts={})
"""That of the parish before bookings had hours: it says the old shape."""
