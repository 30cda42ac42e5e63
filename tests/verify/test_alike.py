"""Two runs of one workload agree, whatever their keys, clocks and timing; and every kind of difference is found, named.

The workload is always the same one, so that what is exchanged is always there.
"""

import asyncio
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from infra.bench.vocabulary import CODEC
from infra.clock import ManualClock
from infra.likeness import UnreadableError, alike, journals_at
from schemas.casework import CaseAllocated, EngagementRecorded
from schemas.disruption import ActionProposed, OrderGranted
from schemas.intake import ReferralReceived, ReportReceived
from schemas.journal import Arrived, Asked, Crossed, Heard
from schemas.notifications import NoticeRaised
from schemas.victim_liaison import AnswerGiven, VictimKnown
from services.cli.verify import WITNESSES, verify
from tests.installation import MONDAY, installed
from tests.verify.changed import Changed, only, together
from tests.verify.town import town
from tests.workload.client import embedded
from tests.workload.workload import Workload

WORKLOAD: Final = Workload(seed=20_260_302, people=5, reports=30)
LATER: Final = timedelta(days=100)
ANOTHER: Final = "stands for another thing in the other run than elsewhere (a record)"

_REFERENCE: Final = re.compile(r"_[a-z2-7]{26}")
_NUMBERED: Final = re.compile(r"(version|record) \d+")


async def _play(directory: Path, later: timedelta, lanes: int) -> None:
    async with installed(directory, clock=ManualClock(MONDAY + later)) as there:
        await WORKLOAD.play(embedded(there), lanes)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("ours")
    asyncio.run(_play(directory, timedelta(), 16))
    return directory / "site"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("theirs")
    asyncio.run(_play(directory, LATER, 2))
    return directory / "site"


@pytest.fixture
def theirs(played: Path, tmp_path: Path) -> Changed:
    """A run that somebody can change."""
    shutil.copytree(played, tmp_path / "theirs")
    return Changed(tmp_path / "theirs")


@pytest.fixture
def found(ours: Path, theirs: Changed) -> Callable[..., set[tuple[str, str]]]:
    """What is found, by journal; references and places are left out, which are others each time."""

    def look(*, in_turn: bool = True) -> set[tuple[str, str]]:
        both = journals_at(str(ours)), journals_at(str(theirs.directory))
        findings = alike(*both, witnesses=WITNESSES, in_turn=in_turn)
        return {(one.journal, _NUMBERED.sub(r"a \1", _REFERENCE.sub("", one.what))) for one in findings}

    return look


Found = Callable[..., set[tuple[str, str]]]


def test_two_runs_with_other_keys_clocks_and_timing_agree(ours: Path, played: Path) -> None:
    both = journals_at(str(ours)), journals_at(str(played))

    assert [] == [str(one) for one in alike(*both, witnesses=WITNESSES)]
    assert [] == [str(one) for one in alike(*both, witnesses=WITNESSES, in_turn=True)]


def test_a_run_agrees_with_itself(ours: Path) -> None:
    assert [] == alike(journals_at(str(ours)), journals_at(str(ours)), witnesses=WITNESSES, in_turn=True)


def test_another_input_is_another_history(ours: Path, tmp_path: Path) -> None:
    async def play_another() -> None:
        async with installed(tmp_path) as there:
            await Workload(seed=WORKLOAD.seed + 1, people=1, reports=1).play(embedded(there))

    asyncio.run(play_another())
    differences = alike(journals_at(str(ours)), journals_at(str(tmp_path / "site")), witnesses=WITNESSES)

    assert {"intake", "casework", "victim_liaison", "notifications", "audit"} <= {one.journal for one in differences}


def test_a_changed_field_is_named(theirs: Changed, found: Found) -> None:
    row = theirs.rows("casework", EngagementRecorded.TYPE)[0]
    theirs.rewrite("casework", row, lambda told: told["data"].update(state="moved"))

    what = "a version of stream case-per: /data/state says something else in the other run (a record)"
    assert {("casework", what)} == found()


def test_a_changed_field_of_what_begins_a_stream_is_named(theirs: Changed, found: Found) -> None:
    row = only(theirs.rows("notifications", NoticeRaised.TYPE), code="case-allocated")
    theirs.rewrite("notifications", row, lambda told: told["data"].update(code="order-served"))

    what = "a version of stream notice-ntc: /data/code says something else in the other run (a record)"
    assert {("notifications", what)} == found()


