"""The prison number, which HMPPS calls NOMS: `A1234BC`, in any case. No check digit is known.

Form: ministryofjustice/hmpps-person-record.
"""

from typing import Final

from schemas.identifiers.kind import Kind, plain

PRISON_NUMBER: Final = Kind(code="NOMS", title="Prison number", parse=plain("[A-Z][0-9]{4}[A-Z]{2}"))
