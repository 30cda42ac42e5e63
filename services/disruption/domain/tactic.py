"""What a tactic is to the code. Facts about it (title, power, agency, typical time) stand in the catalogue.

To add one: its entry in the catalogue, its file in `tactics/`, its line in `ALL` there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from schemas import catalogue
from schemas.catalogue.entries import TacticEntry
from schemas.disruption import Attribution, Outcome
from schemas.reports import Facts
from schemas.reports.report import Code

ATTRIBUTIONS: Final[tuple[Attribution, ...]] = ("safe", "ambiguous", "points-to-victim")
"""What he may believe prompted it, from the best to the worst for her (SR-6)."""


def told_by_done_alone(_facts: Facts) -> Outcome | None:
    """No report but the general `task-done` tells what came of the tactic."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tactic:
    """Something an agency can be asked to do about him.

    `outcome_of` reads what came of it from reports of the agency's own kind; None for a report that does not say.
    `attribution_least` is the best rating it can honestly have, whatever covers it (SR-6).
    `must_not_name_a_person`: the task is about a place, and its text may not single anybody out.
    """

    code: Code
    outcome_of: Callable[[Facts], Outcome | None] = told_by_done_alone
    attribution_least: Attribution = "safe"
    must_not_name_a_person: bool = False

    @property
    def entry(self) -> TacticEntry:
        """What the catalogue says of it."""
        return catalogue.tactic(self.code)


def is_rated_honestly(tactic: Tactic, attribution: Attribution) -> bool:
    """Whether the rating is no better than the tactic can have."""
    return ATTRIBUTIONS.index(attribution) >= ATTRIBUTIONS.index(tactic.attribution_least)
