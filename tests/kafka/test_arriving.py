"""Whatever a topic brings and however often, what a listener is given is its source's own next messages, or nothing."""

from typing import Any, Final

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from infra.bus.kafka.arriving import NUMBER_MAX, Arriving, Brought, number_of
from infra.journal.chain import NOTHING, link
from infra.journal.journal import Sent
from infra.journal.place import Place

PARISH: Final = "/cordon/northmere/parish"
MESSAGES: Final = 30
LIMIT: Final = 4
"""As many are asked for at once: few, so that a listener is often in the middle."""


def record(number: object, source: str = PARISH, says: str = "so") -> bytes:
    return msgspec.json.encode({"source": source, "subject": "hall-nave", "number": number, "says": says})


def messages(count: int) -> list[Sent]:
    """What a source has said, chained."""
    said, hash = [], NOTHING
    for number in range(1, count + 1):
        raw = record(number)
        hash = link(hash, raw)
        said.append(Sent(number, hash, raw))
    return said


SAID: Final = messages(MESSAGES)
ODD_MAX: Final = 2
"""In one run: every odd record raises doubt, and in doubt there is little to see."""


def place(number: int) -> Place:
    """Where somebody stands who has heard so many."""
    return Place(number, SAID[number - 1].hash) if number else Place()


def begun(heard: int = 0) -> Arriving:
    """For a listener who has heard so many and asked its source, which had said no more."""
    arriving = Arriving(PARISH, 10)
    arriving.begin(place(heard))
    arriving.after(place(heard), LIMIT)
    arriving.fetched(place(heard), [], is_all=True)
    return arriving


def bring(arriving: Arriving, *numbers: int) -> list[Brought]:
    return [arriving.bring(SAID[number - 1].raw, SAID[number - 1].hash) for number in numbers]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"no JSON",
        b"\xff\xfe",
        b'{"a":' + b"[" * 200_000,
        record(1, "/cordon/northmere/sexton"),
        record(1, "/cordon/elsewhere/parish"),
        record(0),
        record(-1),
        record(1.5),
        record("1"),
        record(NUMBER_MAX + 1),
        record(10**30),
        msgspec.json.encode({"source": PARISH}),
    ],
    ids=lambda raw: raw[:40].decode("latin-1"),
)
def test_what_is_no_message_of_the_source_is_foreign_and_changes_nothing(raw: bytes) -> None:
    arriving = begun()

    assert number_of(raw, PARISH) is None
    assert Brought.FOREIGN == arriving.bring(raw, link(NOTHING, raw))
    assert [] == arriving.after(Place(), LIMIT)


def test_before_the_source_was_asked_nothing_can_be_told() -> None:
    arriving = Arriving(PARISH, 10)
    before = arriving.last
    arriving.begin(place(3))

    assert before is None
    assert place(3) == arriving.last
    assert arriving.after(place(3), LIMIT) is None


def test_what_follows_is_given_and_what_was_acted_on_is_not_given_again() -> None:
    arriving = begun(3)

    assert [Brought.NEXT, Brought.NEXT] == bring(arriving, 4, 5)
    assert SAID[3:5] == arriving.after(place(3), LIMIT)
    assert SAID[4:5] == arriving.after(place(4), LIMIT)
    assert [] == arriving.after(place(5), LIMIT)


def test_a_gap_raises_doubt_and_what_stands_beyond_it_waits_for_the_source() -> None:
    arriving = begun()

    assert [Brought.NEXT, Brought.GAP] == bring(arriving, 1, 3)
    assert arriving.after(Place(), LIMIT) is None
    assert SAID[:1] == arriving.after(Place(), LIMIT, in_doubt=True)

    arriving.fetched(Place(), SAID[:3], is_all=True)

    assert [] == arriving.after(place(3), LIMIT)


@pytest.mark.parametrize("held", [3, 5], ids=["the-last-one", "one-of-those-that-wait"])
def test_another_message_under_a_number_that_waits_is_different(held: int) -> None:
    arriving = begun()
    bring(arriving, *range(1, held + 1))

    assert Brought.KNOWN == bring(arriving, 3)[0]
    assert Brought.DIFFERENT == arriving.bring(record(3, says="otherwise"), SAID[2].hash)
    assert arriving.after(Place(), LIMIT) is None
    assert [] == arriving.after(Place(), LIMIT, in_doubt=True)


def test_of_the_message_heard_last_another_one_is_told_by_its_bytes_or_else_by_its_hash() -> None:
    brought, stored = begun(), begun(1)
    bring(brought, 1)
    brought.after(place(1), LIMIT)
    other = record(1, says="otherwise")

    assert [Brought.KNOWN] == bring(brought, 1) == bring(stored, 1)
    assert Brought.DIFFERENT == brought.bring(other, SAID[0].hash)
    assert Brought.DIFFERENT == stored.bring(other, link(NOTHING, other))


@pytest.mark.parametrize("hash", [None, b"", NOTHING, SAID[2].hash], ids=["none", "empty", "nothing", "of-another"])
def test_a_message_whose_header_does_not_say_its_hash_is_different(hash: bytes | None) -> None:
    arriving = begun(1)

    assert Brought.DIFFERENT == arriving.bring(SAID[1].raw, hash)
    assert arriving.after(place(1), LIMIT) is None


