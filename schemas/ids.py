"""Opaque references: a short prefix that says what is meant, and 26 characters that say nothing about whom.

A reference is derived, never drawn: from the command, message or key that brought the thing about. So a repeated
command names the same thing again, and a test or a replay needs no source of chance.
"""

from base64 import b32encode
from typing import Annotated, Final
from uuid import UUID, uuid5

from msgspec import Meta

_NAMESPACE: Final = UUID("6d0f6f0e-0f2b-5c5a-9e0c-c0bd0cab1e00")

_form = "^{}_[a-z2-7]{{26}}$(?!\n)".format

PersonId = Annotated[str, Meta(pattern=_form("per"), description="Reference of a perpetrator; says nothing by itself.")]
VictimId = Annotated[str, Meta(pattern=_form("vic"), description="Opaque reference of a victim.")]
WorkerId = Annotated[str, Meta(pattern="^wrk_[a-z0-9-]{2,40}$(?!\n)", description="Reference of a member of staff.")]
AgencyCode = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,39}$(?!\n)", description="Code of an agency at this site.")]
ReportId = Annotated[str, Meta(pattern=_form("rep"))]
ReferralId = Annotated[str, Meta(pattern=_form("ref"))]
OrderId = Annotated[str, Meta(pattern=_form("ord"))]
ActionId = Annotated[str, Meta(pattern=_form("act"))]
TaskId = Annotated[str, Meta(pattern=_form("tsk"))]
ReleaseId = Annotated[str, Meta(pattern=_form("rel"))]
ContactId = Annotated[str, Meta(pattern=_form("con"))]
NoticeId = Annotated[str, Meta(pattern=_form("ntc"))]


def derive(prefix: str, *parts: str) -> str:
    """The reference that these parts always give: `derive("act", command_id)` -> `act_` and 26 characters."""
    digest = uuid5(_NAMESPACE, "\x1f".join((prefix, *parts))).bytes
    return f"{prefix}_{b32encode(digest).decode().rstrip('=').lower()}"
