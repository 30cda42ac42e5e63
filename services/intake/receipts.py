"""What an agency is told of each event it sent: taken, taken before, or refused, with the place and the reason."""

from typing import Final, Literal

from msgspec import Struct

from infra.web.problems import EDGE_REFUSALS, Refused
from schemas.ids import ReportId
from schemas.rejection import Rejected
from services.intake.domain.refusals import REFUSALS

SENTENCES: Final = {**EDGE_REFUSALS, **REFUSALS}

_STATUSES: Final = {
    "json-malformed": 400,
    "json-too-deep": 400,
    "batch-too-large": 413,
    "event-too-large": 413,
    "media-type-unknown": 415,
    "disruption-unreachable": 503,
}
_REFUSED: Final = 422
_UNAVAILABLE: Final = 503
NOT_NOW: Final = frozenset(code for code, status in _STATUSES.items() if status == _UNAVAILABLE)
"""Codes that say nothing against the event: the same one, sent again later, may well be taken."""
_ACCEPTED: Final = 202
_REPEATED: Final = 200


class Receipt(Struct, frozen=True, kw_only=True):
    """What became of one event. `id` and `source` are the event's own, None where they could not be read.

    It never says whether the person is known to us, nor whether a report still waits for somebody to find him: an
    agency could learn by trying who is on the programme (SR-14).
    """

    id: str | None
    source: str | None
    report: ReportId
    receipt: Literal["accepted", "repeated", "refused"]
    code: str | None = None
    pointer: str | None = None
    detail: str | None = None


def refused(report: ReportId, source: str | None, event_id: str | None, code: str, pointer: str) -> Receipt:
    """The receipt of what was not taken."""
    return Receipt(
        id=event_id,
        source=source,
        report=report,
        receipt="refused",
        code=code,
        pointer=pointer,
        detail=SENTENCES.get(code, "This is refused."),
    )


def kept_pointer(code: str, pointer: str) -> str:
    """Where the trouble lies, as it may be kept in the open: the name of a field that we do not know is the sender's
    own word, which is told back over HTTP and kept nowhere.
    """
    return pointer.rpartition("/")[0] if code == "field-unknown" else pointer


def problem(refusal: Rejected) -> Refused:
    """The answer to a request of which nothing was taken."""
    return Refused(_STATUSES.get(refusal.code, _REFUSED), refusal.code, refusal.pointer)


def status(receipt: Receipt) -> int:
    """The status of the answer to a single event that was taken, now or before."""
    return _REPEATED if receipt.receipt == "repeated" else _ACCEPTED
