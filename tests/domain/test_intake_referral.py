"""Referrals of one person, and the victims they name."""

from schemas.ids import derive
from schemas.intake import NamedVictim, ReferralReceived, VictimNamed
from services.intake.domain import referral
from services.intake.domain.referral import ReceiveReferral, victim_reference
from tests.domain.intake_examples import DETAILS, NOW, OTHER_PERSON, PERSON, VICTIM
from tests.given import given

FIRST = derive("ref", "first")
SECOND = derive("ref", "second")
OTHER_VICTIM = NamedVictim(token="token-of-another-name", details={})


def receive(reference: str = FIRST, *victims: NamedVictim) -> ReceiveReferral:
    return ReceiveReferral(
        referral=reference,
        person=PERSON,
        agency="northmere-police",
        route="visible-high-risk",
        dash_score=17,
        person_details=DETAILS,
        victims=victims,
        now=NOW,
    )


def received(reference: str = FIRST, standing: str = "new") -> ReferralReceived:
    return ReferralReceived(
        referral=reference,
        person=PERSON,
        agency="northmere-police",
        route="visible-high-risk",
        dash_score=17,
        standing="new" if standing == "new" else "repeat",
        person_details=DETAILS,
    )


def named(victim: NamedVictim, reference: str = FIRST) -> VictimNamed:
    return VictimNamed(
        person=PERSON,
        victim=victim_reference(PERSON, victim.token),
        referral=reference,
        details=victim.details,
    )


def test_the_first_referral_of_a_person_is_new() -> None:
    given(referral).when(receive()).then(received())


def test_a_further_referral_is_a_repeat() -> None:
    given(referral, received()).when(receive(SECOND)).then(received(SECOND, "repeat"))


def test_each_victim_is_named_to_her_own_side() -> None:
    given(referral).when(receive(FIRST, VICTIM, OTHER_VICTIM)).then(received(), named(VICTIM), named(OTHER_VICTIM))


def test_a_victim_named_again_has_the_same_reference_and_her_newer_details_are_told() -> None:
    newer = NamedVictim(token=VICTIM.token, details={})

    given(referral, received(), named(VICTIM)).when(receive(SECOND, newer)).then(
        received(SECOND, "repeat"), named(newer, SECOND)
    )


def test_a_referral_received_earlier_is_known_after_a_later_one() -> None:
    given(referral, received(), received(SECOND, "repeat")).when(receive()).then_nothing()


def test_one_name_beside_two_people_is_two_references() -> None:
    """Nothing may tell that two perpetrators harm the same woman before somebody has judged that it is so."""
    assert victim_reference(PERSON, VICTIM.token) != victim_reference(OTHER_PERSON, VICTIM.token)
