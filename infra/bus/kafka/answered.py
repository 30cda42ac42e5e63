"""How far the records of a topic were answered: told by the last answer itself, and kept nowhere else.

An answer is acknowledged before the next record is taken. So only the last record acted on can be without one, unless
answers were lost by the broker, or their topic was made anew.
"""

from collections.abc import Sequence
from typing import Final

from infra.journal.arrivals import Reached

OFFSET: Final = "offset"
DIGEST: Final = "digest"

Headers = Sequence[tuple[str, bytes | None]]


def headers(of: Reached) -> Headers:
    """What an answer says of the record it answers: its offset and its keyed digest, as text."""
    return [(OFFSET, str(of.offset).encode()), (DIGEST, of.digest.hex().encode())]


def answered(said: Headers) -> Reached | None:
    """The record that an answer answers; None for what is no answer of ours."""
    by_name = dict(said)
    offset, digest = by_name.get(OFFSET), by_name.get(DIGEST)
    if offset is None or digest is None:  # a header may be there and have no value
        return None
    try:
        return Reached(int(offset), bytes.fromhex(digest.decode()))
    except ValueError:
        return None


def first_unanswered(at: Reached, last: Reached | None, *, is_unused: bool) -> int:
    """The first offset whose record may be without an answer, where the last one acted on is `at`.

    `last` is what the last answer answers, None where there is none to be read; `is_unused`: there never was one. An
    offset alone says too little: that of another record, in the topic as it was before, may be the same.
    """
    if is_unused:
        return 0
    if last == at:
        return at.offset + 1
    if last is not None and last.offset < at.offset:
        return last.offset + 1
    return at.offset
