"""What an agency told us in `data`, as a report with every word still plain: strictly decoded, then looked through.

Looked through is what a schema cannot say: that dates exist, that nothing lies ahead, that nobody sends in a sealed
value of their own making, that the catalogue knows an order, and that identifiers are real ones.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, cast, get_args

import msgspec
from msgspec import UNSET, inspect

from infra.web.strict import refusal
from schemas import catalogue
from schemas.identifiers import BY_CODE
from schemas.rejection import Rejected
from schemas.reports import BY_KIND, Facts
from schemas.reports.courts import OrderGranted
from schemas.reports.report import About, Day, Moment, Report
from schemas.sealed import Sealed
from services.intake.cloudevents import CLOCK_SKEW_MAX, moment_of
from services.intake.domain.report import task_of

_MOMENT: Final[str] = get_args(Moment)[1].pattern
_DAY: Final[str] = get_args(Day)[1].pattern

Identifiers = Sequence[tuple[str, str]]
"""Type and canonical form of each."""


def known_kind(kind: str) -> type[Report]:
    """The class of a kind of report. Raises Rejected with `kind-unknown`."""
    if kind not in BY_KIND:
        raise Rejected("kind-unknown", "/type")
    return BY_KIND[kind]


def report(kind: type[Report], data: Any, now: datetime) -> Facts:
    """`data` as a report of this class, every word plain.

    Raises Rejected, with a pointer that begins with `/data`, with `field-missing`, `field-unknown`, `field-wrong`,
    `time-too-far-ahead`, `order-kind-unknown` for an order that the catalogue does not know, or `about-missing` for
    a report that answers no task and is about nobody.
    """
    try:
        told = cast("Facts", msgspec.convert(data, kind))
    except msgspec.ValidationError as error:
        raise refusal(str(error), "/data") from None
    for shape, value, pointer in _values(_shape(kind), told, "/data"):
        _look_at(shape, value, pointer, now)
    if isinstance(told, OrderGranted) and told.order_kind not in catalogue.orders():
        raise Rejected("order-kind-unknown", "/data/order_kind")
    if told.about is UNSET and task_of(told) is None:
        raise Rejected("about-missing", "/data/about")
    return told


def identifiers(about: About, now: datetime) -> Identifiers:
    """The canonical form of every identifier. Raises Rejected with the codes of `schemas.identifiers`."""
    return tuple(
        (identifier.type, _canonical(identifier.type, identifier.value, now, place))
        for place, identifier in enumerate(about.identifiers)
    )


def _canonical(kind: str, value: str, now: datetime, place: int) -> str:
    try:
        return BY_CODE[kind].parse(value, now.year)
    except Rejected as refused:
        raise Rejected(refused.code, f"/data/about/identifiers/{place}/value") from None


@lru_cache(maxsize=64)
def _shape(kind: type[Report]) -> inspect.Type:
    return inspect.type_info(kind)


def _values(shape: inspect.Type, value: Any, pointer: str) -> Iterator[tuple[inspect.Type, Any, str]]:
    """Every value that holds no others, with its declared type and its place. A sealed value counts as one."""
    match shape:
        case inspect.Metadata():
            yield from _values(shape.type, value, pointer)
        case inspect.UnionType():
            for member in shape.types:
                if _fits(member, value):
                    yield from _values(member, value, pointer)
        case inspect.StructType() if isinstance(value, shape.cls) and not isinstance(value, Sealed):
            for field in shape.fields:
                yield from _values(field.type, getattr(value, field.name), f"{pointer}/{field.encode_name}")
        case inspect.VarTupleType():
            for place, item in enumerate(value):
                yield from _values(shape.item_type, item, f"{pointer}/{place}")
        case _:
            yield shape, value, pointer


def _fits(member: inspect.Type, value: Any) -> bool:
    if isinstance(member, inspect.Metadata):
        return _fits(member.type, value)
    if isinstance(member, inspect.StructType):
        return isinstance(value, member.cls)
    if isinstance(member, inspect.StrType):
        return isinstance(value, str)
    return value is not None and value is not UNSET and not isinstance(value, str | msgspec.Struct)


def _look_at(shape: inspect.Type, value: Any, pointer: str, now: datetime) -> None:
    """Moments in a report tell what has happened: none may lie ahead. A day may: an order expires on one."""
    if isinstance(value, Sealed):
        raise Rejected("field-wrong", pointer)
    if not isinstance(shape, inspect.StrType) or shape.pattern is None:
        return
    if value.endswith("\n"):  # `$` in a pattern lets one through
        raise Rejected("field-wrong", pointer)
    if shape.pattern == _MOMENT:
        moment = moment_of(value)
        if moment is None:
            raise Rejected("field-wrong", pointer)
        if moment - now > CLOCK_SKEW_MAX:
            raise Rejected("time-too-far-ahead", pointer)
    if shape.pattern == _DAY:
        _day(value, pointer)


def _day(value: str, pointer: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise Rejected("field-wrong", pointer) from None
