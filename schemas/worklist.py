"""The one shape of everything that waits for somebody, on whichever side's list it stands."""

from msgspec import Struct

from schemas.notifications import Owner
from schemas.reports.report import Code, Moment


class WorkItem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that waits: whose it is, by when, what it is about, and what the owner sees to do next."""

    id: str
    owner: Owner
    code: Code
    about: str
    person: str | None
    detail: Code | None
    raised_at: Moment
    due_at: Moment
    is_escalated: bool
    sentence: str
    next_step: str
