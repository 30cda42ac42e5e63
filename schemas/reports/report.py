"""What every agency report has in common: whom it is about, and which of its words are personal.

One class is both what an agency sends and what travels on inside Cordon. On the way in `about` is required where the
report is about a person, and every `Text` is plain; what travels has no `about` and every `Text` sealed.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from schemas.sealed import Sealed

Text = Annotated[str, Meta(max_length=4000, description="Personal words: sealed before anything is decided.")] | Sealed

Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$(?!\n)", description="A date, ISO 8601.")]
Moment = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$(?!\n)",
        description="RFC 3339.",
    ),
]
Code = Annotated[str, Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$(?!\n)", max_length=64, description="A kebab-case code.")]
Reference = Annotated[
    str,
    Meta(pattern="^[A-Za-z0-9][A-Za-z0-9/_.-]{0,63}$(?!\n)", description="Another body's reference."),
]


class Identifier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number by which an agency knows somebody."""

    type: Literal["PNC", "CRO", "NOMS", "CRN"]
    value: Annotated[str, Meta(min_length=1, max_length=32)]


class About(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom a report is about, as the agency knows him: used to find the person, then left behind."""

    identifiers: Annotated[tuple[Identifier, ...], Meta(min_length=1, max_length=8)]
    family_name: Annotated[str, Meta(max_length=100)] = ""
    given_names: Annotated[str, Meta(max_length=100)] = ""
    born: Day | None = None


class Report(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What an agency told us. The tag of each class is its CloudEvents type."""

    about: About | UnsetType = UNSET


def kind_of(report: type[Report] | Report) -> str:
    """The CloudEvents type of a report or of its class."""
    return str(report.__struct_config__.tag)
