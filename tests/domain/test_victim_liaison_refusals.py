"""Every no of the victim's side has a sentence that people can read."""

from services.victim_liaison.domain import answers, circle, victim
from services.victim_liaison.domain.refusals import REFUSALS
from tests.refusal_codes import codes_of


def test_every_refusal_has_its_sentence_and_every_sentence_its_refusal() -> None:
    assert codes_of("victim_liaison", answers, circle, victim) == REFUSALS.keys()


def test_a_sentence_is_one() -> None:
    assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in REFUSALS.values())
