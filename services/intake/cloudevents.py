"""CloudEvents 1.0 as agencies send them over HTTP: structured, batch or binary, taken apart strictly.

What each attribute means and the three modes are in the CloudEvents 1.0.2 specification and its HTTP binding and
JSON format. Extension attributes are allowed, as they ask, and not kept outside the seal.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args
from urllib.parse import unquote

from msgspec import Raw

from infra.web.strict import decoded
from schemas.rejection import Rejected
from schemas.reports.report import Moment

STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
PLAIN: Final = "application/json"

BATCH_MAX: Final = 1_000
"""Each event of a batch is decided by itself; this many take a few seconds, which a sender still waits for."""

EVENT_BYTES_MAX: Final = 256 * 1024
"""Several times what the fullest report needs. Sealed, it stands in a journal record, whose size has a limit too."""

CLOCK_SKEW_MAX: Final = timedelta(minutes=5)
"""How far ahead of ours an agency's clock may be. What happened cannot lie ahead of us by more."""

_MOMENT: Final = re.compile(get_args(Moment)[1].pattern)
_SOURCE: Final = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{1,256}")  # the characters of RFC 3986
_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")
_TYPE: Final = re.compile(r"[\x21-\x7e]{1,128}")
_CHARSET: Final = re.compile(r';\s*charset\s*=\s*"?([^\s;"]*)', re.IGNORECASE)
_HEADER: Final = "ce-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One event as it was sent. `attributes` are those of a binary event's headers, None where they are in the body."""

    body: bytes
    attributes: Mapping[str, str] | None = None

    @property
    def text(self) -> str:
        """All of it as text, to be kept sealed; bytes that are not UTF-8 are shown as their numbers."""
        headers = "".join(f"{_HEADER}{name}: {value}\n" for name, value in (self.attributes or {}).items())
        return headers + self.body.decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What one request brought."""

    events: tuple[Sent, ...]
    is_batch: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudEvent:
    """One event with its attributes checked. `time` is in UTC; None where the sender gave none. `data` is unchecked."""

    source: str
    id: str
    kind: str
    time: datetime | None
    data: Any


def delivery(headers: Mapping[str, str], body: bytes) -> Delivery:
    """The events of a request; header names in lower case. Each event is still to be read, and refused, by itself.

    Raises Rejected with `media-type-unknown`, `batch-too-large`, or what `infra.web.strict` says of a batch that
    cannot be taken apart.
    """
    media_type = _media_type(headers.get("content-type", ""))
    attributes = _attributes(headers)
    if media_type == BATCH:
        parts = decoded(body, list[Raw])
        if len(parts) > BATCH_MAX:
            raise Rejected("batch-too-large")
        return Delivery(events=tuple(Sent(body=bytes(part)) for part in parts), is_batch=True)
    if media_type == STRUCTURED or (media_type == PLAIN and not attributes):
        return Delivery(events=(Sent(body=body),))
    if attributes and (media_type in {PLAIN, ""} or media_type.endswith("+json")):
        return Delivery(events=(Sent(body=body, attributes=attributes),))
    raise Rejected("media-type-unknown")


def _media_type(header: str) -> str:
    """Type and subtype in lower case. Raises Rejected for another charset than UTF-8, in which JSON is."""
    charset = _CHARSET.search(header)
    if charset is not None and charset[1].lower() != "utf-8":
        raise Rejected("media-type-unknown")
    return header.partition(";")[0].strip().lower()


def _attributes(headers: Mapping[str, str]) -> dict[str, str]:
    """The attributes in a binary event's headers, whose values are percent-encoded (HTTP binding, 3.1.3.2)."""
    return {name.removeprefix(_HEADER): unquote(value) for name, value in headers.items() if name.startswith(_HEADER)}


def whose(sent: Sent) -> tuple[str, str] | None:
    """Source and id, if these two can be read, whatever else is wrong with the event."""
    try:
        event = _event(sent)
        return _text(event, "source", _SOURCE), _text(event, "id", _ID)
    except Rejected:
        return None


def read(sent: Sent, now: datetime) -> CloudEvent:
    """The event with its attributes checked; `now` is aware.

    Raises Rejected, with a pointer into the event, with `event-too-large`, `event-attribute-missing`,
    `event-attribute-wrong`, `time-too-far-ahead`, `field-missing` (no data) or what `infra.web.strict` says.
    """
    if len(sent.body) > EVENT_BYTES_MAX:
        raise Rejected("event-too-large")
    event = _event(sent)
    if _text(event, "specversion", _TYPE) != "1.0":
        raise Rejected("event-attribute-wrong", "/specversion")
    read_event = CloudEvent(
        source=_text(event, "source", _SOURCE),
        id=_text(event, "id", _ID),
        kind=_text(event, "type", _TYPE),
        time=_time(event, now),
        data=event.get("data"),
    )
    if "data_base64" in event:
        raise Rejected("event-attribute-wrong", "/data_base64")
    if event.get("datacontenttype") is not None and not _is_json(event["datacontenttype"]):
        raise Rejected("event-attribute-wrong", "/datacontenttype")
    if read_event.data is None:
        raise Rejected("field-missing", "/data")
    return read_event


def _event(sent: Sent) -> dict[str, Any]:
    if sent.attributes is None:
        return decoded(sent.body, dict[str, Any])
    return {**sent.attributes, "data": decoded(sent.body, dict[str, Any], "/data")}


def _text(event: Mapping[str, Any], name: str, form: re.Pattern[str]) -> str:
    value = event.get(name)
    if value is None or value == "":
        raise Rejected("event-attribute-missing", f"/{name}")
    if not isinstance(value, str) or not form.fullmatch(value):
        raise Rejected("event-attribute-wrong", f"/{name}")
    return value


def _time(event: Mapping[str, Any], now: datetime) -> datetime | None:
    if event.get("time") is None:
        return None
    moment = moment_of(event["time"])
    if moment is None:
        raise Rejected("event-attribute-wrong", "/time")
    if moment - now > CLOCK_SKEW_MAX:
        raise Rejected("time-too-far-ahead", "/time")
    return moment


def moment_of(text: object) -> datetime | None:
    """An RFC 3339 moment in UTC, cut to microseconds; None for what is none, such as the 31st of February."""
    if not isinstance(text, str) or not _MOMENT.match(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _is_json(media_type: object) -> bool:
    if not isinstance(media_type, str):
        return False
    kind = media_type.partition(";")[0].strip().lower()
    return kind == PLAIN or kind.endswith("+json")
