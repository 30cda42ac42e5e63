"""The Police National Computer's number of a person: a year, a serial and a check letter, kept as `2002/0073319Z`.

Short forms carry two digits of the year, and which century they mean changes every New Year: keep the canonical form.
Form and check letter: ministryofjustice/hmpps-person-record.
"""

import re
from typing import Final

from schemas.identifiers.kind import Kind, check_letter, matched, tidied
from schemas.rejection import Rejected

_YEAR_MIN: Final = 1900
_FORM: Final = re.compile(
    r"([0-9]{2}|[0-9]{4})/([0-9]{1,7})([A-Z])"  # the slash tells year from serial
    r"|([0-9]{4})([0-9]{7})([A-Z])"  # long
    r"|([0-9]{2})([0-9]{1,7})([A-Z])",  # short
)


def parse(text: str, year: int) -> str:
    """`02/73319Z`, `0273319Z`, `20020073319Z` -> `2002/0073319Z`.

    A slash says where the year ends, so `2012/73319B` is of 2012. Without one, only 12 characters hold a long year.
    """
    number, serial, letter = (group for group in matched(_FORM, tidied(text)).groups() if group is not None)
    in_year = _in_full(number, year)
    if int(serial) == 0:
        raise Rejected("identifier-placeholder")
    canonical_serial = serial.zfill(7)
    if check_letter(number[-2:] + canonical_serial) != letter:
        raise Rejected("identifier-check-letter-wrong")
    return f"{in_year}/{canonical_serial}{letter}"


def _in_full(number: str, year: int) -> int:
    """The year in four digits: two digits mean the latest such year that has begun."""
    if len(number) == 2:  # noqa: PLR2004 - two digits
        century = year - year % 100
        in_this_century = century + int(number)
        return in_this_century if in_this_century <= year else in_this_century - 100
    in_full = int(number)
    if in_full < _YEAR_MIN:
        raise Rejected("identifier-malformed")
    if in_full > year:
        raise Rejected("identifier-year-in-future")
    return in_full


PNC: Final = Kind(code="PNC", title="PNC number", parse=parse)
