"""Reference data: the agencies of this site, what each may tell us and whom to ask there.

Each stands in the TOML file beside this one that is named for its code. To add one: its file.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from schemas.ids import AgencyCode
from schemas.reports import BY_KIND

SUFFIX: Final = ".toml"


class AgencyFaulty(Exception):  # noqa: N818 - what it is, as with CatalogueFaulty
    """A file is no agency. The text names file and field."""


class Contact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to ask at the agency: a desk or a duty, not somebody's own address."""

    role: Annotated[str, Meta(min_length=1)]
    email: Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+$")]
    telephone: str = ""


class Agency(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An agency of this site. `may_tell` are the kinds of report that it was agreed with it that it tells.

    `kind` says which tactics it can be asked for: those of the same `agency_kind` in the catalogue.
    """

    code: AgencyCode
    name: Annotated[str, Meta(min_length=1)]
    kind: Literal[
        "police", "courts", "prison", "probation", "housing", "childrens-services", "health", "local-authority"
    ]
    area: Annotated[str, Meta(min_length=1)]
    may_tell: tuple[str, ...]
    contacts: Annotated[tuple[Contact, ...], Meta(min_length=1)]


@cache
def agencies() -> Mapping[AgencyCode, Agency]:
    """The agencies of this site by their code. Raises AgencyFaulty."""
    found = (file for file in files(__name__).iterdir() if file.name.endswith(SUFFIX))
    return load({file.name: file.read_text(encoding="utf-8") for file in found})


def load(texts: Mapping[str, str]) -> Mapping[AgencyCode, Agency]:
    """The agencies by code, from `{file name: TOML}`.

    Raises AgencyFaulty, naming file and field, for what is not TOML or no agency, for a file that is not named for
    its agency's code, and for a kind of report that there is not.
    """
    read = [_agency(name, text) for name, text in sorted(texts.items())]
    return MappingProxyType({agency.code: agency for agency in read})


def _agency(name: str, text: str) -> Agency:
    try:
        agency = msgspec.convert(tomllib.loads(text), Agency)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise AgencyFaulty(f"{name}: {error}") from error
    if name != agency.code + SUFFIX:
        raise AgencyFaulty(f"{name}: the file of agency {agency.code} is {agency.code}{SUFFIX}")
    unknown = sorted(set(agency.may_tell) - set(BY_KIND))
    if unknown:
        raise AgencyFaulty(f"{name}: there is no kind of report {', '.join(unknown)} - at `$.may_tell`")
    return agency
