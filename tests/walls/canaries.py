"""Words that stand nowhere else in the world, one for each personal field, and a net that finds them in any guise."""

import hashlib
import re
from base64 import b32encode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from msgspec import Struct, inspect

from schemas.identifiers.kind import check_letter
from schemas.reports.report import Day, Identifier
from tests.walls.personal import Field, personal, texts

MARK: Final = "zqxjkv"
"""Every word begins with it, so that one search finds them all; no word of any language does."""
MARKS: Final = (MARK, "07700 900", "07700900", "+447700900", "1931-10-", "/10/1931")
"""What words, telephone numbers (Ofcom's range for drama) and days have in common, however they are written."""
_LETTERS: Final = "bcdfghlmnprstw"
_DIGEST: Final = 12
"""Letters of a digest: as many as nothing else begins with by chance."""
_CODED: Final = re.compile(rb"[0-9A-Za-z+/_-]{20,}")

IDENTIFIERS: Final[Mapping[str, tuple[str, str]]] = {
    "PNC": (f"11/7654321{check_letter('117654321')}", f"2011/7654321{check_letter('117654321')}"),
    "CRO": (f"87251/03{check_letter('03087251')}", f"087251/03{check_letter('03087251')}"),
    "NOMS": ("q7391zk", "Q7391ZK"),
    "CRN": ("zq739146", "ZQ739146"),
}
"""Of each type a number as it is typed, and as it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """What was said where: `plain` as it was sent, and the other ways in which the same can be written.

    `field` is the personal field it fills, empty for a word that fills none.
    """

    place: str
    plain: str
    written: tuple[str, ...]
    field: str = ""


def word(place: str) -> str:
    """A word for this place, and for no other."""
    digest = hashlib.sha256(place.encode()).digest()[:9]
    return MARK + "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest)


class Canaries:
    """All that was handed out, by the field it is for."""

    def __init__(self) -> None:
        self.all: Final[list[Canary]] = []
        self._count = 0

    def word(self, place: str) -> str:
        """A canary for what is no field: a header, a path, a query, a field's name."""
        plain = word(place)
        self._keep(Canary(place=place, plain=plain, written=(plain,)))
        return plain

    def of(self, kind: type[Struct], occasion: str = "") -> dict[str, Any]:
        """The personal fields of a class, each filled; what it needs besides is for the caller to add."""
        known = {(field.kind, field.name) for field in personal()}
        fields = [field for field in texts(kind) if (field.kind, field.name) in known]
        return {field.name: self._fill(field, occasion) for field in fields}

    def him(self, kind: type[Struct], occasion: str) -> dict[str, Any]:
        """Whom a report is about: the numbers are his, so that he is found; the rest is of this occasion."""
        (type_of_number,) = (field.type for field in _fields(Identifier) if field.name == "type")
        assert isinstance(type_of_number, inspect.LiteralType)
        numbers = [self._number(str(one)) for one in type_of_number.values]
        return {**self.of(kind, occasion), "identifiers": numbers}

    def _number(self, type: str) -> dict[str, str]:
        typed, kept = IDENTIFIERS[type]
        (value,) = (field for field in texts(Identifier) if field.name == "value")
        self._keep(Canary(place=f"{value} ({type})", plain=typed, written=(typed, kept), field=str(value)))
        return {"type": type, "value": typed}

    def _fill(self, field: Field, occasion: str) -> str:
        place = f"{occasion}{field}"
        plain = word(place)
        self._count += 1
        if field.shape.pattern == get_args(Day)[1].pattern:
            plain = f"1931-10-{10 + self._count % 20}"
        elif field.name == "telephone":
            plain = f"07700 900{self._count % 1000:03d} {plain}"
        elif field.shape.pattern is not None and not re.search(field.shape.pattern, plain):
            raise LookupError(f"say here how a canary for {field} is to look")
        self._keep(Canary(place=place, plain=plain, written=tuple(_ways(plain)), field=str(field)))
        return plain

    def _keep(self, canary: Canary) -> None:
        if canary not in self.all:
            self.all.append(canary)


def _fields(kind: type[Struct]) -> tuple[inspect.Field, ...]:
    shape = inspect.type_info(kind)
    assert isinstance(shape, inspect.StructType)
    return shape.fields


