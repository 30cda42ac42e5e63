"""The ledger checked by a client: every record fetched, and each service's chain of hashes reckoned from them anew.

`hash = SHA-256(hash before || SHA-256(record))`, and 32 zero bytes before the first: a record that is missing, doubled
or changed gives another end than the one that audit says it has witnessed.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

import msgspec

from demo import ledger
from demo.client import Api

NOTHING: Final = bytes(32)


class _Stored(msgspec.Struct):
    """What is read of one message as it was heard: `record` are its very bytes."""

    record: msgspec.Raw


class _Check(msgspec.Struct):
    service: str
    number: int
    hash: str


class _Checks(msgspec.Struct):
    services: tuple[_Check, ...]


def broken(auditor: Api) -> Sequence[str]:
    """The services whose messages in the ledger do not end as audit says they do."""
    ends = auditor.get_as(_Checks, "/audit/checks")
    heads: dict[str, bytes] = {}
    hashes: dict[tuple[str, int], str] = {}
    for line in ledger.read(auditor):
        stored = auditor.get_as(_Stored, f"/audit/messages/{line.id}")
        digest = sha256(bytes(stored.record)).digest()
        heads[line.service] = sha256(heads.get(line.service, NOTHING) + digest).digest()
        hashes[line.service, line.number] = heads[line.service].hex()
    return [end.service for end in ends.services if hashes.get((end.service, end.number)) != end.hash]
