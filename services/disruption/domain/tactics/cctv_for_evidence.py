"""A landlord's cameras gather evidence of stalking, so that a case need not rest on her word alone."""

from typing import Final

from services.disruption.domain.tactic import Tactic

CCTV_FOR_EVIDENCE: Final = Tactic(code="cctv-for-evidence")
