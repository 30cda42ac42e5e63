"""The driver number of a licence of Great Britain: five of the surname, six digits, two initials, and a few more.

The six digits hold a date of birth, but agencies' records are looser than the licence: only the form is asked for.
"""

from typing import Final

from schemas.identifiers.kind import Kind, plain

DRIVER_NUMBER: Final = Kind(
    code="DRIVER_LICENSE_NUMBER",
    title="Driver number",
    parse=plain("[A-Z][A-Z9]{4}[0-9]{6}[A-Z9]{2}[0-9A-Z]{2,3}"),
)
