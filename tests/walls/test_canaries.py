"""No word of a person stands anywhere in the open: not at rest, not in a log, not in an answer but an opening's.

Every personal field there is has a canary of its own; they are said well, badly, again, to the wrong address and by
the wrong reader, and then every byte that was kept or answered is searched for them in every guise.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from tests.installation import AUDITOR, CASE_MANAGER, COORDINATOR, LEAD, LENA, MAY, OPERATOR, PRACTICE_MANAGER, PRISON
from tests.walls.canaries import Canary, caught, net
from tests.walls.evidence import Evidence
from tests.walls.personal import personal
from tests.walls.watched import OPENINGS

ON_HIS_SIDE: Final = {COORDINATOR, CASE_MANAGER, PRACTICE_MANAGER}
SHOWN: Final[Mapping[str, tuple[set[str], tuple[str, ...]]]] = {
    "/cases/{person}/identity": (ON_HIS_SIDE, ("About.", "Identifier.", "PrisonerReceived.establishment")),
    "/actions/{action_id}/text": (ON_HIS_SIDE, ("Proposal.", "Change.")),
    "/agencies/{code}/tasks/{task_id}": ({PRISON}, ("Change.tasking",)),
    "/victims/{reference}": ({LEAD, LENA, MAY}, ("VictimDetails.", "NewVictim.")),
    "/victims/{reference}/contacts/{contact}": ({LEAD, LENA}, ("NewContact.words",)),
    "/consultations/{action}": ({LEAD, LENA, MAY}, ("Proposal.plan", "Change.plan", "NewAnswer.reason")),
}
"""For each opening: to whom, and which fields."""


def said_in(body: bytes, canaries: Sequence[Canary]) -> set[Canary]:
    """Those that stand in it as they were said, or as they are kept."""
    text = body.decode()
    return {canary for canary in canaries if canary.field and any(one in text for one in canary.written)}


def test_every_personal_field_was_said_and_taken(evidence: Evidence) -> None:
    """A field that is added is personal until its pattern says otherwise, and is asked for here."""
    taken = [each.sent for each in evidence.told if each.method == "POST" and each.status < 300]
    said = {canary.field for body in taken for canary in said_in(body, evidence.canaries)}

    assert {str(field) for field in personal()} == said


def test_nothing_that_is_kept_holds_a_word_in_the_open(evidence: Evidence) -> None:
    """Journals, read models, the keyring and their logs; keys; and all that we or any library logged."""
    found = caught(net(evidence.canaries), evidence.kept)

    assert [] == found, "\n".join(found)


def test_no_answer_but_an_opening_holds_a_word(evidence: Evidence) -> None:
    """Bodies and headers, of refusals too; messages, metrics, health, the OpenAPI document, live streams."""
    streams = {f"{path} to {who}": told for (who, path), told in evidence.streams.items()}
    found = caught(net(evidence.canaries), {**evidence.answered, **streams})

    assert [] == found, "\n".join(found)


def test_an_opening_shows_what_it_is_for_to_whom_it_is_for(evidence: Evidence) -> None:
    openings = [each for each in evidence.exchanges if each.is_opening and said_in(each.body, evidence.canaries)]
    amiss = [
        f"{canary.place} to {each.reader} by {each.path}"
        for each in openings
        for canary in said_in(each.body, evidence.canaries)
        if each.reader not in SHOWN[each.route][0] or not canary.field.startswith(SHOWN[each.route][1])
    ]

    assert [] == amiss
    assert set(OPENINGS) == {each.route for each in openings}
    assert {route: who for route, (who, _) in SHOWN.items()} == {
        route: {each.reader for each in openings if each.route == route} for route in SHOWN
    }


def test_what_one_worker_answered_is_shown_to_no_other_worker(evidence: Evidence) -> None:
    reasons = {canary.place: canary for canary in evidence.canaries if canary.field == "NewAnswer.reason"}
    asked = [each for each in evidence.exchanges if each.is_opening and each.route == "/consultations/{action}"]
    told = {reader: b"".join(each.body for each in asked if each.reader == reader) for reader in (LENA, MAY, LEAD)}
    read = {who: {place for place, reason in reasons.items() if reason.plain.encode() in told[who]} for who in told}

    assert {f"{LENA}: NewAnswer.reason"} == read[LENA]
    assert {f"{MAY}: NewAnswer.reason"} == read[MAY]
    assert reasons.keys() == read[LEAD]


def test_the_attacks_came_through_and_nothing_failed(evidence: Evidence) -> None:
    statuses = {each.status for each in evidence.exchanges}

    assert {200, 201, 202, 400, 401, 404, 405, 409, 412, 413, 415, 422} == statuses


def test_what_is_searched_is_there(evidence: Evidence) -> None:
    metrics = [each.body for each in evidence.walked[OPERATOR] if each.path == "/metrics"]

    assert b"cordon_openings_total" in metrics[0]
    assert b'"served"' in evidence.kept["what was logged"]
    assert b"INSERT INTO journal" in evidence.kept["what was logged"]
    assert {"intake.sqlite-wal, running", "keyring.sqlite", "victim_liaison.sqlite"} < evidence.kept.keys()
    assert {LENA, CASE_MANAGER, AUDITOR} <= {who for (who, _), told in evidence.streams.items() if b"event: " in told}
