"""Every no of intake has a sentence, and every sentence has a no."""

import pytest

from infra.web.problems import EDGE_REFUSALS
from services.intake.domain import referral, report, task
from services.intake.domain.refusals import REFUSALS
from tests.refusal_codes import codes_of

OWN = codes_of("intake", report, referral, task)
OF_IDENTIFIERS = {
    "identifier-check-digit-wrong",
    "identifier-check-letter-wrong",
    "identifier-malformed",
    "identifier-placeholder",
    "identifier-year-in-future",
}
"""What `schemas.identifiers.kind.Parse` says that it raises."""


def test_every_code_has_its_sentence() -> None:
    assert set() == (OWN | OF_IDENTIFIERS) - set(REFUSALS) - set(EDGE_REFUSALS)


def test_no_sentence_is_left_over() -> None:
    assert set() == set(REFUSALS) - OWN - OF_IDENTIFIERS


def test_no_sentence_is_said_twice_for_different_things() -> None:
    assert set() == set(REFUSALS) & set(EDGE_REFUSALS)


@pytest.mark.parametrize("sentence", REFUSALS.values())
def test_a_sentence_is_a_sentence(sentence: str) -> None:
    assert sentence[0].isupper()
    assert sentence.endswith(".")
