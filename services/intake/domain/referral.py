"""Referrals of one person: the first is new, every later one a repeat, and each says which victims it names.

The victims' references are made here, where the person is known: the same name for the same person, the same one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from infra.decider import Policies
from schemas.event import Event
from schemas.ids import AgencyCode, PersonId, ReferralId, VictimId, derive
from schemas.intake import NamedVictim, ReferralReceived, VictimNamed
from schemas.sealed import Sealed

ReferralEvent = ReferralReceived | VictimNamed


@dataclass(frozen=True, slots=True)
class NeverReferred:
    """Nobody has referred him."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Referred:
    """He was referred, by each of these."""

    referrals: frozenset[ReferralId]


Referral = NeverReferred | Referred

CATEGORY: Final = "referral"
RULES_VERSION: Final = 1
INITIAL: Final[Referral] = NeverReferred()


def evolve(referral: Referral, event: ReferralEvent) -> Referral:
    """The person's referrals after the event."""
    match event:
        case ReferralReceived():
            return Referred(referrals=_known(referral) | {event.referral})
        case VictimNamed():
            return referral
        case _:
            assert_never(event)


def _known(referral: Referral) -> frozenset[ReferralId]:
    match referral:
        case NeverReferred():
            return frozenset()
        case Referred():
            return referral.referrals
        case _:
            assert_never(referral)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveReferral:
    """A report that refers this person was identified."""

    referral: ReferralId
    person: PersonId
    agency: AgencyCode
    route: str
    dash_score: int | None
    person_details: dict[str, Sealed]
    victims: tuple[NamedVictim, ...]
    now: datetime


ReferralCommand = ReceiveReferral

POLICIES: Final[Policies] = {}


def decide(command: ReferralCommand, referral: Referral) -> Sequence[Event]:
    """The events that follow. A repeat is taken whether or not it meets a threshold (SafeLives)."""
    match command:
        case ReceiveReferral():
            return receive(command, referral)
        case _:
            assert_never(command)


def receive(command: ReceiveReferral, referral: Referral) -> Sequence[Event]:
    """The referral, and each victim it names: also one named before, whose details may be newer."""
    known = _known(referral)
    if command.referral in known:
        return []
    received = ReferralReceived(
        referral=command.referral,
        person=command.person,
        agency=command.agency,
        route=command.route,
        dash_score=command.dash_score,
        standing="repeat" if known else "new",
        person_details=command.person_details,
    )
    return [received, *(_named(command, victim) for victim in command.victims)]


def _named(command: ReceiveReferral, victim: NamedVictim) -> VictimNamed:
    return VictimNamed(
        person=command.person,
        victim=victim_reference(command.person, victim.token),
        referral=command.referral,
        details=victim.details,
    )


def victim_reference(person: PersonId, token: str) -> VictimId:
    """Her reference beside this person: opaque, and the same whoever names her, since the token is a keyed digest."""
    return derive("vic", person, token)
