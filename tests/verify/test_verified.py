"""Whatever is done to a journal past what writes it is found, and named, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.journal.rebuilt import rebuilt_indexes_equal_live
from tests.verify.tampering import chain_anew, do, rewrite
from tests.verify.town import SAID, Town, town

LAST = SAID
"""The source's last record: all of its records are messages, and nothing else is in its journal."""


class Examining:
    """What is found, wherever the journals are kept."""

    def test_intact_journals_are_intact(self, place: Town) -> None:
        verification = place.examined()

        assert [] == [str(finding) for finding in verification.findings]
        assert verification.is_intact
        assert ("source", SAID, SAID) in {
            (verified.journal, verified.records, verified.messages) for verified in verification.journals
        }

    def test_a_changed_byte_is_found(self, place: Town) -> None:
        rewrite(place.source, 30, lambda raw: raw.replace(b'"telephone"', b'"telephony"'))

        assert {
            ("source", 30, "chains_are_unbroken"),
            ("ledger", place.ledger_of("source", 30), "witnessed_is_what_was_said"),
        } == place.found()
        assert 2 == len([f for f in place.examined().findings if f.journal == "source"]), "both chains say so"

    def test_a_record_that_no_longer_decodes_is_found(self, place: Town) -> None:
        rewrite(place.listener, 5, lambda raw: raw[:-1])

        assert ("listener", 5, "records_fit_their_rows") in place.found()

    def test_a_removed_record_is_found(self, place: Town) -> None:
        do(place.source, "DELETE FROM journal WHERE sequence = 30")

        found = place.found()

        assert ("source", 31, "numbers_have_no_gap") in found
        assert ("source", 31, "chains_are_unbroken") in found
        assert ("ledger", place.ledger_of("source", 30), "witnessed_is_what_was_said") in found

    def test_a_removed_record_of_a_stream_is_missed_in_it(self, place: Town) -> None:
        do(place.source, "DELETE FROM journal WHERE sequence = 1")

        assert ("source", 51, "versions_have_no_gap") in place.found(), "the first and the fifty-first are of one order"

    def test_two_records_that_changed_places_are_found(self, place: Town) -> None:
        do(
            place.source,
            "UPDATE journal SET sequence = -1 WHERE sequence = 30",
            "UPDATE journal SET sequence = 30 WHERE sequence = 31",
            "UPDATE journal SET sequence = 31 WHERE sequence = -1",
        )

        found = place.found()

        assert ("source", 30, "chains_are_unbroken") in found
        assert ("source", 30, "numbers_have_no_gap") in found
        assert ("source", 31, "logical_time_only_rises") in found

    def test_a_changed_version_is_found(self, place: Town) -> None:
        do(place.source, "UPDATE journal SET version = 7 WHERE sequence = 51")

        assert {("source", 51, "versions_have_no_gap")} == place.found()

    def test_a_record_moved_to_another_stream_is_found(self, place: Town) -> None:
        do(
            place.source,
            "UPDATE journal SET version = 2, stream = (SELECT stream FROM journal WHERE sequence = 2)"
            " WHERE sequence = 51",
            "UPDATE streams SET version = 1 WHERE id = (SELECT stream FROM journal WHERE sequence = 1)",
            "UPDATE streams SET version = 2 WHERE id = (SELECT stream FROM journal WHERE sequence = 2)",
        )

        assert {("source", 51, "records_fit_their_rows")} == place.found(), "though every version is in its place"

    def test_a_stream_that_is_missing_or_empty_is_found(self, place: Town) -> None:
        do(
            place.source,
            "DELETE FROM streams WHERE id = 2",
            "INSERT INTO streams (id, name, version) VALUES (999, 'order-of-nothing', 1)",
        )

        found = place.found()

        assert ("source", 2, "versions_have_no_gap") in found
        assert ("source", None, "versions_have_no_gap") in found

    def test_a_head_moved_back_is_found(self, place: Town) -> None:
        do(place.source, "UPDATE head SET sequence = sequence - 1, number = number - 1")

        assert {("source", None, "the_head_is_the_end")} == place.found()

    def test_a_message_renumbered_is_found(self, place: Town) -> None:
        do(place.source, "UPDATE journal SET number = 1000 WHERE sequence = 60")

        found = place.found()

        assert ("source", 60, "numbers_have_no_gap") in found
        assert ("source", 60, "records_fit_their_rows") in found
        assert ("source", None, "the_head_is_the_end") in found

    def test_a_row_that_says_something_else_than_its_record_is_found(self, place: Town) -> None:
        do(place.source, "UPDATE journal SET type = 'bench.notice-raised.v1' WHERE sequence = 30")

        assert {("source", 30, "records_fit_their_rows")} == place.found()

    def test_messages_lost_after_they_were_heard_are_found(self, place: Town) -> None:
        do(
            place.source,
            "DELETE FROM journal WHERE sequence > 55",
            "DELETE FROM streams WHERE NOT EXISTS (SELECT 1 FROM journal WHERE journal.stream = streams.id)",
            "UPDATE head SET logical_time = 55",
        )
        chain_anew(place.source)

        found = place.found()

        assert [] == [entry for entry in found if entry[0] == "source"], "by itself it is as it must be"
        assert "what_was_heard_was_said" in {entry[2] for entry in found if entry[0] == "listener"}
        assert ("ledger", place.ledger_of("source", 56), "witnessed_is_what_was_said") in found

    def test_a_history_rewritten_with_its_chain_is_found_by_who_heard_it(self, place: Town) -> None:
        rewrite(place.source, 30, lambda raw: raw.replace(b'"telephone"', b'"telephony"'))
        chain_anew(place.source)

        examined = place.examined().findings

        assert [] == [finding for finding in examined if finding.journal == "source"]
        assert any("source has forked" in str(finding) for finding in examined if finding.journal == "listener")
        assert ("ledger", place.ledger_of("source", 30), "witnessed_is_what_was_said") in place.found()

    def test_a_service_that_heard_itself_notices_its_own_rewriting(self, place: Town) -> None:
        rewrite(place.listener, 2, lambda raw: raw.replace(b'"order-breached"', b'"order-breaches"'))
        chain_anew(place.listener)

        whats = [finding.what for finding in place.examined().findings if finding.journal == "listener"]

        assert whats
        assert all("listener has forked" in what for what in whats)

    def test_a_place_that_the_source_does_not_hold_is_found(self, place: Town) -> None:
        do(place.listener, "UPDATE heard SET number = 500")

        assert {("listener", None, "no_message_skipped")} == place.found()

    def test_another_hash_in_the_index_of_what_was_heard_is_found(self, place: Town) -> None:
        do(place.listener, "UPDATE heard SET hash = :hash", hash=bytes(32))

        assert {("listener", None, "no_message_skipped")} == place.found()

    def test_a_hearing_left_out_is_found(self, place: Town) -> None:
        do(
            place.listener,
            "DELETE FROM journal WHERE sequence = (SELECT min(sequence) FROM journal WHERE type = 'journal.heard.v1')",
        )
        chain_anew(place.listener)

        assert "no_message_skipped" in {invariant for _, _, invariant in place.found()}

    def test_an_effect_recorded_twice_is_found(self, place: Town) -> None:
        first = place.listener.envelope_and_event(place.listener.read()[1])[0].id.encode()
        third = place.listener.envelope_and_event(place.listener.read()[3])[0].id.encode()
        rewrite(place.listener, 4, lambda raw: raw.replace(third, first))
        chain_anew(place.listener)

        assert ("listener", 4, "no_effect_twice_for_one_cause") in place.found()

    def test_an_effect_stamped_before_its_cause_is_found(self, place: Town) -> None:
        notice = place.listener.read()[1]
        time = b'"logicaltime":%d,' % place.listener.envelope_and_event(notice)[0].logicaltime
        rewrite(place.listener, 2, lambda raw: raw.replace(time, b'"logicaltime":1,'))
        chain_anew(place.listener)

        assert ("listener", 2, "effects_follow_causes") in place.found()

    def test_a_journal_that_was_heard_and_is_not_there_is_found(self, place: Town) -> None:
        without = {name: journal for name, journal in place.journals.items() if name != "source"}

        whats = {finding.what for finding in place.examined(without).findings}

        assert {"it heard source, whose journal is not here"} == whats

    def test_of_much_that_is_wrong_only_the_first_is_told(self, place: Town) -> None:
        do(place.source, "UPDATE journal SET recorded_at = 'some day'")

        findings = [finding for finding in place.examined().findings if finding.journal == "source"]

        assert 21 == len(findings)
        assert "there is more of the same" == findings[-1].what

    def test_indexes_made_again_are_what_they_were(self, place: Town) -> None:
        assert [] == list(rebuilt_indexes_equal_live(place.listener))

    def test_an_index_that_is_not_what_the_journal_makes_it_is_found(self, place: Town) -> None:
        do(
            place.listener,
            "UPDATE notices SET owner = 'wrk_somebody-else' WHERE about = (SELECT min(about) FROM notices)",
            "DELETE FROM heard",
        )

        whats = [violation.what for violation in rebuilt_indexes_equal_live(place.listener)]

        assert [
            "table heard had 0 rows, and has 2 made again",
            "table notices had other rows than it has made again",
        ] == whats


class TestOnSqlite(Examining):
    """Files."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> Iterator[Town]:
        with town(tmp_path, None) as built:
            yield built


class TestOnPostgres(Examining):
    """A server."""

    @pytest.fixture
    def place(self, tmp_path: Path, postgres: str) -> Iterator[Town]:
        with town(tmp_path, postgres) as built:
            yield built