def test_a_doubt_that_comes_while_the_source_is_asked_is_not_settled_by_its_answer() -> None:
    """The source answers, then says one more, which the topic loses; of that the head tells before the answer is in."""
    arriving = begun()
    arriving.doubt()
    asked = arriving.after(Place(), LIMIT)
    arriving.compare(place(2))
    arriving.fetched(Place(), SAID[:1], is_all=True)

    assert asked is None
    assert arriving.after(place(1), LIMIT) is None


def test_when_the_source_gives_another_history_than_its_topic_its_own_counts() -> None:
    arriving = begun(1)
    hash = SAID[0].hash
    for number in (2, 3, 4):
        raw = record(number, says="otherwise")
        hash = link(hash, raw)

        assert Brought.NEXT == arriving.bring(raw, hash)

    arriving.doubt()
    arriving.after(place(1), LIMIT)
    arriving.fetched(place(1), SAID[1:3], is_all=True)

    assert [] == arriving.after(place(3), LIMIT)
    assert [Brought.NEXT] == bring(arriving, 4)


def test_an_answer_from_before_what_was_acted_on_is_no_news() -> None:
    arriving = begun()
    bring(arriving, 1, 2, 3)
    arriving.after(place(2), LIMIT)
    arriving.fetched(Place(), SAID[:1], is_all=True)

    assert SAID[2:3] == arriving.after(place(2), LIMIT)


def test_a_reader_is_held_while_the_listener_has_enough() -> None:
    arriving = begun()
    bring(arriving, *range(1, 11))
    is_full = arriving.is_full
    arriving.after(place(1), LIMIT)

    assert is_full
    assert not arriving.is_full


class AnyOrder(RuleBasedStateMachine):
    """A source speaks, its topic brings copies, gaps and worse, a listener looks, asks, acts, and is overtaken by
    another process of its service. No forger who knows how hashes are made.
    """

    def __init__(self) -> None:
        super().__init__()
        self.arriving = Arriving(PARISH, 10)
        self.said = 0
        self.shown = 0
        """The largest number that the topic or the head has shown since: nobody may believe that there is less."""
        self.heard = 0
        self.odd = 0
        self.given: list[Sent] = []
        self.question: tuple[int, int] | None = None
        """What was heard, and what had been said, when the source was asked."""

    @initialize(heard=st.integers(0, 5))
    def begin(self, heard: int) -> None:
        self.said = self.heard = heard
        self.arriving.begin(place(heard))

    @rule(more=st.integers(1, 3))
    def speak(self, more: int) -> None:
        self.said = min(self.said + more, MESSAGES)

    @precondition(lambda self: self.said)
    @rule(drawn=st.data())
    def bring(self, drawn: st.DataObject) -> None:
        number = drawn.draw(st.integers(1, self.said))
        bring(self.arriving, number)
        self.shown = max(self.shown, number)

    @rule(count=st.integers(1, 4))
    def bring_next(self, count: int) -> None:
        last = self.arriving.last
        assert last is not None
        numbers = range(last.number + 1, min(last.number + count, self.said) + 1)
        bring(self.arriving, *numbers)
        self.shown = max(self.shown, *numbers, 0, 0)

    @precondition(lambda self: self.odd < ODD_MAX)
    @rule(number=st.integers(1, MESSAGES), hash=st.sampled_from([None, NOTHING, *(sent.hash for sent in SAID)]))
    def bring_odd(self, number: int, hash: bytes | None) -> None:
        self.odd += 1
        self.arriving.bring(record(number, says="otherwise"), hash)
        self.arriving.bring(b"no JSON", hash)

    @rule()
    def compare(self) -> None:
        self.arriving.compare(place(self.said))
        self.shown = max(self.shown, self.said)

    @rule(is_reachable=st.booleans())
    def look(self, *, is_reachable: bool) -> None:
        given = self.arriving.after(place(self.heard), LIMIT, in_doubt=not is_reachable)
        if given is None:
            self.question = self.heard, self.said
            return

        assert SAID[self.heard : self.heard + len(given)] == given
        assert given or not is_reachable or self.heard >= self.shown

        self.given = given

    @precondition(lambda self: self.question is not None)
    @rule()
    def answer(self) -> None:
        assert self.question is not None
        heard, said = self.question
        sent = SAID[heard : min(heard + LIMIT, said)]
        self.arriving.fetched(place(heard), sent, is_all=len(sent) < LIMIT)
        self.question = None
        if heard == self.heard:
            self.given = sent

    @rule(some=st.integers(0, LIMIT))
    def act(self, some: int) -> None:
        self.heard += len(self.given[:some])
        self.given = []

    @rule()
    def listen(self) -> None:
        """All at once."""
        self.look(is_reachable=True)
        if self.question is not None:
            self.answer()
        self.act(LIMIT)

    @rule(some=st.integers(1, 6))
    def is_overtaken(self, some: int) -> None:
        self.heard = min(self.heard + some, self.said)
        self.given = []

    @invariant()
    def what_is_accounted_for_was_said(self) -> None:
        last = self.arriving.last

        assert last is None or place(last.number) == last
        assert last is None or last.number <= self.said

    def teardown(self) -> None:
        """Left alone with its source, the listener hears all of it."""
        if self.question is not None:
            self.answer()
        self.compare()
        for _ in range(2 * MESSAGES):
            self.listen()

        assert self.said == self.heard


TestAnyOrder: Any = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=150, stateful_step_count=40)
