"""What every event class has: its wire name, whether it leaves its service, and strict decoding.

Two field names mean the same in every event: `person` (the reference of the perpetrator it concerns; parking and
erasure go by it) and `occurred_at` (when it happened, if that is not the moment it was recorded). Both are copied
into the envelope.
"""

from typing import ClassVar

from msgspec import Struct


class Event(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact, named in the past tense. Its class is what is stored, carried and matched on."""

    TYPE: ClassVar[str]
    """The wire name, `service.fact.vN`: never derived from the class, so that renaming one cannot change history."""


class Private(Event, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact that never leaves the journal of the service that recorded it."""


class Message(Event, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact that other services hear: numbered, chained and published."""

    CROSSES: ClassVar[bool] = False
    """True where the message leaves the victim's side: it then names no cause, no correlation and no person as its
    actor. Its true cause stands beside it in a private record."""
