"""Which words are personal, read off the classes: a field that is added tomorrow is asked for tomorrow."""

import inspect as modules
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from msgspec import Struct, inspect

import services
from schemas import reports
from schemas.sealed import Sealed

ORDINARY: Final = "Ms Zoe Sample of 12 Mill Lane rings 07700 900123 after dark."
"""Whatever may be written where this may be, may say anything of anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A text that somebody sends: in which class it stands, under which name, and what form it must have."""

    kind: type[Struct]
    name: str
    shape: inspect.StrType

    def __str__(self) -> str:
        return f"{self.kind.__name__}.{self.name}"

    @property
    def takes_anything(self) -> bool:
        """Whether an ordinary sentence fits it, if it is short enough."""
        return self.shape.pattern is None or re.search(self.shape.pattern, ORDINARY) is not None


def texts(kind: type[Struct]) -> Iterator[Field]:
    """Every text of a class; those of the classes it holds are theirs."""
    shape = inspect.type_info(kind)
    assert isinstance(shape, inspect.StructType)
    for field in shape.fields:
        for leaf in _leaves(field.type):
            if isinstance(leaf, inspect.StrType):
                yield Field(kind=kind, name=field.name, shape=leaf)


def held(kind: type[Struct]) -> Iterator[type[Struct]]:
    """The classes that a class holds, and those that they hold. What is sealed is no longer anybody's words."""
    shape = inspect.type_info(kind)
    assert isinstance(shape, inspect.StructType)
    for field in shape.fields:
        for leaf in _leaves(field.type):
            if isinstance(leaf, inspect.StructType):
                yield leaf.cls
                yield from held(leaf.cls)


def _leaves(shape: inspect.Type) -> Iterator[inspect.Type]:
    """The shapes that a value can have. Raises TypeError for one through which anything could be said unseen."""
    match shape:
        case inspect.Metadata():
            yield from _leaves(shape.type)
        case inspect.UnionType():
            for member in shape.types:
                yield from _leaves(member)
        case inspect.VarTupleType() | inspect.ListType() | inspect.SetType() | inspect.FrozenSetType():
            yield from _leaves(shape.item_type)
        case inspect.TupleType():
            for member in shape.item_types:
                yield from _leaves(member)
        case inspect.DictType():
            yield from _leaves(shape.key_type)
            yield from _leaves(shape.value_type)
        case inspect.AnyType() | inspect.RawType():
            raise TypeError("a field of no shape takes anybody's name: give it one")
        case inspect.StructType() if shape.cls is Sealed:
            return
        case _:
            yield shape


def requests() -> Iterator[type[Struct]]:
    """Every body that a route of a service takes, but for the reports."""
    for path in sorted(Path(next(iter(services.__path__))).glob("*/requests.py")):
        module = import_module(f"services.{path.parent.name}.requests")
        for _, kind in modules.getmembers(module, modules.isclass):
            if issubclass(kind, Struct) and kind.__module__ == module.__name__:
                yield kind


def of_people() -> frozenset[type[Struct]]:
    """The classes that a report holds: whoever they are about, every word of theirs is sealed."""
    return frozenset(one for kind in reports.ALL for one in held(kind))


@cache
def personal() -> tuple[Field, ...]:
    """Every field that must never stand in the open: what is said of people, and whatever takes any words.

    A request's field that bears the name of one of those is one of those: `relationship` is a code in both.
    """
    about_people = [field for kind in sorted(of_people(), key=lambda one: one.__name__) for field in texts(kind)]
    names = {field.name for field in about_people}
    of_reports = [field for kind in reports.ALL for field in texts(kind) if field.takes_anything]
    of_requests = [field for kind in requests() for field in texts(kind) if field.takes_anything or field.name in names]
    return (*about_people, *of_reports, *of_requests)
