"""What a kind of identifier is: its code, and how what somebody typed becomes the one form we keep and compare.

People are found by these forms (through blind-index tokens), so two spellings of a number must give one form, and a
number that cannot be right must be refused rather than kept. No refusal repeats what was typed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from schemas.rejection import Rejected

LENGTH_MAX: Final = 40

Parse = Callable[[str, int], str]
"""`(text, year)` to the canonical form. `year` is the present year: some numbers carry only the last two digits of
theirs. Raises Rejected with `identifier-malformed`, `identifier-placeholder`, `identifier-year-in-future`,
`identifier-check-letter-wrong` or `identifier-check-digit-wrong`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of identifier. `code` is the type word of HMPPS person references (`PNC`, `NOMS`), which agencies use."""

    code: str
    title: str
    parse: Parse


CHECK_LETTERS: Final = "ZABCDEFGHJKLMNPQRTUVWXY"
"""The 23 check letters of police record numbers: no I, O or S, which are misread as digits."""


def check_letter(digits: str) -> str:
    """The check letter of a police record number: its digits as one number, modulo 23.

    Source: ministryofjustice/hmpps-person-record.
    """
    return CHECK_LETTERS[int(digits) % len(CHECK_LETTERS)]


def tidied(text: str, separators: str = "") -> str:
    """Upper case, without blanks and without these separators. Raises Rejected for what is too long or not ASCII."""
    if len(text) > LENGTH_MAX or not text.isascii():
        raise Rejected("identifier-malformed")
    kept = "".join(text.split()).upper()
    return kept.translate({ord(separator): None for separator in separators})


def matched(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    """The match of the whole text. Raises Rejected where there is none."""
    match = pattern.fullmatch(text)
    if match is None:
        raise Rejected("identifier-malformed")
    return match


def plain(form: str, separators: str = "") -> Parse:
    """How to parse a number that has a form and nothing to check: tidied, it matches the whole of `form`."""
    pattern = re.compile(form)

    def parse(text: str, year: int) -> str:  # noqa: ARG001 - every kind is parsed alike
        return matched(pattern, tidied(text, separators)).group()

    return parse