def _ways(plain: str) -> Iterator[str]:
    """The other ways to write a telephone number or a day."""
    yield plain
    if found := re.match(r"0(\d{4}) (\d{6}) ", plain):
        yield from (f"0{found[1]} {found[2]}", f"0{found[1]}{found[2]}", f"+44{found[1]}{found[2]}")
        yield plain.rpartition(" ")[2]
    if found := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", plain):
        yield f"{found[3]}/{found[2]}/{found[1]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """What to look for.

    `guises` are bytes, what they would give away, and whether their letters may be of either case; `digests` are how
    a digest begins, as hexadecimal or base64 writes it.
    """

    guises: Mapping[bytes, tuple[str, bool]]
    digests: Mapping[bytes, str]


def net(canaries: Sequence[Canary]) -> Net:
    """Every canary in every guise. Those that have a mark are found by it."""
    guises: dict[bytes, tuple[str, bool]] = {}
    digests: dict[bytes, str] = {}
    for text, place in {one: canary.place for canary in canaries for one in canary.written}.items():
        part = next((mark for mark in MARKS if mark in text), text)
        for guise, needle, any_case in _guises(part):
            guises.setdefault(needle, (f"{part if part in MARKS else place} as {guise}", any_case))
        digests.update((digest, f"{place} as a bare digest") for digest in _digests(text))
    return Net(guises=guises, digests=digests)


def caught(net: Net, heap: Mapping[str, bytes]) -> list[str]:
    """Where a canary stands: `place: canary and guise (what stands around it)`, a line for each guise in each place."""
    return [line for place, content in heap.items() for line in _caught_in(net, place, content)]


def _caught_in(net: Net, place: str, content: bytes) -> Iterator[str]:
    folded = content.lower()
    for needle, (what, any_case) in net.guises.items():
        at = (folded if any_case else content).find(needle.lower() if any_case else needle)
        if at >= 0:
            yield f"{place}: {what} ({content[max(0, at - 30) : at + 40]!r})"
    found = {match[:_DIGEST] for match in _CODED.findall(content)} & net.digests.keys()
    yield from (f"{place}: {net.digests[digest]}" for digest in sorted(found))


def _guises(text: str) -> Iterator[tuple[str, bytes, bool]]:
    plain = text.lower().encode()
    yield "the text", plain, True
    yield "the text backwards", plain[::-1], True
    yield "hexadecimal", plain.hex().encode(), True
    yield "hexadecimal in capitals", text.upper().encode().hex().encode(), True
    yield "URL encoding", "".join(f"%{byte:02x}" for byte in plain).encode(), True
    yield "URL encoding of signs", re.sub(r"\W", lambda sign: f"%{ord(sign[0]):02x}", text.lower()).encode(), True
    yield "a form's encoding", text.lower().replace(" ", "+").encode(), True
    yield "JSON escapes", "".join(f"\\u{ord(letter):04x}" for letter in text.lower()).encode(), True
    yield "JSON escapes of signs", text.lower().replace("/", "\\/").encode(), True
    yield "UTF-16", text.lower().encode("utf-16-le"), True
    for case in dict.fromkeys((text, text.lower(), text.upper(), text.capitalize())):
        for shift in range(3):
            for core in _in_base64(case.encode(), shift):
                yield "base64", core, False
    yield "base32", b32encode(text.encode())[: len(text) * 8 // 5], True


def _in_base64(plain: bytes, shift: int) -> Iterator[bytes]:
    """What base64 makes of it, `shift` bytes into a group of three: the letters that no neighbour has a part in."""
    coded = b64encode(bytes(shift) + plain + bytes(2))
    core = coded[-(-8 * shift // 6) : 8 * (shift + len(plain)) // 6]
    yield from dict.fromkeys((core, core.translate(bytes.maketrans(b"+/", b"-_"))))


def _digests(text: str) -> Iterator[bytes]:
    """Whoever can guess a word can look for its digest, unless a key went into it."""
    for case in dict.fromkeys((text, text.lower(), text.upper())):
        for algorithm in ("md5", "sha1", "sha256", "blake2b"):
            digest = hashlib.new(algorithm, case.encode(), usedforsecurity=False).digest()
            yield from (digest.hex()[:_DIGEST].encode(), b64encode(digest)[:_DIGEST])
