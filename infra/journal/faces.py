"""The face of a record: what it says, place by place, with names and moments apart from the words around them.

Two installations that were told the same say the same in other names. What is a name shows in its form alone, so a
new kind of reference needs no line here.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec

from schemas.journal import Asked
from schemas.moments import read, written
from schemas.sealed import Sealed

_NAME: Final = re.compile(
    r"(?<![A-Za-z0-9_])(?:(?!wrk_)(?P<kind>[a-z]{3})_[a-z2-7]{26}"  # schemas.ids: a reference, but not a worker's
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # the id of a record or a command
    r"|[0-9a-f]{64}|[0-9a-f]{32})(?![A-Za-z0-9_])"  # a token of a blind index, the id of an opening
)
_DIGEST: Final = re.compile(r"[A-Za-z0-9+/]{43}=")
"""32 bytes as JSON has them: a keyed fingerprint. It is a name too: it names what was sent."""
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})")
_LETTERS_MIN: Final = 20
"""A shorter text is neither a moment nor holds a name; most texts are shorter."""
_SEALED: Final = frozenset(Sealed.__struct_fields__)
_OWN_BUSINESS: Final = frozenset({"salt", "recordedtime", "logicaltime", "clockdoubt"})
"""Attributes that count or time a record, or keep it from being guessed: no two runs agree on them."""
NAMES_KEPT_MAX: Final = 100_000
"""Texts taken apart before: every name stands in several places."""
_FACTS: Final = "/data/facts"


class Said(NamedTuple):
    """What stands in one place of a record: its words, and the names in it in their order. `is_list`: names alone."""

    words: str
    names: tuple[str, ...]
    is_list: bool = False


Face = dict[str, Said]
"""By JSON pointer."""


def face(raw: bytes, since: datetime, *, with_versions: bool) -> Face:
    """The face of a record. A moment before `since` was told and is kept in words; a later one is only a moment.

    `with_versions`: whether to look at the version to which a stream came when something was asked of it.
    """
    record: dict[str, Any] = msgspec.json.decode(raw)
    told = {name: value for name, value in record.items() if name not in _OWN_BUSINESS}
    if "number" in told:
        told["number"] = "of a message"
    if record["type"] == Asked.TYPE and not with_versions:
        told["data"] = {name: value for name, value in record["data"].items() if name != "version"}
    seen: Face = {}
    _look(told, "", since, seen)
    return seen


@lru_cache(maxsize=NAMES_KEPT_MAX)
def names_in(text: str) -> Said:
    """A text taken apart: where a name stood, its kind stands."""
    if _DIGEST.fullmatch(text):
        return Said("{digest}", (text,))
    names: list[str] = []

    def kind(found: re.Match[str]) -> str:
        names.append(found.group())
        return f"{{{found['kind'] or len(found.group())}}}"

    words = _NAME.sub(kind, text)
    return Said(words, tuple(names))


def renamed(text: str, names: dict[str, str]) -> str:
    """A text with its names exchanged; those of which nothing is known stay."""
    return _NAME.sub(lambda found: names.get(found.group(), found.group()), text)


def _look(value: Any, pointer: str, since: datetime, seen: Face) -> None:
    if isinstance(value, str):
        seen[pointer] = _text(value, since)
    elif isinstance(value, dict) and value.keys() == _SEALED:
        seen[pointer] = _sealed(value)
    elif isinstance(value, dict) and value:
        for name, inner in value.items():
            _look(inner, f"{pointer}/{name}", since, seen)
    elif isinstance(value, list) and value:
        _look_at_list(value, pointer, since, seen)
    else:
        seen[pointer] = Said(msgspec.json.encode(value).decode(), ())


def _text(text: str, since: datetime) -> Said:
    if len(text) < _LETTERS_MIN:
        return Said(text, ())
    if not _MOMENT.fullmatch(text):
        return names_in(text)
    try:
        moment = read(text)
    except ValueError:  # the form of a moment, and none: the 31st of February
        return Said(text, ())
    return Said(written(moment) if moment < since else "{moment}", ())


def _sealed(value: dict[str, Any]) -> Said:
    """AES-GCM adds the same to every text, so texts of one length are sealed in one length."""
    subject = names_in(value["subject"])
    letters = len(value["ciphertext"].rstrip("="))
    return Said(f"sealed {value['compartment']} {subject.words} {value['field']} {letters}", subject.names)


def _look_at_list(values: Sequence[Any], pointer: str, since: datetime, seen: Face) -> None:
    """A command may hold a set of words, which JSON has in any order."""
    if all(isinstance(value, str) and _NAME.fullmatch(value) for value in values):
        kinds = " ".join(names_in(value).words for value in values)
        seen[pointer] = Said(kinds, tuple(values), is_list=True)
        return
    is_set_of_words = pointer.startswith(_FACTS) and all(isinstance(value, str) for value in values)
    for place, value in enumerate(sorted(values) if is_set_of_words else values):
        _look(value, f"{pointer}/{place}", since, seen)
