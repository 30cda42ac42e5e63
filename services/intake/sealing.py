"""A report taken apart before anything is decided: which of its words are sealed, and to whom.

Personal words of the report go to the perpetrator's side, what is said of victims to the victim's side alone. What
travels on, the facts, has neither. Written over the classes' annotations, so that a new report needs no line here.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from msgspec import UNSET, inspect, structs

from infra.sealing.blind_index import canonical_name
from schemas.ids import ReportId, derive
from schemas.reports import Facts
from schemas.reports.police import VictimDetails
from schemas.reports.report import About, Report
from schemas.sealed import Sealed

RAW_BYTES_MAX: Final = 512 * 1024
"""How much is kept of what was refused. Sealed and in base64 it still fits into one journal record."""


@lru_cache(maxsize=64)
def text_fields(kind: type[Report]) -> tuple[str, ...]:
    """The fields of a report that hold personal words: those that may be sealed."""
    shape = inspect.type_info(kind)
    if not isinstance(shape, inspect.StructType):
        raise TypeError(f"{kind.__name__} is no report")
    return tuple(field.name for field in shape.fields if _may_be_sealed(field.type))


def _may_be_sealed(shape: inspect.Type) -> bool:
    return isinstance(shape, inspect.UnionType) and any(
        isinstance(member, inspect.StructType) and member.cls is Sealed for member in shape.types
    )


def words(report: Facts) -> dict[str, str]:
    """The personal words of a report by field, to be sealed to `person`. An empty text has nothing to seal."""
    said = {name: getattr(report, name) for name in text_fields(type(report))}
    return {name: word for name, word in said.items() if word}


def details(about: About, identifiers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Who he is, to be sealed to `person`: names, date of birth, and the numbers by which agencies know him.

    The fields of numbers are `pnc`, `noms`, ...; a second of a type is `pnc_2`.
    """
    said = {"family_name": about.family_name, "given_names": about.given_names, "born": about.born or ""}
    numbers: dict[str, str] = {}
    for kind, value in dict.fromkeys(identifiers):
        count = sum(name.startswith(kind.lower()) for name in numbers)
        numbers[kind.lower() if count == 0 else f"{kind.lower()}_{count + 1}"] = value
    return {name: word for name, word in (said | numbers).items() if word}


def victims(report: Facts) -> tuple[VictimDetails, ...]:
    """The victims that a report names."""
    named: tuple[VictimDetails, ...] = getattr(report, "victims", ())
    return named


def victim_words(victim: VictimDetails) -> dict[str, str]:
    """All that is said of a victim, to be sealed to `victim`."""
    return {name: word for name, word in structs.asdict(victim).items() if word}


def victim_names(named: Sequence[VictimDetails]) -> tuple[str, ...]:
    """One name a victim, to make her token of: however it is written, it is the same.

    Two victims of one name in one report, as a mother and a daughter may be, count as two, so that both are protected.
    """
    names: list[str] = []
    for victim in named:
        name = canonical_name(f"{victim.given_names} {victim.family_name}")
        times = sum(other == name or other.startswith(f"{name}\x1f") for other in names)
        names.append(name if times == 0 else f"{name}\x1f{times + 1}")
    return tuple(names)


def naming(report: ReportId, token: str) -> str:
    """The subject under which what one report says of one victim is sealed: it can be erased by itself."""
    return derive("nam", report, token)


def refused_subject(report: ReportId, fingerprint: bytes) -> str:
    """The subject under which one refused sending is sealed: its key can be destroyed by itself."""
    return derive("raw", report, fingerprint.hex())


def facts(report: Facts, sealed: Mapping[str, Sealed]) -> Facts:
    """The report as it travels on: nobody named, every personal word sealed.

    Raises KeyError if a personal word was not sealed: then nothing may travel on.
    """
    changes: dict[str, Any] = {name: sealed[name] for name in words(report)}
    if victims(report):
        changes["victims"] = ()
    return structs.replace(report, about=UNSET, **changes)


def cut(text: str) -> tuple[str, bool]:
    """The beginning of a text, if it is too long to be kept whole, and whether it was cut."""
    encoded = text.encode()
    if len(encoded) <= RAW_BYTES_MAX:
        return text, False
    return encoded[:RAW_BYTES_MAX].decode("utf-8", "ignore"), True
