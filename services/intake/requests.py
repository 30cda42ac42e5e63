"""What may be asked of intake over HTTP, besides an agency's events."""

from msgspec import Struct

from schemas.ids import PersonId


class Identification(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say whom a waiting report is about."""

    person: PersonId
