"""Probation's case reference number: `X716298`. One letter as a rule, two are tolerated; no check digit is known.

Form: ministryofjustice/hmpps-integration-api.
"""

from typing import Final

from schemas.identifiers.kind import Kind, plain

CRN: Final = Kind(code="CRN", title="Probation case reference number", parse=plain("[A-Z]{1,2}[0-9]{6}"))
