"""Reference data: what can be done, ordered, released, asked for, and by when; each entry with source and certainty.

The entries stand in the TOML files beside this one, a table each, its name their code. Codes stay in journals for
ever: an entry may be reworded but is never taken out. Adding one is an edit of its file alone.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TypeVar

import msgspec

from schemas.catalogue.entries import (
    ClockEntry,
    ClosureEntry,
    ConditionEntry,
    EngagementEntry,
    Entry,
    OrderEntry,
    ReleaseEntry,
    TacticEntry,
)
from schemas.rejection import Rejected

EntryT = TypeVar("EntryT", bound=Entry)


class CatalogueFaulty(Exception):  # noqa: N818 - what it is, as with Rejected
    """A file of the catalogue cannot be read. The text names file, entry and field."""


def read(name: str, text: str, kind: type[EntryT]) -> Mapping[str, EntryT]:
    """The entries of one file by their code, in its order. Raises CatalogueFaulty."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueFaulty(f"{name}: {error}") from error
    return MappingProxyType({code: _entry(name, code, table, kind) for code, table in tables.items()})


def _entry(name: str, code: str, table: object, kind: type[EntryT]) -> EntryT:
    """One table as an entry; its name is its code, which it may not say again."""
    if not isinstance(table, dict) or "code" in table:
        raise CatalogueFaulty(f"{name} [{code}]: an entry is a table named by its code")
    try:
        return msgspec.convert({"code": code, **table}, kind)
    except msgspec.ValidationError as error:
        raise CatalogueFaulty(f"{name} [{code}]: {error}") from error


def _load(name: str, kind: type[EntryT]) -> Mapping[str, EntryT]:
    return read(name, files(__name__).joinpath(name).read_text(encoding="utf-8"), kind)


def _find(entries: Mapping[str, EntryT], code: str, refusal: str) -> EntryT:
    try:
        return entries[code]
    except KeyError:
        raise Rejected(refusal) from None


@cache
def tactics() -> Mapping[str, TacticEntry]:
    """What agencies can do."""
    return _load("tactics.toml", TacticEntry)


@cache
def orders() -> Mapping[str, OrderEntry]:
    """The legal orders that can bind him."""
    return _load("orders.toml", OrderEntry)


@cache
def clocks() -> Mapping[str, ClockEntry]:
    """How long things may take. A clock's code stands in our own code: index this mapping, a miss is a mistake."""
    return _load("clocks.toml", ClockEntry)


@cache
def releases() -> Mapping[str, ReleaseEntry]:
    """The coded summaries that the victim's side may let go of."""
    return _load("releases.toml", ReleaseEntry)


@cache
def conditions() -> Mapping[str, ConditionEntry]:
    """The steps that a clearance may ask for first."""
    return _load("conditions.toml", ConditionEntry)


@cache
def engagement_states() -> Mapping[str, EngagementEntry]:
    """How he can take part."""
    return _load("engagement.toml", EngagementEntry)


@cache
def closures() -> Mapping[str, ClosureEntry]:
    """Why a case can end."""
    return _load("closures.toml", ClosureEntry)


def tactic(code: str) -> TacticEntry:
    """The tactic of this code. Raises Rejected("tactic-unknown")."""
    return _find(tactics(), code, "tactic-unknown")


def order(code: str) -> OrderEntry:
    """The kind of order of this code. Raises Rejected("order-kind-unknown")."""
    return _find(orders(), code, "order-kind-unknown")


def release(code: str) -> ReleaseEntry:
    """The summary of this code. Raises Rejected("release-unknown")."""
    return _find(releases(), code, "release-unknown")


def condition(code: str) -> ConditionEntry:
    """The condition of this code. Raises Rejected("condition-unknown")."""
    return _find(conditions(), code, "condition-unknown")


def engagement_state(code: str) -> EngagementEntry:
    """The state of this code. Raises Rejected("engagement-state-unknown")."""
    return _find(engagement_states(), code, "engagement-state-unknown")


def closure(code: str) -> ClosureEntry:
    """The closing reason of this code. Raises Rejected("closure-unknown")."""
    return _find(closures(), code, "closure-unknown")


def counts_as_aware(code: str | None) -> bool:
    """Whether he may be taken to know of the programme. No state, or one we do not know, counts as unaware (SR-11)."""
    state = None if code is None else engagement_states().get(code)
    return state is not None and state.counts_as_aware
