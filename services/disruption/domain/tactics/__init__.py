"""What agencies can be asked to do, one file a tactic. Not in ALL: not to be had."""

from typing import Final

from services.disruption.domain.tactic import Tactic
from services.disruption.domain.tactics.cctv_for_evidence import CCTV_FOR_EVIDENCE
from services.disruption.domain.tactics.cell_search import CELL_SEARCH
from services.disruption.domain.tactics.trace_and_serve import TRACE_AND_SERVE
from services.disruption.domain.tactics.unwanted_contact import UNWANTED_CONTACT

ALL: Final[tuple[Tactic, ...]] = (CELL_SEARCH, UNWANTED_CONTACT, TRACE_AND_SERVE, CCTV_FOR_EVIDENCE)
BY_CODE: Final = {tactic.code: tactic for tactic in ALL}
