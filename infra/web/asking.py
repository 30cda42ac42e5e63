"""The circumstances of a command, made in one place: what comes over HTTP and by a topic is known to be the same."""

import hmac
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid5

from infra.journal.arrivals import Arrival
from infra.web.desk import Asking
from infra.web.reader import Reader

COMMANDS: Final = UUID("0c7e1d2a-63c5-5b0e-8f6b-c0bd0c0a4d5e")


def command_id(reader: Reader, key: str) -> str:
    """The id of the command that this reader names with this key, for ever."""
    return str(uuid5(COMMANDS, f"{reader.site}\x1f{reader.id}\x1f{key}"))


def fingerprint(secret: bytes, method: str, path: str, body: bytes) -> bytes:
    """The keyed digest (HMAC-SHA-256) of a request, by which it is told from another one of the same key."""
    return hmac.digest(secret, b"\x00".join((method.encode(), path.encode(), body)), sha256)


def asking_by_topic(
    reader: Reader, path: str, key: str, body: bytes, *, secret: bytes, now: datetime, arrival: Arrival | None
) -> Asking:
    """As of a POST to `path`, for what came by a topic. `arrival` is None where the record was acted on before."""
    return Asking(
        command_id=command_id(reader, key),
        reader=reader,
        fingerprint=fingerprint(secret, "POST", path, body),
        now=now,
        arrival=arrival,
    )
