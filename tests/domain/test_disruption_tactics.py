"""Each tactic has its facts in the catalogue, and says no better of itself than they do."""

import pytest

from schemas import catalogue
from schemas.disruption import Outcome
from schemas.reports import Facts
from schemas.reports.prison import PhonesRecovered
from schemas.reports.tasks import TaskAccepted
from services.disruption.domain.tactic import ATTRIBUTIONS, Tactic, is_rated_honestly
from services.disruption.domain.tactics import ALL, BY_CODE
from services.disruption.domain.tactics.cell_search import CELL_SEARCH
from tests.domain.disruption_examples import TASK, WRITTEN

each_tactic = pytest.mark.parametrize("tactic", ALL, ids=lambda tactic: tactic.code)


@each_tactic
def test_a_tactic_has_an_entry_in_the_catalogue(tactic: Tactic) -> None:
    assert catalogue.tactic(tactic.code) == tactic.entry


@each_tactic
def test_a_tactic_may_not_be_rated_worse_at_best_than_the_catalogue_rates_it_uncovered(tactic: Tactic) -> None:
    assert is_rated_honestly(tactic, tactic.entry.attribution)


def test_no_two_tactics_have_one_code() -> None:
    assert len(ALL) == len(BY_CODE)


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        (PhonesRecovered(task=TASK, searched_at=WRITTEN, handsets=3), Outcome(code="phones-recovered", count=3)),
        (PhonesRecovered(task=TASK, searched_at=WRITTEN, handsets=0), Outcome(code="nothing-found", count=0)),
        (TaskAccepted(task=TASK), None),
    ],
)
def test_a_search_is_measured_in_handsets(facts: Facts, outcome: Outcome | None) -> None:
    assert outcome == CELL_SEARCH.outcome_of(facts)


def test_what_a_search_came_to_has_a_code_of_the_catalogue() -> None:
    for handsets in (0, 3):
        outcome = CELL_SEARCH.outcome_of(PhonesRecovered(task=TASK, searched_at=WRITTEN, handsets=handsets))
        assert outcome is not None

        assert outcome.code in CELL_SEARCH.entry.outcomes


def test_ratings_go_from_the_best_for_her_to_the_worst() -> None:
    assert ("safe", "ambiguous", "points-to-victim") == ATTRIBUTIONS
