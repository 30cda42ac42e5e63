"""What may be asked of casework over HTTP."""

from msgspec import Struct

from schemas.ids import WorkerId
from schemas.reports.report import Code


class Allocation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Name the case manager."""

    worker: WorkerId


class Engagement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say how he takes part: a code of the catalogue's engagement states. Whether he is aware follows from it."""

    state: Code
