"""What a victim reports, and what of it is released."""

from datetime import timedelta

import pytest

from schemas.ids import derive
from schemas.moments import written
from schemas.victim_liaison import ContactReported, InformationReleased, ReleaseDecided
from services.victim_liaison.domain import victim
from services.victim_liaison.domain.victim import Release, ReportContact
from tests.domain.victim_liaison_examples import CONTACT, NOW, PERSON, RELEASE, RUTH, sealed
from tests.given import given

CODE = "unlawful-phone-likely-on-wing"
REPORTED = ContactReported(
    contact=CONTACT,
    victim=RUTH,
    person=PERSON,
    occurred_at="2025-03-03T08:30:00.000000Z",
    means="telephone",
    words=sealed("words"),
    wants=("contact-stopped",),
)


def report(after: timedelta = timedelta(hours=-1)) -> ReportContact:
    return ReportContact(
        contact=CONTACT,
        victim=RUTH,
        person=PERSON,
        occurred_at=NOW + after,
        means="telephone",
        words=sealed("words"),
        wants=("contact-stopped",),
        now=NOW,
    )


def release(contact: str = CONTACT, reference: str = RELEASE) -> Release:
    return Release(release=reference, victim=RUTH, contact=contact, person=PERSON, code=CODE)


DECIDED = ReleaseDecided(release=RELEASE, victim=RUTH, contact=CONTACT, person=PERSON, code=CODE)
RELEASED = InformationReleased(release=RELEASE, person=PERSON, code=CODE)


def test_what_she_reports_is_kept() -> None:
    given(victim).when(report()).then(REPORTED)


def test_what_lies_ahead_has_not_happened() -> None:
    given(victim).when(report(timedelta(minutes=6))).then_rejected("contact-in-future")


def test_a_clock_that_is_a_little_fast_is_forgiven() -> None:
    assert 1 == len(victim.decide(report(timedelta(minutes=4)), victim.INITIAL))


def test_what_is_released_names_neither_her_nor_her_report() -> None:
    given(victim, REPORTED).when(release()).then(DECIDED, RELEASED)


def test_nothing_is_released_that_she_did_not_report() -> None:
    given(victim, REPORTED).when(release(derive("con", "another"))).then_rejected("contact-unknown")


def test_the_same_is_released_once_under_whatever_reference() -> None:
    given(victim, REPORTED, DECIDED, RELEASED).when(release(reference=derive("rel", "again"))).then_nothing()


def test_a_moment_without_an_offset_could_be_any_hour() -> None:
    with pytest.raises(ValueError, match="offset"):
        written(NOW.replace(tzinfo=None))
