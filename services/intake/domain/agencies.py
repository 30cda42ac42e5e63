"""The agencies of a site and what each may tell us: one TOML text an agency, checked when it is read."""

import tomllib
from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from schemas.ids import AgencyCode
from schemas.rejection import Rejected
from schemas.reports import BY_KIND

SUFFIX: Final = ".toml"


class Contact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to ask at the agency: a desk or a duty, not somebody's own address."""

    role: Annotated[str, Meta(min_length=1)]
    email: Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+$")]
    telephone: str = ""


class Agency(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An agency of this site. `may_tell` are the kinds of report that it was agreed with it that it tells."""

    code: AgencyCode
    name: Annotated[str, Meta(min_length=1)]
    kind: Literal[
        "police", "courts", "prison", "probation", "housing", "childrens-services", "health", "local-authority"
    ]
    area: Annotated[str, Meta(min_length=1)]
    may_tell: tuple[str, ...]
    contacts: Annotated[tuple[Contact, ...], Meta(min_length=1)]


def load(texts: Mapping[str, str]) -> Mapping[AgencyCode, Agency]:
    """The agencies by code, from `{file name: TOML}`.

    Raises ValueError, naming the file, for what is not TOML or no agency, for a file that is not named for its
    agency's code, and for a kind of report that there is not.
    """
    agencies = [_agency(name, text) for name, text in sorted(texts.items())]
    return {agency.code: agency for agency in agencies}


def _agency(name: str, text: str) -> Agency:
    try:
        agency = msgspec.convert(tomllib.loads(text), Agency)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"{name}: {error}") from error
    if name != agency.code + SUFFIX:
        raise ValueError(f"{name}: the file of agency {agency.code} is {agency.code}{SUFFIX}")
    unknown = sorted(set(agency.may_tell) - set(BY_KIND))
    if unknown:
        raise ValueError(f"{name}: there is no kind of report {', '.join(unknown)}")
    return agency


def refuse_unless_agreed(agency: Agency, kind: str) -> None:
    """Raises Rejected with `kind-not-agreed` for a kind of report that this agency has no agreement to tell."""
    if kind not in agency.may_tell:
        raise Rejected("kind-not-agreed", "/type")
