"""Opening a journal: by two at once, and with a clock that is not the database's."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from infra.clock import SystemClock
from infra.journal.journal import Journal
from tests.contracts.stores import OnPostgres, OnSqlite, Opens
from tests.kernel.parish.journals import book, entries

AT_ONCE = 6


class OpeningContract:
    """What opening promises on either store."""

    def test_several_who_open_a_new_database_at_once_open_one_journal(self, opens: Opens) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            journals = list(pool.map(lambda _: opens(), range(AT_ONCE)))
        for number, journal in enumerate(journals):
            book(journal, f"hall-{number}")

        assert {AT_ONCE} == {journal.head().number for journal in journals}

    def test_rule_24_with_a_clock_like_the_databases_nothing_is_doubted(self, journal: Journal) -> None:
        assert not journal.compare_clock(SystemClock().now())


class TestOpeningOnSqlite(OpeningContract, OnSqlite):
    pass


class TestOpeningOnPostgres(OpeningContract, OnPostgres):
    @pytest.mark.parametrize("off", [timedelta(minutes=-2), timedelta(minutes=2)])
    def test_rule_24_a_clock_far_from_the_databases_marks_every_stamp_until_it_is_right(
        self, journal: Journal, off: timedelta
    ) -> None:
        now: datetime = SystemClock().now()
        said = [journal.compare_clock(now + off)]
        book(journal, "nave")
        said.append(journal.compare_clock(now))
        book(journal, "aisle")
        doubts = {
            json.loads(entry.raw)["subject"]: json.loads(entry.raw).get("clockdoubt") for entry in entries(journal)
        }

        assert [True, False] == said
        assert (True, None) == (doubts["hall-nave"], doubts["hall-aisle"])
