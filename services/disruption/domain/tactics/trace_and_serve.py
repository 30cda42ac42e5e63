"""Police find him and hand him a court's order, which until then protects nobody."""

from typing import Final

from services.disruption.domain.tactic import Tactic

TRACE_AND_SERVE: Final = Tactic(code="trace-and-serve")
