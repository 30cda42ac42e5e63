"""Which agency can be asked for what."""

from schemas.agencies import agencies
from schemas.ids import AgencyCode
from schemas.rejection import Rejected
from services.disruption.domain.tactic import Tactic


def refuse_unless_able(code: AgencyCode, tactic: Tactic) -> None:
    """Raises Rejected, pointing at `/agency`, unless it is one of this site whose kind has the power for the tactic.

    `agency-unknown`: nobody here would ever see the task. `agency-cannot-act`: it would be asked for what it cannot
    do, and would learn of him for nothing.
    """
    agency = agencies().get(code)
    if agency is None:
        raise Rejected("agency-unknown", "/agency")
    if agency.kind != tactic.entry.agency_kind:
        raise Rejected("agency-cannot-act", "/agency")
