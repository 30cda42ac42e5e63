"""The ledger checked by a client: numbers without a gap, and each service's chain of hashes reckoned anew.

`hash = SHA-256(hash before || SHA-256(record))`, and 32 zero bytes before the first. Nobody has to be trusted for it.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import msgspec

from demo import ledger
from demo.client import Api

NOTHING: Final = bytes(32)


class _Stored(msgspec.Struct):
    """What is read of one message as it was heard: `record` are its very bytes."""

    number: int
    hash: str
    record: msgspec.Raw


class _Check(msgspec.Struct):
    service: str
    number: int
    hash: str


class _Checks(msgspec.Struct):
    services: tuple[_Check, ...]


def broken_chains(auditor: Api) -> Mapping[str, str]:
    """What is wrong with each service's messages, by its name; empty if every chain ends as audit says it does."""
    checks: _Checks = auditor.get_as(_Checks, "/audit/checks")
    ends = {check.service: check for check in checks.services}
    heads = dict.fromkeys(ends, (0, NOTHING))
    broken: dict[str, str] = {}
    for line in ledger.read(auditor):
        stored: _Stored = auditor.get_as(_Stored, f"/audit/messages/{line.id}")
        number, head = heads.get(line.service, (0, NOTHING))
        head = sha256(head + sha256(bytes(stored.record)).digest()).digest()
        heads[line.service] = (number + 1, head)
        if (stored.number, stored.hash) != (number + 1, head.hex()):
            broken.setdefault(line.service, f"number {line.number} does not follow {number}")
    for service, check in ends.items():
        number, head = heads[service]
        if number < check.number or (number == check.number and check.hash != head.hex()):
            broken.setdefault(service, f"the chain ends at {number}, and not as audit says")
    return broken
