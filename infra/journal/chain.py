"""The hash chain of a journal and of its messages, and the ids of records. Pure."""

import hmac
from collections.abc import Iterable
from hashlib import sha1, sha256
from typing import Final
from uuid import UUID

NOTHING: Final = bytes(32)
"""The hash before the first record."""

_RECORDS: Final = UUID("5b1f7f0e-65f5-5b3e-9d7a-c0bd08ec0bd5").bytes


def link(previous: bytes, record: bytes) -> bytes:
    """`SHA-256(previous || SHA-256(record))`: a record that is withheld can be shown as its digest, and the chain
    still verifies.
    """
    return sha256(previous + sha256(record).digest()).digest()


def last_link(previous: bytes, records: Iterable[bytes]) -> bytes:
    """The hash after all of these records."""
    for record in records:
        previous = link(previous, record)
    return previous


def record_id(cause: str, service: str, stream: str, index: int) -> str:
    """`uuid5(cause, service, stream, index)`: what a cause brings about has the same id however often it is decided.

    The stream names its decider; without it, one cause with two effects of one kind would give one id twice. Written
    out because `uuid.uuid5` builds and formats an object for every record.
    """
    digest = bytearray(sha1(_RECORDS + f"{cause}\x1f{service}\x1f{stream}\x1f{index}".encode()).digest()[:16])  # noqa: S324 - uuid5 is SHA-1 by definition (RFC 9562)
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def crossing_cause(secret: bytes, cause: str) -> str:
    """What stands for the cause in the id of a message that crosses the wall: the same each time, and no way back.

    An id made of the cause itself would let whoever can guess the cause (a message he knows, a predictable key of a
    request) confirm the guess, and so learn who answered.
    """
    return hmac.digest(secret, cause.encode(), "sha256").hex()
