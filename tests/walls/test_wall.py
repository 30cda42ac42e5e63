"""Between the two sides stands a wall: what happens on hers is seen from nowhere else, and where he is not from hers.

Everybody has walked through every address at the end of the story; nothing is asked here, only looked through.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pytest

from infra.web.reader import Role
from schemas import vocabulary
from schemas.journal import Crossed
from schemas.notifications import NoticeAcknowledged
from schemas.reports.prison import OrderBreached, PrisonerReceived
from schemas.victim_liaison import ContactReported, SubstituteNamed
from tests.installation import AUDITOR, CLIENTS, OPERATOR, PRISON, STRANGER
from tests.walls.evidence import NOBODY, Evidence
from tests.walls.watched import Exchange


def holding_any(*roles: Role) -> tuple[str, ...]:
    """The readers with one of these roles, whatever other they hold."""
    return tuple(id for id, client in CLIENTS.items() if not set(roles).isdisjoint(client.roles))


HER_SIDE: Final = holding_any("liaison-worker", "liaison-lead")
ELSEWHERE: Final = (
    *holding_any("case-manager", "coordinator", "practice-manager", "agency", "operator"),
    STRANGER,
    NOBODY,
)
"""Whoever holds a role on both sides stands here too: on hers there is nothing for such a reader (wall 2)."""
ON_THE_RECORD: Final = holding_any("auditor", "service")
"""They read messages, whole, and no service's own answers."""

NAMES_A_VICTIM: Final = frozenset({"intake.victim-named.v1"})
"""By its reference alone, for the victim's side to hear; whoever reads messages as such reads this one, too."""
NAMES_A_WORKER: Final = frozenset(
    {
        "victim-liaison.liaison-named.v1",
        "victim-liaison.liaison-stood-down.v1",
        "notifications.notice-raised.v1",
        "notifications.notice-escalated.v1",
    }
)
"""Whom to tell, and that he or she was told."""

PLACES: Final = ("establishment", "wing")
HERS: Final = re.compile(rb"\b(?:vic|con|nam)_[a-z2-7]{26}")
"""References of a victim, of what she reported, and of what a report says of her."""

Record = dict[str, Any]


def records(evidence: Evidence, service: str, *, shared: bool) -> list[Record]:
    """The messages of a service, or what never left it."""
    return [json.loads(one.raw) for one in evidence.journals[service] if (one.number is not None) is shared]


def messages_in(exchanges: Iterable[Exchange]) -> list[Record]:
    """Every message that stands in these answers, whichever way it is told."""
    told = [each for each in exchanges if each.status == 200 and each.route.startswith(("/audit/", "/services/"))]
    return [one for each in told for one in _messages(json.loads(each.body))]


def _messages(value: object) -> Iterable[Record]:
    if isinstance(value, str) and value.startswith('{"id":"'):
        value = json.loads(value)
    if isinstance(value, dict):
        if value.get("type") in vocabulary.MESSAGES:
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _messages(one)


def told_to(evidence: Evidence, who: str) -> Mapping[str, bytes]:
    """Everything that this reader got, bodies, headers and live streams."""
    answers = {f"{place} {each.name}": each.headers + each.body for place, each in enumerate(evidence.walked[who])}
    return answers | {path: told for (reader, path), told in evidence.streams.items() if reader == who}


def holding(told: Mapping[str, bytes], words: Iterable[str]) -> list[str]:
    """Which of these words stand where."""
    looked_for = set(words)
    return [f"{word} in {place}" for place, content in told.items() for word in looked_for if word.encode() in content]


def test_everybody_was_asked(evidence: Evidence) -> None:
    asked = {*HER_SIDE, *ELSEWHERE, *ON_THE_RECORD}

    assert {*CLIENTS, NOBODY} == asked == evidence.walked.keys()
    assert all(any(each.status == 200 for each in evidence.walked[who]) for who in asked)


@pytest.mark.parametrize("who", ELSEWHERE)
def test_no_answer_tells_of_a_victim_or_of_who_stands_with_her(evidence: Evidence, who: str) -> None:
    """SR-4: no reference of hers or of what she told. SR-16: nobody's name or number who stands with her."""
    told = told_to(evidence, who)

    assert [] == holding(told, [*evidence.story.victims, evidence.story.contact, *HER_SIDE])
    assert [] == [place for place, content in told.items() if HERS.search(content)]


