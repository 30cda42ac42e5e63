"""The ledger of one service: each message in its place, once, on an unbroken chain."""

from hashlib import sha256

from infra.decider import fold
from infra.service import EVERYTHING, Ask, Heard
from schemas.audit import MessageWitnessed
from services.audit import reactions
from services.audit.domain import ledger
from services.audit.domain.ledger import WitnessMessage
from services.audit.domain.refusals import REFUSALS
from services.audit.reactions import react
from services.audit.service import AUDIT
from tests.domain import told
from tests.given import given
from tests.known import KnownStates
from tests.refusal_codes import codes_of

RECORDS = tuple(f'{{"id":"message {number}"}}' for number in range(4))


def chained(records: tuple[str, ...] = RECORDS) -> list[bytes]:
    """The hash of the chain after each record, computed apart from the code it checks."""
    hashes = []
    previous = b"\x00" * 32
    for record in records:
        previous = sha256(previous + sha256(record.encode()).digest()).digest()
        hashes.append(previous)
    return hashes


def witness(number: int, hash: bytes | None = None, record: str | None = None) -> WitnessMessage:
    return WitnessMessage(
        service="intake",
        number=number,
        hash=chained()[number - 1] if hash is None else hash,
        record=RECORDS[number - 1] if record is None else record,
    )


def witnessed(number: int) -> MessageWitnessed:
    return MessageWitnessed(service="intake", number=number, hash=chained()[number - 1], record=RECORDS[number - 1])


def test_the_first_message_is_witnessed() -> None:
    given(ledger).when(witness(1)).then(witnessed(1))


def test_the_next_message_is_witnessed() -> None:
    given(ledger, witnessed(1), witnessed(2)).when(witness(3)).then(witnessed(3))


def test_a_message_that_was_witnessed_is_not_witnessed_again() -> None:
    given(ledger, witnessed(1), witnessed(2)).when(witness(2)).then_nothing()
    given(ledger, witnessed(1), witnessed(2)).when(witness(1)).then_nothing()


def test_a_message_beyond_the_next_would_leave_a_gap() -> None:
    given(ledger, witnessed(1)).when(witness(3)).then_rejected("ledger-gap")
    given(ledger).when(witness(2)).then_rejected("ledger-gap")


def test_a_record_that_was_changed_breaks_the_chain() -> None:
    given(ledger, witnessed(1)).when(witness(2, record=RECORDS[1] + " ")).then_rejected("ledger-chain-broken")


def test_a_hash_that_does_not_follow_from_the_one_before_breaks_the_chain() -> None:
    given(ledger, witnessed(1)).when(witness(2, hash=chained()[2])).then_rejected("ledger-chain-broken")


def test_another_message_under_the_last_number_is_a_fork() -> None:
    other = chained((RECORDS[0], RECORDS[3]))[1]

    given(ledger, witnessed(1), witnessed(2)).when(witness(2, hash=other, record=RECORDS[3])).then_rejected(
        "ledger-forked"
    )


def test_the_ledger_ends_where_the_last_message_ends() -> None:
    assert ledger.Ledger(number=3, hash=chained()[2]) == fold(ledger, (witnessed(1), witnessed(2), witnessed(3)))


def test_every_message_is_witnessed_as_the_bytes_it_is() -> None:
    raw = RECORDS[0].encode()
    heard = Heard("intake", told.record_of(told.case_opened()), told.case_opened(), raw, 1, chained()[0])

    assert (Ask(ledger, "intake", witness(1)),) == tuple(react(heard, KnownStates({}, told.NOW)))


def test_it_hears_everything_of_every_service_but_its_own() -> None:
    assert {"intake", "casework", "disruption", "victim_liaison", "notifications"} == set(AUDIT.hears)
    assert {EVERYTHING} == set(reactions.HEARS.values())


def test_it_holds_no_key() -> None:
    assert () == AUDIT.compartments


def test_every_refusal_has_its_sentence() -> None:
    assert set(REFUSALS) == codes_of("audit", ledger)
    assert REFUSALS is AUDIT.refusals
