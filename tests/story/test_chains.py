"""A client reckons the ledger's chains anew, and finds what is missing, changed or doubled."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import accumulate
from typing import Any

import msgspec

from demo import chains
from demo.client import Api
from tests.story.scripted import Request, scripted

Record = dict[str, str]


def head(records: Sequence[Record]) -> str:
    """The hash that a chain of these records ends with."""
    digests = (sha256(msgspec.json.encode(record)).digest() for record in records)
    return list(accumulate(digests, lambda end, digest: sha256(end + digest).digest(), initial=bytes(32)))[-1].hex()


def broken(shown: Sequence[Record], witnessed: Sequence[Record]) -> Sequence[str]:
    """What is found where the ledger shows these records, and audit says that it has witnessed those."""
    lines: list[dict[str, Any]] = [
        {
            "order": order,
            "service": "intake",
            "number": order,
            "id": f"m{order}",
            "type": "intake.victim-named.v1",
            "recordedtime": "2026-03-02T09:30:00.000000Z",
            "person": None,
            "causationid": "c",
            "actor": "service:intake",
            "data": {},
        }
        for order in range(1, len(shown) + 1)
    ]

    def answer(request: Request) -> tuple[int, Any]:
        if request.path == "/audit/checks":
            return 200, {"services": [{"service": "intake", "number": len(witnessed), "hash": head(witnessed)}]}
        if request.path.startswith("/audit/messages?"):
            after = int(request.path.partition("after=")[2].partition("&")[0])
            return 200, {"messages": lines[after:], "last": len(lines)}
        return 200, {"record": shown[int(request.path.rpartition("/m")[2]) - 1]}

    with scripted(answer) as base, Api(base, "wrk_piers-holt", "invented") as auditor:
        return chains.broken(auditor)


ONE, TWO, THREE = ({"id": f"m{number}", "salt": "s"} for number in (1, 2, 3))


def test_a_whole_chain_is_found_whole() -> None:
    assert [] == broken([ONE, TWO, THREE], [ONE, TWO, THREE])


def test_what_came_in_after_the_check_is_no_break() -> None:
    assert [] == broken([ONE, TWO, THREE], [ONE, TWO])


def test_a_record_that_is_missing_changed_or_doubled_breaks_it() -> None:
    assert ["intake"] == broken([ONE, THREE], [ONE, TWO, THREE])
    assert ["intake"] == broken([ONE, TWO | {"salt": "t"}, THREE], [ONE, TWO, THREE])
    assert ["intake"] == broken([ONE, ONE, TWO], [ONE, TWO, THREE])
