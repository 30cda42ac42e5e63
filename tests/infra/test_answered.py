"""From where on a topic's records may be without an answer, told from the last answer there is."""

import pytest

from infra.bus.kafka.answered import Headers, answered, first_unanswered, headers
from infra.journal.arrivals import Reached

AT = Reached(7, b"as sent")


@pytest.mark.parametrize(
    ("last", "is_unused", "expected"),
    [
        (AT, False, 8),
        (Reached(7, b"in the topic before"), False, 7),
        (Reached(6, b"the one before"), False, 7),
        (Reached(3, b"answers were lost"), False, 4),
        (Reached(90, b"in the topic before"), False, 7),
        (None, False, 7),
        (None, True, 0),
    ],
    ids=["all answered", "same place", "the last one", "several", "further on", "too old to be there", "none ever"],
)
def test_the_first_that_may_be_without_an_answer(last: Reached | None, is_unused: bool, expected: int) -> None:  # noqa: FBT001 - a row of the table
    assert expected == first_unanswered(AT, last, is_unused=is_unused)


def test_an_answer_says_which_record_it_answers() -> None:
    assert AT == answered(headers(AT))


@pytest.mark.parametrize(
    "said",
    [
        [],
        [("offset", b"7")],
        [("offset", b"seven"), ("digest", b"00")],
        [("offset", b"7"), ("digest", b"no digest")],
        [("offset", b"\xff"), ("digest", b"\xff")],
        [("offset", None), ("digest", None)],
    ],
)
def test_what_is_no_answer_of_ours_says_nothing(said: Headers) -> None:
    assert answered(said) is None
