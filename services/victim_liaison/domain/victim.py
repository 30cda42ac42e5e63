"""What one victim reports to her worker, and what of it is released to the other side.

A release is two facts: the decision, which names her and stays, and the coded summary, which crosses and does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from infra.decider import Policies, enforce
from schemas.event import Event
from schemas.ids import ContactId, PersonId, ReleaseId, VictimId
from schemas.moments import written
from schemas.sealed import Sealed
from schemas.victim_liaison import ContactMeans, ContactReported, InformationReleased, ReleaseDecided, Wish

VictimDecided = ContactReported | ReleaseDecided | InformationReleased

CLOCKS_DIFFER_AT_MOST: Final = timedelta(minutes=5)
"""A report of what happens later than this is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Told:
    """What she reported, by its reference, and the codes released of each report."""

    contacts: Mapping[ContactId, ContactReported] = field(default_factory=dict)
    released: frozenset[tuple[ContactId, str]] = frozenset()


CATEGORY: Final = "victim"
RULES_VERSION: Final = 1
INITIAL: Final = Told()


def evolve(told: Told, event: VictimDecided) -> Told:
    """What she has told, after the event."""
    match event:
        case ContactReported():
            return replace(told, contacts={**told.contacts, event.contact: event})
        case ReleaseDecided():
            return replace(told, released=told.released | {(event.contact, event.code)})
        case InformationReleased():
            return told
        case _:
            assert_never(event)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContact:
    """Keep that he made contact: when, how, in her words, and what she wants done."""

    contact: ContactId
    victim: VictimId
    person: PersonId
    occurred_at: datetime
    means: ContactMeans
    words: Sealed
    wants: tuple[Wish, ...]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Let this much of a report be known on the other side: a code of the catalogue of releases."""

    release: ReleaseId
    victim: VictimId
    contact: ContactId
    person: PersonId
    code: str


VictimCommand = ReportContact | Release


def has_happened(command: ReportContact, _told: Told) -> str | None:
    """What is reported has happened already, as far as clocks agree."""
    is_ahead = command.occurred_at > command.now + CLOCKS_DIFFER_AT_MOST
    return "contact-in-future" if is_ahead else None


def contact_is_reported(command: Release, told: Told) -> str | None:
    """Nothing is released that this victim did not report."""
    return None if command.contact in told.contacts else "contact-unknown"


POLICIES: Final[Policies] = {ReportContact: (has_happened,), Release: (contact_is_reported,)}


def decide(command: VictimCommand, told: Told) -> Sequence[Event]:
    """The events that follow. Raises Rejected."""
    match command:
        case ReportContact():
            return report_contact(command, told)
        case Release():
            return release(command, told)
        case _:
            assert_never(command)


def report_contact(command: ReportContact, told: Told) -> Sequence[Event]:
    """Recorded once, whole."""
    if command.contact in told.contacts:
        return []
    enforce(POLICIES, command, told)
    return [
        ContactReported(
            contact=command.contact,
            victim=command.victim,
            person=command.person,
            occurred_at=written(command.occurred_at),
            means=command.means,
            words=command.words,
            wants=command.wants,
        )
    ]


def release(command: Release, told: Told) -> Sequence[Event]:
    """The same code of the same report is released once."""
    if (command.contact, command.code) in told.released:
        return []
    enforce(POLICIES, command, told)
    return [
        ReleaseDecided(
            release=command.release,
            victim=command.victim,
            contact=command.contact,
            person=command.person,
            code=command.code,
        ),
        InformationReleased(release=command.release, person=command.person, code=command.code),
    ]
