"""The Criminal Records Office number, of a person's fingerprints: `065656/91H`, or on an old paper file `SF83/50058Z`.

Forms and check letter: ministryofjustice/hmpps-person-record.
"""

import re
from typing import Final

from schemas.identifiers.kind import Kind, check_letter, matched, tidied
from schemas.rejection import Rejected

_FORM: Final = re.compile(
    r"(?P<serial>[0-9]{1,6})/(?P<year>[0-9]{2})(?P<letter>[A-Z])"
    r"|SF(?P<file_year>[0-9]{2})/(?P<file_serial>[0-9]{1,6})(?P<file_letter>[A-Z])",
)


def parse(text: str, year: int) -> str:  # noqa: ARG001 - its two digits of the year stay two
    """`65656/91H` -> `065656/91H`. An old file's serial keeps its length: the check letter is over it as written."""
    found = matched(_FORM, tidied(text))
    if found["serial"] is not None:
        serial = found["serial"].zfill(6)
        return _checked(found["year"] + serial, found["letter"], f"{serial}/{found['year']}{found['letter']}")
    return _checked(found["file_year"] + found["file_serial"], found["file_letter"], found.group())


def _checked(digits: str, letter: str, canonical: str) -> str:
    """The canonical form, if its letter is right. `digits` are the two of the year and then the serial."""
    if int(digits[2:]) == 0:
        raise Rejected("identifier-placeholder")
    if check_letter(digits) != letter:
        raise Rejected("identifier-check-letter-wrong")
    return canonical


CRO: Final = Kind(code="CRO", title="CRO number", parse=parse)
