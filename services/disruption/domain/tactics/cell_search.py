"""A search of the cells of a wing for unlawful phones. It covers the wing, not the man: that is what hides who told."""

from typing import Final

from schemas.disruption import Outcome
from schemas.reports import Facts
from schemas.reports.prison import PhonesRecovered
from services.disruption.domain.tactic import Tactic


def handsets_found(facts: Facts) -> Outcome | None:
    """How many handsets the prison says it found. Whose they were stays with the prison."""
    match facts:
        case PhonesRecovered(handsets=0):
            return Outcome(code="nothing-found", count=0)
        case PhonesRecovered():
            return Outcome(code="phones-recovered", count=facts.handsets)
        case _:
            return None


CELL_SEARCH: Final = Tactic(code="cell-search", outcome_of=handsets_found, must_not_name_a_person=True)
