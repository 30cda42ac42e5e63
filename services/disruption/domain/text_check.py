"""Free text is searched before it is sealed for what could lead him to her (SR-26) or to whoever told (SR-5).

It errs on the side of refusing: a text that is refused wrongly is reworded in a minute, a text that tells cannot be
called back. It finds patterns and understands nothing: what passes has still to be read by people.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from schemas.ids import AgencyCode
from schemas.rejection import Answer, Rejected

_RELATION: Final = (
    "mother|mum|mam|father|dad|parents?|brother|sister|siblings?|son|daughter|child|children|kids?|baby|cousin|aunt|"
    "auntie|uncle|niece|nephew|gran|nan|nana|grand(?:mother|father|parents?|son|daughter|child|children)|"
    "step\\W?(?:mother|father|brother|sister|son|daughter)|(?:mother|father|brother|sister)s?\\W?in\\W?law|"
    "famil(?:y|ies)|relatives?|friends?|neighbours?|colleagues?|boss|partner|husband|wife|girlfriend|boyfriend|"
    "fianc[eé]e?|ex"
)
_STREET: Final = "street|road|rd|lane|avenue|ave|crescent|terrace|gardens|grove|mews"
_STREET_OR_WORD: Final = "st|ln|close|drive|court|square|hill|parade|way|walk|rise|row|view"
"""These are ordinary words too: they count after a house number and one name."""
_OF_A_PRISON: Final = (
    "Wing|Block|Landing|Unit|House|Houseblock|Spur|Prison|Prisons|Rules|Security|Department|Governor|Order|Search"
)

_OWN_WORD_MIN: Final = 4
"""Letters: shorter parts of a prison's code, such as `hmp` or `of`, are not its own."""

Patterns = Mapping[str, re.Pattern[str]]


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


LOCATING: Final[Patterns] = {
    # An area of one or two letters, a district, a sector and a unit: the written form of every UK postcode.
    "postcode": _pattern(r"\b(?:[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}|gir\s*0aa)\b"),
    # Nine or ten digits after 0, +44 or 0044, however they are grouped.
    "telephone": _pattern(
        r"(?<![\w+])(?:(?:\+|00)\s?44[\s().-]{0,3}0?|\(?0)(?:[\s().-]{0,3}\d){9,10}(?!\d)",
    ),
    "e-mail": _pattern(r"[\w.+'-]{1,64}\s?@\s?[\w-]+(?:\.[\w-]+)+"),
    "school": _pattern(
        r"\b(?:schools?|nurser(?:y|ies)|academ(?:y|ies)|colleges?|kindergartens?|playgroups?|cr[eè]ches?|preschools?|"
        r"childminders?)\b"
    ),
    "street": re.compile(
        rf"(?<!\d)\d{{1,5}}[a-zA-Z]?,?\s+(?:[\w'-]+\s+){{1,3}}(?i:{_STREET})\b|"
        rf"(?<!\d)\d{{1,5}}[a-zA-Z]?,?\s+[\w'-]+\s+(?i:{_STREET_OR_WORD})\b|"
        rf"\b[A-Z][a-z'-]+\s+(?i:{_STREET})\b"
    ),
    "refuge": _pattern(r"\b(?:refuges?|safe\W?houses?|(?:women'?s|emergency)\s+(?:shelters?|accommodation))\b"),
}
"""SR-26, and SR-4: where she is, how she is reached, where her children are."""

NAMING_SOURCE: Final[Patterns] = {
    "relation": _pattern(rf"\b(?:her|his|their|the\s+victim'?s)\s+(?:[\w'-]+\s+)?(?:{_RELATION})\b"),
    "victim": _pattern(
        r"\b(?:victims?|survivors?|complainants?|idva|ex\W?(?:partner|wife|husband|girlfriend|boyfriend))\b"
    ),
    "reported-speech": _pattern(
        r"\b(?:she|they|victim|mother|sister|brother|partner)\s+(?:has\s+|have\s+|had\s+)?"
        r"(?:says?|said|tells?|told|states?|stated|reports?|reported|disclose[sd]?|mentions?|mentioned|heard|saw|knows?)\b"
    ),
    "source": _pattern(
        r"\b(?:informants?|sources?|tip\W?off|according\s+to|told\s+(?:us|drive|me)|we\s+(?:were|are)\s+told)\b"
    ),
}
"""SR-5: who told us, or that anybody did."""

