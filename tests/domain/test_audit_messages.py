"""What audit shows of the ledger: messages in order, one byte for byte, causes and effects, and where each ends."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from infra.hearing import Trouble
from infra.journal.chain import NOTHING, last_link
from infra.journal.journal import messages
from infra.journal.staging import Cause
from infra.web.reader import Reader, Role
from schemas.casework import CaseOpened
from schemas.ids import derive
from schemas.vocabulary import MESSAGES
from services.audit import access, read_models
from services.audit.service import AUDIT
from tests.domain import told
from tests.domain.alone import SAYS_ANYTHING, SITE, Alone
from tests.domain.told import NOW, PERSON


def reader(*roles: Role) -> Reader:
    return Reader(id="wrk_ada", roles=frozenset(roles), agency="site", site=SITE)


AUDITOR = reader("auditor")


@pytest.fixture
def audit(tmp_path: Path) -> Iterator[Alone]:
    alone = Alone(AUDIT, tmp_path, NOW)
    yield alone
    alone.close()


def hear_the_story(audit: Alone) -> None:
    audit.tell("intake", told.referral_received())
    audit.tell("casework", told.case_opened(), told.case_allocated())
    audit.tell("victim_liaison", told.information_released())


def lines(audit: Alone, who: Reader = AUDITOR, order: int = 0, count: int = 100) -> list[read_models.Line]:
    return list(audit.look(lambda connection: read_models.after(connection, who, order, count)))


def because_of(audit: Alone, source: str, cause: str, *, word: str) -> str:
    """A message of the source, caused by another one. Returns its id."""
    journal = audit.sources[source]
    before = journal.head()
    event = CaseOpened(person=PERSON, referral=derive("ref", word))
    with journal.transaction(NOW) as transaction:
        (id,) = transaction.append(
            SAYS_ANYTHING, word, [event], Cause(id=cause, correlation="story", actor="service:x")
        )
    with journal.database.reading() as connection:
        audit.hear(source, messages(connection, before.number, before.message_hash, 10))
    return id


def test_messages_stand_in_the_order_in_which_they_were_witnessed(audit: Alone) -> None:
    hear_the_story(audit)

    assert [
        ("intake", 1, "intake.referral-received.v1", PERSON),
        ("casework", 1, "casework.case-opened.v1", PERSON),
        ("casework", 2, "casework.case-allocated.v1", PERSON),
        ("victim_liaison", 1, "victim-liaison.information-released.v1", PERSON),
    ] == [(line.service, line.number, line.type, line.person) for line in lines(audit)]


def test_a_line_says_what_the_message_says(audit: Alone) -> None:
    hear_the_story(audit)
    opened = lines(audit)[1]

    assert told.case_opened() == msgspec.json.decode(opened.data, type=MESSAGES[opened.type])
    assert ("cause-2", "story-2", "wrk_somebody") == (opened.causationid, opened.correlationid, opened.actor)


def test_what_crossed_the_wall_names_nobody_as_its_cause(audit: Alone) -> None:
    hear_the_story(audit)
    released = lines(audit)[-1]

    assert (released.id, released.id, "service:victim_liaison") == (
        released.causationid,
        released.correlationid,
        released.actor,
    )


def test_a_page_goes_on_where_the_one_before_ended(audit: Alone) -> None:
    hear_the_story(audit)
    first = lines(audit, count=3)

    assert lines(audit) == [*first, *lines(audit, order=first[-1].order)]


def test_one_message_is_shown_byte_for_byte(audit: Alone) -> None:
    (sent,) = audit.tell("disruption", told.order_breached())
    line = lines(audit)[0]

    stored = audit.look(lambda connection: read_models.one(connection, AUDITOR, line.id))

    assert stored is not None
    assert (sent.raw, sent.hash.hex()) == (bytes(stored.record), stored.hash)
    assert sent.raw in msgspec.json.encode(stored)


def test_checks_say_where_each_services_messages_end(audit: Alone) -> None:
    hear_the_story(audit)

    checks = audit.look(lambda connection: read_models.checks(connection, AUDITOR))

    expected = []
    for name in ("casework", "intake", "victim_liaison"):
        with audit.sources[name].database.reading() as connection:
            sent = messages(connection, 0, NOTHING, 10)
        expected.append((name, len(sent), last_link(NOTHING, (one.raw for one in sent)).hex()))
    assert expected == [(check.service, check.number, check.hash) for check in checks]


def test_causes_go_up_and_effects_go_down(audit: Alone) -> None:
    first = because_of(audit, "intake", "a command", word="first")
    second = because_of(audit, "casework", first, word="second")
    third = because_of(audit, "notifications", second, word="third")
    fourth = because_of(audit, "notifications", second, word="fourth")
    because_of(audit, "disruption", "another command", word="apart")

    found = audit.look(lambda connection: read_models.causes(connection, AUDITOR, second))
    from_above = audit.look(lambda connection: read_models.causes(connection, AUDITOR, first))
    from_below = audit.look(lambda connection: read_models.causes(connection, AUDITOR, fourth))

    assert found is not None
    assert from_above is not None
    assert from_below is not None
    assert ([first], [third, fourth]) == ([one.id for one in found.causes], [one.id for one in found.effects])
    assert [second, third, fourth] == [one.id for one in from_above.effects]
    assert [second, first] == [one.id for one in from_below.causes]
    assert found.is_whole


def test_of_what_was_never_said_nothing_is_known(audit: Alone) -> None:
    hear_the_story(audit)

    assert audit.look(lambda connection: read_models.causes(connection, AUDITOR, "nothing")) is None
    assert audit.look(lambda connection: read_models.one(connection, AUDITOR, "nothing")) is None


@pytest.mark.parametrize("roles", [(), ("operator",), ("service",), ("practice-manager",), ("auditor", "liaison-lead")])
def test_nobody_but_an_auditor_reads_the_ledger(audit: Alone, roles: tuple[Role, ...]) -> None:
    hear_the_story(audit)
    who = reader(*roles)
    id = lines(audit)[0].id

    assert not access.may_read_the_ledger(who)
    assert [] == lines(audit, who)
    assert [] == list(audit.look(lambda connection: read_models.checks(connection, who)))
    assert audit.look(lambda connection: read_models.one(connection, who, id)) is None
    assert audit.look(lambda connection: read_models.causes(connection, who, id)) is None


def test_a_message_heard_again_is_witnessed_once(audit: Alone) -> None:
    sent = audit.tell("intake", told.referral_received())
    before = audit.recorded()
    audit.hear("intake", sent)

    assert before == audit.recorded()


def test_a_changed_message_stops_its_source_before_it_reaches_the_ledger(audit: Alone) -> None:
    (sent,) = audit.tell("intake", told.referral_received())
    forged = replace(sent, number=2, raw=sent.raw.replace(b"new", b"old"))

    assert Trouble(number=2, code="forked") == audit.hear("intake", [forged]).trouble
    assert 1 == len(lines(audit))


def test_a_rebuilt_ledger_equals_the_live_one(audit: Alone) -> None:
    hear_the_story(audit)
    live = lines(audit)

    audit.journal.rebuild()

    assert live == lines(audit)