@pytest.mark.parametrize("who", ON_THE_RECORD)
def test_messages_name_a_victim_or_a_worker_only_where_they_must(evidence: Evidence, who: str) -> None:
    messages = messages_in(evidence.walked[who])
    victims, workers = (evidence.story.victims, HER_SIDE)

    assert NAMES_A_VICTIM == {one["type"] for one in messages if any(each in json.dumps(one) for each in victims)}
    assert NAMES_A_WORKER >= {one["type"] for one in messages if any(each in json.dumps(one) for each in workers)}
    assert [] == holding(told_to(evidence, who), [evidence.story.contact])


def alone_on_her_side(evidence: Evidence) -> set[str]:
    """The moments at which she told, somebody was named, or a notice was seen on her side, and nobody said anything."""
    said = {one["recordedtime"] for service in evidence.journals for one in records(evidence, service, shared=True)}
    kept = {
        one["recordedtime"]
        for service in ("victim_liaison", "notifications")
        for one in records(evidence, service, shared=False)
        if one["type"] in {ContactReported.TYPE, SubstituteNamed.TYPE, NoticeAcknowledged.TYPE}
    }
    return kept - said


@pytest.mark.parametrize("who", [*ELSEWHERE, *ON_THE_RECORD])
def test_no_answer_tells_when_something_was_done_on_her_side_alone(evidence: Evidence, who: str) -> None:
    """SR-16: not when she told, when somebody stood in for her worker, when somebody saw a notice. To the second."""
    moments = alone_on_her_side(evidence)

    assert moments
    assert [] == holding(told_to(evidence, who), (moment[:19] for moment in moments))


def test_the_metrics_which_count_what_is_opened_are_for_operators_alone(evidence: Evidence) -> None:
    """A count that rises tells that somebody on her side has just read or kept something."""
    shown = {who for who in evidence.walked for each in evidence.walked[who] if b"cordon_openings" in each.body}

    assert {OPERATOR} == shown


def test_what_crosses_names_no_cause_no_stream_and_nobody(evidence: Evidence) -> None:
    """Its envelope is its own: nothing in it is found in any private record but the one that keeps its true cause."""
    messages = records(evidence, "victim_liaison", shared=True)
    private = records(evidence, "victim_liaison", shared=False)
    names = ("id", "correlationid", "causationid", "subject")
    inside = {one[name] for one in private if one["type"] != Crossed.TYPE for name in names} - {"asked", "opened"}

    assert 7 <= len(messages)
    for one in messages:
        assert one["id"] == one["correlationid"] == one["causationid"]
        assert (f"person-{one['person']}", "service:victim_liaison") == (one["subject"], one["actor"])
        assert set() == {"agency", "onbehalfof", "purpose"} & one.keys()
        assert [] == [each for each in inside if each in json.dumps(one)]
        assert not re.search(r"\b(?:vic|con|nam|ref)_", json.dumps(one))


def test_the_true_cause_of_what_crosses_stands_in_a_private_record_beside_it(evidence: Evidence) -> None:
    private = records(evidence, "victim_liaison", shared=False)
    crossed = {one["data"]["message"]: one["data"]["cause"] for one in private if one["type"] == Crossed.TYPE}
    causes = {one["causationid"] for one in private if one["type"] != Crossed.TYPE}

    assert {one["id"] for one in records(evidence, "victim_liaison", shared=True)} == crossed.keys()
    assert set(crossed.values()) <= causes


def test_causes_and_effects_stop_at_the_wall(evidence: Evidence) -> None:
    """Whoever follows a message up comes to one that crossed, and no further."""
    shown = [json.loads(each.body) for each in evidence.walked[AUDITOR] if each.route == "/audit/causes/{message_id}"]
    crossed = [one for one in shown if one["message"]["service"] == "victim_liaison"]

    assert 7 <= len(crossed)
    assert [] == [one["causes"] for one in crossed if one["causes"]]


def establishments(evidence: Evidence) -> set[str]:
    """Every way in which the story says where he is held."""
    fields = tuple(f"{kind.__name__}.{name}" for kind in (PrisonerReceived, OrderBreached) for name in PLACES)
    said = {word for canary in evidence.canaries if canary.field.startswith(fields) for word in canary.written}
    return {PRISON, "Fennholt", "fennholt", "HMP", *said}


@pytest.mark.parametrize("who", HER_SIDE)
def test_no_answer_to_her_side_says_where_he_is_held(evidence: Evidence, who: str) -> None:
    """SR-9: what and when, but never where: no code, no name, no establishment, in no task of his."""
    places = establishments(evidence)

    assert 6 <= len(places)
    assert {404} == {each.status for each in evidence.walked[who] if PRISON in each.path}
    assert [] == holding(told_to(evidence, who), places)
