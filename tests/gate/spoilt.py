"""What is sent wrongly: every way in which a body that is right can be spoilt, each with the words for it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

CANARY: Final = "canary-7q4x"
"""Part of every wrong value: no answer may hold it."""

FREE: Final = frozenset(
    {"plan", "tasking", "words", "reason", "family_name", "given_names", "telephone", "address", "establishment", "id"}
)
"""Fields in which people write what they like, within a length."""

TRIMMED: Final = frozenset({"value"})
"""Fields around whose words blanks are no harm: a number that was pasted."""

LONG: Final = CANARY * 20_000
DEEP: Final = 40

Spoilt = tuple[str, bytes]
"""What is wrong with it, and what is sent."""


def no_json() -> Iterator[Spoilt]:
    """Nothing at all, and what is no JSON object, whatever was asked for."""
    yield "nothing", b""
    yield "cut off", b'{"person": "' + CANARY.encode()
    yield "not UTF-8", b'{"surplus": "\xff\xfe' + CANARY.encode() + b'"}'
    yield "two values", b'{} {"surplus": "' + CANARY.encode() + b'"}'
    yield "no number", b'{"surplus": NaN, "other": "' + CANARY.encode() + b'"}'
    yield "brackets without end", b"[" * 200_000
    others: tuple[Any, ...] = (None, True, 7, CANARY, [CANARY], {})
    for value in others:
        yield f"only {type(value).__name__}", json.dumps(value).encode()


def spoilt(right: Mapping[str, Any], *, may_hold_more: bool = False) -> Iterator[Spoilt]:
    """The body with one thing wrong in it; a field too many is none where the body `may_hold_more`."""
    if not may_hold_more:
        yield "a field too many", _sent({**right, "surplus": CANARY})
    yield "too deep", _sent({**right, "surplus": _nested()})
    yield "a name with NUL", _sent({**right, "surplus\x00": CANARY})
    for place, value in _places(right):
        for what, wrong in _wrong(place[-1], value):
            yield f"{'/'.join(map(str, place))}: {what}", _sent(_with(right, place, wrong))


def _places(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every place in a body, and what stands there."""
    if place:
        yield place, value
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _places(inner, (*place, name))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, inner in enumerate(value):
            yield from _places(inner, (*place, number))


def _wrong(name: str | int, value: Any) -> Iterator[tuple[str, Any]]:
    """What cannot stand in place of this value."""
    yield "an object", {"surplus": CANARY}
    yield "a list of lists", [[CANARY]]
    yield "too deep", _nested()
    yield "not finite", float("1e308") * (1 if isinstance(value, str) else -1)
    if isinstance(value, str):
        yield "a number", 7
        yield "true", True
        yield "very long", LONG
        yield "with NUL", f"{value}\x00{CANARY}"
        yield "with half a character", f"{value} {CANARY} \ud800"
        if name not in FREE:
            yield "another text", f"{CANARY} & co"
            yield "empty", ""
            if name not in TRIMMED:
                yield "with a line end", f"{value}\n"
    elif isinstance(value, int):
        yield "a text", CANARY
        yield "true", True
        yield "a fraction", 1.5
        yield "below nothing", -1
        yield "very large", 10**40
    elif isinstance(value, list):
        yield "a text", CANARY
        yield "very long", [value[0]] * 2000
    elif isinstance(value, dict):
        yield "with a field too many", {**value, "surplus": CANARY}


def _with(body: Any, place: tuple[str | int, ...], value: Any) -> Any:
    """The body with this value in that place."""
    if not place:
        return value
    first, *rest = place
    inside = _with(body[first], tuple(rest), value)
    if isinstance(body, list):
        return [inside if number == first else each for number, each in enumerate(body)]
    return {**body, first: inside}


def _nested() -> Any:
    nested: Any = CANARY
    for _ in range(DEEP):
        nested = [nested]
    return nested


def _sent(body: Any) -> bytes:
    return json.dumps(body).encode()