NAMING_PRISON: Final[Patterns] = {
    # However it is written, a prison's name goes with one of these words.
    "establishment": re.compile(
        r"\b(?:HM\s?P|HM\s?YOI|YOI)\b|\b[A-Z][a-z'-]+\s+(?:Prison(?!\s+Rules)|Gaol|Jail)\b",
    ),
}
"""SR-9: the victims' side reads the plan, and is told what and when, but never where he is held."""

NAMING_PERSON: Final[Patterns] = {
    "titled-name": re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr)\.?\s+[A-Z]"),
    # Two capitalised words in a row, unless either is a word for a place or a post inside a prison.
    "name": re.compile(rf"\b(?!(?:{_OF_A_PRISON})\b)[A-Z][a-z'-]+\s+(?!(?:{_OF_A_PRISON})\b)[A-Z][a-z'-]+\b"),
    # The forms of a prison number and of a PNC identifier.
    "number": re.compile(r"\b[A-Z]\d{4}[A-Z]{2}\b|\b\d{2,4}/\d{1,7}[A-Z]\b"),
    "single-person": _pattern(r"\b(?:he|him|his|himself|(?:the|this|one)\s+(?:man|prisoner|offender|perpetrator))\b"),
}
"""For a task about a place: whatever singles one person out shows that somebody spoke of that person."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Something of this kind stands from `start` up to `end` of the text, counted after NFKC. Never the text itself."""

    kind: str
    start: int
    end: int


def hits(text: str, patterns: Patterns) -> tuple[Hit, ...]:
    """Everything these patterns find, in the order of the text. Full-width and other disguised forms are seen too."""
    plain = unicodedata.normalize("NFKC", text)
    found = (
        Hit(kind, match.start(), match.end()) for kind, pattern in patterns.items() for match in pattern.finditer(plain)
    )
    return tuple(sorted(found, key=lambda hit: (hit.start, hit.end, hit.kind)))


def refuse_telling_text(plan: str, tasking: str, *, must_not_name_a_person: bool) -> None:
    """Raises Rejected for the first thing that must not stand: its pointer names the text, its answers each kind hit.

    `text-may-locate` for either text; `text-may-name-source` and, for a task about a place,
    `text-may-name-a-person` for the tasking. A plan may speak of the victim: it is read by those who work on the case
    and by her own side, and no agency. A tasking may name the prison, which knows where it is.
    """
    _refuse("text-may-locate", "/plan", hits(plan, LOCATING))
    _refuse("text-may-locate", "/plan", hits(plan, NAMING_PRISON))
    _refuse("text-may-locate", "/tasking", hits(tasking, LOCATING))
    _refuse("text-may-name-source", "/tasking", hits(tasking, NAMING_SOURCE))
    if must_not_name_a_person:
        _refuse("text-may-name-a-person", "/tasking", hits(tasking, NAMING_PERSON))


def refuse_naming_prison(plan: str, prison: AgencyCode) -> None:
    """Raises Rejected with `text-may-locate` for a plan in which a word of that prison's own code stands (SR-9)."""
    words = [word for word in prison.split("-") if len(word) >= _OWN_WORD_MIN]
    if words:
        _refuse("text-may-locate", "/plan", hits(plan, {"establishment": _pattern(rf"\b(?:{'|'.join(words)})")}))


def _refuse(code: str, pointer: str, found: Iterable[Hit]) -> None:
    kinds = tuple(dict.fromkeys(hit.kind for hit in found))
    if kinds:
        raise Rejected(code, pointer, answers=[Answer(rule=kind, refused=code) for kind in kinds])
