"""JSON in, a value out, or one refusal that names what is wrong and where: the same for bodies and for events."""

import re
from typing import Any, Final, TypeVar

import msgspec

from schemas.rejection import Rejected

Kind = TypeVar("Kind")

NAME_MAX: Final = 64
"""No field of ours has a longer name; one that somebody else made up is not told back at any length."""
NESTING_MAX: Final = 32
"""Deeper than anything we ask for; a limit on everything that can grow."""

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)  # possessive: text cannot make it look twice
_BRACKET = re.compile(rb"[\[\]{}]")
_PATH = re.compile(r" - at `(?:key in )?\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+|\.\.\.)\]")
_NAMED = re.compile(r"field `(?P<name>[^`]+)`")


_decoders: Final[dict[Any, msgspec.json.Decoder[Any]]] = {}


def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    """One a kind; the kinds are those the routes were written with."""
    if kind not in _decoders:
        _decoders[kind] = msgspec.json.Decoder(kind)
    return _decoders[kind]


def decoded(raw: bytes, kind: type[Kind], under: str = "") -> Kind:
    """`raw` as a `kind`. Raises Rejected with `json-malformed`, `json-too-deep`, `text-has-nul`, `field-missing`,
    `field-unknown` or `field-wrong`, and a JSON pointer that starts with `under`.
    """
    refuse_what_no_decoder_should_see(raw)
    try:
        value: Kind = _decoder(kind).decode(raw)
    except msgspec.ValidationError as error:
        raise refusal(str(error), under) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Rejected("json-malformed", under) from None
    return value


def refuse_what_no_decoder_should_see(raw: bytes) -> None:
    """Too deep, or with a NUL in its text (PostgreSQL cannot keep one). Raises Rejected."""
    if b"\\u0000" in raw or b"\x00" in raw:
        raise Rejected("text-has-nul")
    bare = _STRING.sub(b"", raw)
    depth = 0
    for bracket in _BRACKET.findall(bare):
        depth += 1 if bracket in b"[{" else -1
        if depth > NESTING_MAX:
            raise Rejected("json-too-deep")


def refusal(text: str, under: str = "") -> Rejected:
    """msgspec's sentence about a value as our code and pointer; the sentence itself may quote the value and is left."""
    found = _PATH.search(text)
    pointer = under + (_pointer(found["path"]) if found else "")
    named = _NAMED.search(text)
    if named and len(named["name"]) > NAME_MAX:
        return Rejected("field-unknown", pointer)
    if named and "missing required" in text:
        return Rejected("field-missing", f"{pointer}/{_escaped(named['name'])}")
    if named and "unknown field" in text:
        return Rejected("field-unknown", f"{pointer}/{_escaped(named['name'])}")
    return Rejected("field-wrong", pointer)


def _pointer(path: str) -> str:
    return "".join(f"/{_escaped(step['name'] or step['index'])}" for step in _STEP.finditer(path))


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


REFUSALS: Final = {
    "json-malformed": "This is not well-formed JSON in UTF-8.",
    "json-too-deep": f"This is nested deeper than {NESTING_MAX} levels.",
    "text-has-nul": "Text with a NUL character cannot be kept.",
    "field-missing": "A field that is needed is not there.",
    "field-unknown": "There is no field of this name here.",
    "field-wrong": "The value of this field is not of the kind, form or size that is asked for.",
}