def test_a_field_that_one_lacks_is_named(theirs: Changed, found: Found) -> None:
    asked = only(theirs.rows("casework", Asked.TYPE), command="AllocateCase")
    theirs.rewrite("casework", asked, lambda told: told["data"]["facts"].pop("worker"))
    noted = theirs.rows("disruption", ActionProposed.TYPE)[0]
    theirs.rewrite("disruption", noted, lambda told: told.update(purpose="audit"))

    assert {
        (
            "casework",
            "a version of stream asked of case-per: /data/facts/worker is not there in the other run (a record)",
        ),
        ("disruption", "a version of stream action-act: /purpose is there in the other run alone (a record)"),
    } == found()


def test_a_missing_record_is_named(theirs: Changed, found: Found) -> None:
    row = theirs.rows("casework", EngagementRecorded.TYPE)[0]
    theirs.do("casework", "DELETE FROM journal WHERE sequence = :sequence", sequence=row.sequence)

    what = f"a version of stream case-per, {EngagementRecorded.TYPE} by commands, is not there in the other run"
    assert ("casework", what) in found()


def test_a_record_too_many_is_named(theirs: Changed, found: Found) -> None:
    row = theirs.rows("casework", EngagementRecorded.TYPE)[0]
    row.told["id"] = "00000000-0000-5000-8000-000000000001"
    theirs.do(
        "casework",
        "INSERT INTO journal SELECT 1000000, stream, 1000, type, recorded_at, :raw, hash, NULL, NULL FROM journal"
        " WHERE sequence = :sequence",
        raw=msgspec.json.encode(row.told),
        sequence=row.sequence,
    )

    whats = {what for journal, what in found() if journal == "casework"}
    assert any("engagement-recorded.v1 by commands, is not there here" in what for what in whats), whats


def test_two_records_that_changed_places_are_named(theirs: Changed, found: Found) -> None:
    one, other = together(theirs.rows("casework"), CaseAllocated.TYPE, EngagementRecorded.TYPE)
    theirs.swap("casework", one, other)

    (what,) = {what for journal, what in found(in_turn=False) if journal == "casework"}
    assert what.startswith("a version of stream case-per, casework.")
    assert what.endswith(" by commands, stands in another order in the other run")


def test_records_of_two_sources_may_meet_in_either_order_unless_inputs_were_given_in_turn(
    theirs: Changed, found: Found
) -> None:
    rows = theirs.rows("casework")
    one, other = together(rows, EngagementRecorded.TYPE, OrderGranted.TYPE)
    theirs.swap("casework", one, other)

    assert set() == found(in_turn=False)
    assert any("is not in its turn in the other run" in what for _, what in found(in_turn=True))


def test_another_cause_is_named(theirs: Changed, found: Found) -> None:
    first, *_, last = theirs.rows("casework", CaseAllocated.TYPE)
    row = next(
        row for row in theirs.rows("notifications", NoticeRaised.TYPE) if row.told["causationid"] == last.told["id"]
    )
    theirs.rewrite("notifications", row, lambda told: told.update(causationid=first.told["id"]))

    whats = {what for journal, what in found() if journal == "notifications"}
    assert any("/causationid stands for another thing" in what for what in whats), whats


def test_a_stream_too_many_is_named(theirs: Changed, found: Found) -> None:
    row = theirs.rows("notifications", NoticeRaised.TYPE)[0]
    theirs.do(
        "notifications",
        "INSERT INTO streams (id, name, version) VALUES (1000000, 'notice-of-nothing', 1)",
        "INSERT INTO journal SELECT 1000000, 1000000, 1, type, recorded_at, record, hash, NULL, NULL FROM journal"
        " WHERE sequence = :sequence",
        sequence=row.sequence,
    )

    assert ("notifications", "of the other run's a record: stream notice-of-nothing has no counterpart here") in found()


def test_a_stream_that_is_not_there_is_named(theirs: Changed, found: Found) -> None:
    row = theirs.rows("intake", ReferralReceived.TYPE)[0]
    theirs.do("intake", "UPDATE streams SET name = 'nothing' WHERE name = :name", name=row.stream)
    theirs.do("intake", "DELETE FROM journal WHERE stream = (SELECT id FROM streams WHERE name = 'nothing')")

    what = f"the other run has no counterpart of stream referral-per, which begins with {ReferralReceived.TYPE}"
    assert ("intake", what) in found()


