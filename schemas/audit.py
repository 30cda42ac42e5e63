"""What audit records: every message of every service as it was heard, and where a record of theirs does not fit."""

from typing import ClassVar

from schemas.event import Private


class MessageWitnessed(Private, frozen=True, kw_only=True):
    """A message was heard, in its place, with its chain intact. `record` is its bytes as text, unchanged."""

    TYPE: ClassVar = "audit.message-witnessed.v1"
    service: str
    number: int
    hash: bytes
    record: str
