"""The arrest summons number: year, force, unit, system, eleven digits and a letter, kept without its slashes.

Force, unit and system may hold letters, and how the last letter counts these is not published: it is not checked.
"""

from typing import Final

from schemas.identifiers.kind import Kind, plain

ARREST_SUMMONS_NUMBER: Final = Kind(
    code="ARREST_SUMMONS_NUMBER",
    title="Arrest summons number",
    parse=plain("[0-9]{2}[0-9A-Z]{6}[0-9]{11}[A-Z]", separators="/"),
)
