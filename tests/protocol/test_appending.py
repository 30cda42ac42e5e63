"""Rules 1 to 6 of the protocol: how a journal is appended to."""

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from sqlalchemy import text

from infra.journal.journal import Journal
from infra.journal.writing import RECORD_BYTES_MAX, UnkeepableError
from tests.kernel.parish import hall
from tests.kernel.parish.events import BellRung, HallBooked, KeyLent
from tests.kernel.parish.hall import BookHall, FreeHall
from tests.kernel.parish.journals import NOW, book, cause, entries, say
from tests.protocol.processes import Process, processes

BOOKED = HallBooked(hall="nave", person="per-a", hours=1)
LENT = KeyLent(hall="nave", keeper="wrk_bo", due_at="2026-03-02T12:00:00+00:00")


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    with processes(tmp_path) as process:
        yield process


def test_rule_1_the_head_is_one_row_made_beforehand_and_commit_order_is_sequence_order(process: Process) -> None:
    journals, together = [process() for _ in range(4)], Barrier(4)
    with journals[0].database.reading() as connection:
        rows_before = connection.execute(text("SELECT count(*) FROM head")).scalar_one()

    def append(which: int) -> None:
        together.wait()
        for turn in range(15):
            with journals[which].transaction(NOW) as transaction:
                transaction.append(hall, f"{which}", [BOOKED, LENT], cause(f"{which}-{turn}"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(append, range(4)))

    kept, chain = entries(journals[0]), bytes(32)
    assert 1 == rows_before
    assert list(range(1, 121)) == [entry.sequence for entry in kept]
    assert list(range(1, 61)) == [entry.number for entry in kept if entry.number]
    for entry in kept:
        chain = sha256(chain + sha256(entry.raw).digest()).digest()

        assert chain == entry.hash


def test_rule_2_facts_are_read_after_the_lock(process: Process) -> None:
    first, second = process(), process()
    book(first, "nave")
    second.state(hall, "nave")
    waits, seen = Event(), []

    def decide() -> None:
        waits.set()
        seen.append(say(second, BookHall(hall="nave", person="per-b"), "second").refusal)

    other = Thread(target=decide)
    with first.transaction(NOW) as transaction:
        other.start()
        waits.wait()
        freed = hall.decide(FreeHall(hall="nave", now=NOW), transaction.state(hall, "nave"))
        transaction.append(hall, "nave", freed, cause("free"))
    other.join()

    assert [None] == seen


def test_rule_2_a_state_cache_is_valid_only_while_the_head_is_the_one_last_seen(process: Process) -> None:
    first, second = process(), process()
    book(first, "nave")
    say(second, FreeHall(hall="nave", now=NOW), "free")

    assert None is say(first, BookHall(hall="nave", person="per-b"), "again").refusal
    assert [1, 2, 3] == [entry.version for entry in entries(first) if entry.stream == "hall-nave"]


def test_rule_3_one_transaction_writes_several_streams_shared_and_private(process: Process) -> None:
    """What crosses the wall: its coded content shared, its true cause private, both or neither."""
    journal = process()
    with journal.transaction(NOW) as transaction:
        transaction.append(hall, "nave", [LENT], cause("why"))
        transaction.append(hall, "tower", [BellRung(person="per-a", peal="passing")], cause("why"))
    kept = {entry.stream: (entry.number, json.loads(entry.raw)) for entry in entries(journal)}

    assert {"hall-nave": None, "hall-tower": 1, "crossed": None} == {name: number for name, (number, _) in kept.items()}
    assert b"why" not in entries(journal)[1].raw
    assert "why" == kept["crossed"][1]["data"]["cause"]
    assert kept["hall-tower"][1]["id"] == kept["crossed"][1]["data"]["message"]

    with pytest.raises(ZeroDivisionError):
        fail_after(journal)
    assert 3 == journal.head().sequence


def fail_after(journal: Journal) -> None:
    with journal.transaction(NOW) as transaction:
        transaction.append(hall, "nave", [LENT], cause("c"))
        transaction.append(hall, "tower", [BOOKED], cause("c"))
        raise ZeroDivisionError


def test_rule_4_an_id_follows_from_cause_service_stream_and_index(process: Process) -> None:
    journal = process()
    ids = []
    for name, why in (("nave", "c1"), ("nave", "c1"), ("nave", "c2"), ("aisle", "c1")):
        with journal.transaction(NOW) as transaction:
            ids.append(transaction.append(hall, name, [BOOKED, BOOKED], cause(why)))
    one, again, another_cause, another_stream = ids

    assert one == again, "decided again, it would be another thing"
    assert 6 == len({*one, *another_cause, *another_stream}), "one cause with two effects gave one id twice"


@pytest.mark.parametrize("person", ["x" * RECORD_BYTES_MAX, "a\x00b"], ids=["too-large", "nul"])
def test_rule_5_what_must_not_be_kept_is_refused_before_the_commit(process: Process, person: str) -> None:
    journal = process()
    with pytest.raises(UnkeepableError):
        say(journal, BookHall(hall="nave", person=person), "k")

    assert (0, []) == (journal.head().sequence, entries(journal))


def test_rule_6_on_sqlite_a_select_starts_a_transaction_that_holds(process: Process, tmp_path: Path) -> None:
    journal = process()
    with journal.database.writing() as connection:
        connection.execute(text("SELECT 1 FROM head")).all()
        other = sqlite3.connect(tmp_path / "parish.sqlite", timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


def test_rule_6_on_sqlite_releasing_a_savepoint_commits_nothing(process: Process) -> None:
    journal = process()
    with pytest.raises(ZeroDivisionError):
        fail_after_a_savepoint(journal)

    with journal.database.reading() as connection:
        assert 0 == connection.execute(text("SELECT count(*) FROM asked")).scalar_one()


def fail_after_a_savepoint(journal: Journal) -> None:
    with journal.database.writing() as connection:
        with connection.begin_nested():
            connection.execute(text("INSERT INTO asked (command_id, sequence) VALUES ('k', 1)"))
        raise ZeroDivisionError
