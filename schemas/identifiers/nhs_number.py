"""The NHS number: ten digits, of which the last checks the nine before it.

Modulo 11 with weights from 10 down to 2, as the NHS data dictionary has it.
"""

import re
from typing import Final

from schemas.identifiers.kind import Kind, matched, tidied
from schemas.rejection import Rejected

_FORM: Final = re.compile("[0-9]{10}")


def parse(text: str, year: int) -> str:  # noqa: ARG001 - every kind is parsed alike
    """`943 476 5919` -> `9434765919`. One digit ten times passes the check, and is a placeholder."""
    digits = matched(_FORM, tidied(text, separators="-")).group()
    if len(set(digits)) == 1:
        raise Rejected("identifier-placeholder")
    if check_digit(digits[:9]) != int(digits[9]):
        raise Rejected("identifier-check-digit-wrong")
    return digits


def check_digit(nine: str) -> int:
    """The digit that nine digits call for; 10 where no number can begin with them."""
    weighted = sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True))
    return -weighted % 11


NHS_NUMBER: Final = Kind(code="NHS", title="NHS number", parse=parse)