def test_an_exchanged_victim_is_named(theirs: Changed, found: Found) -> None:
    row = next(row for row in theirs.rows("victim_liaison", AnswerGiven.TYPE) if row.told["data"]["victim"])
    hers = row.told["data"]["victim"]
    known = [one.told["data"]["victim"] for one in theirs.rows("victim_liaison", VictimKnown.TYPE)]
    other = next(victim for victim in known if victim != hers)
    theirs.rewrite("victim_liaison", row, lambda told: told["data"].update(victim=other))

    assert {
        (
            "victim_liaison",
            f"a version of stream consultation-act: /data/victim {ANOTHER}",
        )
    } == found()


def test_an_exchange_where_she_is_first_named_is_found_there(theirs: Changed, found: Found) -> None:
    first, second, *_ = theirs.rows("victim_liaison", VictimKnown.TYPE)
    hers, others = first.told["data"]["victim"], second.told["data"]["victim"]
    theirs.rewrite("victim_liaison", first, lambda told: told["data"].update(victim=others))

    assert hers != others
    what = f"a version of stream circle-per: /data/victim {ANOTHER}"
    assert {("victim_liaison", what)} == found()


def test_a_moment_that_was_told_is_compared_and_one_of_a_clock_is_not(theirs: Changed, found: Found) -> None:
    row = theirs.rows("disruption", OrderGranted.TYPE)[0]
    theirs.rewrite("disruption", row, lambda told: told["data"].update(occurred_at="2025-03-03T08:00:01Z"))
    notice = theirs.rows("notifications", NoticeRaised.TYPE)[0]
    theirs.rewrite("notifications", notice, lambda told: told["data"].update(due_at="2199-01-01T00:00:00.000000Z"))

    what = "a version of stream order-ord: /data/occurred_at says something else in the other run (a record)"
    assert {("disruption", what)} == found()


@pytest.mark.parametrize(
    ("name", "value", "is_found"),
    [
        ("compartment", "notes", True),
        ("field", "mood", True),
        ("ciphertext", "c2hvcnQ=", True),
        ("key_id", "another key", False),
        ("nonce", "AAAAAAAAAAAAAAAA", False),
    ],
)
def test_of_what_is_sealed_its_place_and_length_are_compared(
    theirs: Changed, found: Found, name: str, value: str, *, is_found: bool
) -> None:
    row = theirs.rows("intake", ReportReceived.TYPE)[0]
    theirs.rewrite("intake", row, lambda told: told["data"]["raw"].update({name: value}))

    what = "a version of stream report-rep: /data/raw says something else in the other run (a record)"
    assert ({("intake", what)} if is_found else set()) == found()


def test_somebody_elses_sealed_value_is_named(theirs: Changed, found: Found) -> None:
    first, *_, last = theirs.rows("intake", ReportReceived.TYPE)
    theirs.rewrite(
        "intake", first, lambda told: told["data"]["raw"].update(subject=last.told["data"]["raw"]["subject"])
    )

    whats = {what for _, what in found()}
    assert {f"a version of stream report-rep: /data/raw {ANOTHER}"} == whats


def test_a_message_that_is_one_in_one_run_alone_is_named(theirs: Changed, found: Found) -> None:
    row = theirs.rows("casework", CaseAllocated.TYPE)[0]
    theirs.rewrite("casework", row, lambda told: told.pop("number"))

    assert ("casework", "a version of stream case-per: /number is not there in the other run (a record)") in found()


def test_a_true_cause_that_is_another_is_named(theirs: Changed, found: Found) -> None:
    first, *_, last = theirs.rows("victim_liaison", Crossed.TYPE)
    theirs.rewrite("victim_liaison", first, lambda told: told["data"].update(cause=last.told["data"]["cause"]))

    assert any("/data/cause stands for another thing" in what for _, what in found(in_turn=False))


def test_a_source_that_was_heard_less_far_is_named(theirs: Changed, found: Found) -> None:
    row = [row for row in theirs.rows("casework", Heard.TYPE) if row.told["data"]["source"] == "intake"][-1]
    theirs.rewrite("casework", row, lambda told: told["data"].update(to=row.told["data"]["to"] - 1))

    to = row.told["data"]["to"]
    assert {("casework", f"it heard intake up to {to + 1}, and in the other run up to {to}")} == found()


