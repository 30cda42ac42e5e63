"""The narrative has a sentence for everything that can be said, and each sentence fits what is said."""

import string

import msgspec
import pytest

from demo.clients import CASE_MANAGER, LIAISON_WORKER, PRISON
from demo.ledger import Line
from demo.sentences import NOTICE, REPORT, REPORTS, SENTENCES, sentence
from schemas.reports import BY_KIND
from schemas.vocabulary import MESSAGES


def fields_of(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def line(type: str, **said: object) -> Line:
    return Line(
        order=1,
        service="disruption",
        number=1,
        id="1",
        type=type,
        recordedtime="2026-03-02T09:30:00.000000Z",
        person=None,
        causationid="0",
        actor="service:disruption",
        data=said,
    )


def said_by(name: str) -> set[str]:
    """The fields of a message; of a report, that of the message that carries it too."""
    return {*BY_KIND[name].__struct_fields__, "agency"} if name in BY_KIND else {*MESSAGES[name].__struct_fields__}


def test_everything_that_can_be_said_has_a_sentence() -> None:
    assert set(MESSAGES) == {NOTICE, REPORT, *SENTENCES}
    assert set(BY_KIND) == set(REPORTS)


@pytest.mark.parametrize(("name", "template"), [*SENTENCES.items(), *REPORTS.items()])
def test_a_sentence_asks_for_nothing_that_is_not_said(name: str, template: str) -> None:
    assert set() == fields_of(template) - said_by(name)


def test_a_notice_says_who_is_told_what_and_by_when() -> None:
    raised = line(
        NOTICE, owner=LIAISON_WORKER, code="order-breached", detail="telephone", due_at="2026-03-02T10:00:00.000000Z"
    )

    assert "told: Amara Quill, to be seen by Mon 10:00: order breached (telephone)" == sentence(raised)


def test_a_report_is_told_by_its_kind() -> None:
    facts = {"kind": "prison.phones-recovered.v1", "task": "tsk_md5f4svs35nvlaz2kmovbefpdi", "handsets": 3}

    assert "HMP Fennholt tells: the search is done, 3 phones were recovered" == sentence(
        line(REPORT, agency=PRISON, facts=facts)
    )


def test_what_came_of_an_action_is_said_with_its_count() -> None:
    said = {"action": "act_jk6g6knlr5nrjojd7fhai7feji", "outcome": {"code": "phones-recovered", "count": 3}}

    assert "what came of the action is recorded: phones recovered, 3" == sentence(
        line("disruption.action-concluded.v1", **said)
    )


def test_no_reference_is_ever_shown() -> None:
    allocated = line("casework.case-allocated.v1", worker=CASE_MANAGER)
    unknown = line("casework.case-allocated.v1", worker="per_jk6g6knlr5nrjojd7fhai7feji")

    assert "the case is given to Tomas Bright" == sentence(allocated)
    assert "the case is given to a reference" == sentence(unknown)


def test_a_type_of_a_newer_server_is_said_by_its_name() -> None:
    assert "case closed" == sentence(line("casework.case-closed.v1", person=msgspec.UNSET))