def test_which_way_a_report_came_in_is_not_compared(theirs: Changed, found: Found) -> None:
    row = theirs.rows("intake", ReportReceived.TYPE)[0]
    arrived = Arrived(topic="agency.northmere-police", after=-1, offset=0, digest=bytes(32))
    record = row.told | {"type": Arrived.TYPE, "id": "00000000-0000-5000-8000-000000000001", "data": arrived}
    theirs.do(
        "intake",
        "INSERT INTO streams (id, name, version) VALUES (1000000, 'arrived-agency.northmere-police', 1)",
        "INSERT INTO journal SELECT 1000000, 1000000, 1, :type, recorded_at, :raw, hash, NULL, NULL FROM journal"
        " WHERE sequence = 1",
        type=Arrived.TYPE,
        raw=msgspec.json.encode(record),
    )

    assert set() == found()


def test_what_cannot_be_read_is_named(theirs: Changed, found: Found) -> None:
    row = theirs.rows("casework", CaseAllocated.TYPE)[0]
    theirs.do("casework", "UPDATE journal SET record = :raw WHERE sequence = :at", raw=b"{", at=row.sequence)

    assert ("casework", "of the other run's a record: it cannot be read") in found()


def test_a_journal_that_is_not_there_is_named(theirs: Changed, found: Found) -> None:
    (theirs.directory / "audit.sqlite").unlink()

    assert {("audit", "there is no such journal in the other run")} == found()


def test_nothing_that_a_record_says_is_told(theirs: Changed, ours: Path) -> None:
    row = theirs.rows("casework", EngagementRecorded.TYPE)[0]
    theirs.rewrite("casework", row, lambda told: told["data"].update(state="secret-state"))

    (difference,) = alike(journals_at(str(ours)), journals_at(str(theirs.directory)), witnesses=WITNESSES)

    assert "secret" not in str(difference)


def test_where_nothing_is_there_is_nothing_to_compare(tmp_path: Path) -> None:
    (tmp_path / "odd.sqlite").write_bytes(b"not a database at all" * 100)

    for place in (tmp_path, tmp_path / "nowhere", tmp_path / "odd.sqlite"):
        with pytest.raises(UnreadableError):
            journals_at(str(place))


def test_a_file_and_a_server_are_held_against_each_other_by_reading_alone(tmp_path: Path, postgres: str) -> None:
    directories = [tmp_path / "files", tmp_path / "none"]
    for directory in directories:
        directory.mkdir()
    with town(directories[0], None) as files, town(directories[1], postgres):
        place = f"{postgres}{'&' if '?' in postgres else '?'}options=-csearch_path%3Dcordon_bench_{{service}}"
        on_server = journals_at(place, files.journals)
        in_files = journals_at(str(directories[0]))

        assert [] == [str(one) for one in alike(in_files, on_server, codec=CODEC)]
        for journals in (in_files, on_server):
            with pytest.raises(DBAPIError), journals["source"].reading() as connection:
                connection.execute(text("DELETE FROM journal"))


def test_the_command_says_whether_they_agree(ours: Path, played: Path, theirs: Changed) -> None:
    row = theirs.rows("casework", EngagementRecorded.TYPE)[0]
    theirs.rewrite("casework", row, lambda told: told["data"].update(state="moved"))
    run = CliRunner()

    same = run.invoke(verify, [str(ours), "--against", str(played)])
    other = run.invoke(verify, [str(ours), "--against", str(theirs.directory)])
    counted = run.invoke(verify, [str(ours), "--against", str(theirs.directory), "--json"])
    nothing = run.invoke(verify, [str(ours), "--against", str(theirs.directory / "nowhere")])

    assert (0, "Alike: the same input came to the same history.\n") == (same.exit_code, same.output)
    assert (1, True) == (other.exit_code, "! casework, record" in other.output)
    assert "Not alike: 1 difference.\n" == other.output.splitlines(keepends=True)[-1]
    assert (1, 1) == (counted.exit_code, len(msgspec.json.decode(counted.output)))
    assert (1, True) == (nothing.exit_code, nothing.output.startswith("Error: there is no journal in "))
