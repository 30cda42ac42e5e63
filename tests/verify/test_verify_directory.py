"""`verify` of a data directory: by reading alone, beside services at work, whatever lies there."""

import tracemalloc
from collections.abc import Iterator
from hashlib import sha256
from itertools import count, pairwise
from pathlib import Path
from typing import Final

import pytest

from infra.bench.vocabulary import CODEC
from infra.journal.database import Database, sqlite_url
from infra.sealing.store import DATA_KEYS, TOKENS
from infra.verify import Verification, verify
from schemas.audit import MessageWitnessed
from tests.verify.town import SAID, Town, town, what_it_witnesses

PAGE_BYTES: Final = 4096


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path, None) as built:
        yield built


def examined(path: Path) -> Verification:
    """What is found there."""
    return verify(path, codec=CODEC, witnesses={MessageWitnessed.TYPE: what_it_witnesses})


def test_a_directory_is_examined_while_its_services_run(place: Town, tmp_path: Path) -> None:
    verification = examined(tmp_path)

    assert [] == [str(finding) for finding in verification.findings]
    assert ["ledger", "listener", "source"] == [verified.journal for verified in verification.journals]
    assert SAID == place.told


def test_what_is_said_and_heard_meanwhile_is_no_finding(place: Town, tmp_path: Path) -> None:
    calls = count()

    def go_on(_what: str, _done: int, _total: int) -> None:
        if next(calls) % 10 == 0:
            place.say(1, hearings=1)

    verification = verify(tmp_path, codec=CODEC, witnesses={MessageWitnessed.TYPE: what_it_witnesses}, progress=go_on)

    assert [] == [str(finding) for finding in verification.findings]
    assert place.told > SAID


def test_nothing_is_changed_by_it(place: Town, tmp_path: Path) -> None:
    for journal in place.journals.values():
        journal.database.close()
    before = _contents(tmp_path)

    examined(tmp_path)

    assert before == _contents(tmp_path)


def test_one_file_is_examined_alone(place: Town, tmp_path: Path) -> None:
    verification = examined(tmp_path / "source.sqlite")

    assert [("source", place.told)] == [(one.journal, one.records) for one in verification.journals]
    assert verification.is_intact


def test_a_file_that_is_no_database_is_found_and_the_others_are_examined(place: Town, tmp_path: Path) -> None:
    (tmp_path / "intake.sqlite").write_bytes(b"not a database at all" * 100)

    verification = examined(tmp_path)

    assert ["intake"] == [finding.journal for finding in verification.findings]
    assert len(place.journals) == len(verification.journals)


def test_a_file_with_a_damaged_page_is_found(place: Town, tmp_path: Path) -> None:
    for journal in place.journals.values():
        journal.database.close()
    file = tmp_path / "source.sqlite"
    content = bytearray(file.read_bytes())
    page = content.index(b"telephone") // PAGE_BYTES * PAGE_BYTES
    content[page : page + PAGE_BYTES] = b"\xff" * PAGE_BYTES
    file.write_bytes(content)

    assert "source" in {finding.journal for finding in examined(tmp_path).findings}


def test_what_is_no_journal_is_passed_over(place: Town, tmp_path: Path) -> None:
    keys = Database(sqlite_url(tmp_path / "keyring.sqlite"))
    keys.create([DATA_KEYS, TOKENS])
    keys.close()

    assert "keyring" not in {verified.journal for verified in examined(tmp_path).journals}
    assert len(place.journals) == len(examined(tmp_path).journals)


def test_a_directory_without_journals_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no journal in"):
        examined(tmp_path)


def test_a_finding_is_said_in_words(place: Town, tmp_path: Path) -> None:
    with place.source.database.writing() as connection:
        connection.exec_driver_sql("UPDATE journal SET version = 7 WHERE sequence = 51")

    finding = examined(tmp_path).findings[0]

    stream = place.source.read()[50].stream
    expected = (
        f"source, record 51: it is version 7 of stream {stream}, where version 2 comes next (versions have no gap)"
    )
    assert expected == str(finding)


def test_the_way_that_is_shown_ends_at_its_end(place: Town, tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []

    verify(tmp_path, codec=CODEC, progress=lambda *step: steps.append(step))

    assert place.journals.keys() < {what for what, _, _ in steps}
    assert all(before <= after for (_, before, _), (_, after, _) in pairwise(steps))
    assert all(done <= total for _, done, total in steps)


GROWTH_MAX: Final = 1.3
"""Room for what Python itself keeps: four times the records, about the same memory."""


def test_memory_stays_flat_however_long_the_journals_are(place: Town, tmp_path: Path) -> None:
    place.say(900)
    short = _peak(tmp_path)
    place.say(2_700)
    long = _peak(tmp_path)

    assert long <= short * GROWTH_MAX


def _peak(path: Path) -> int:
    tracemalloc.start()
    examined(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def _contents(path: Path) -> dict[str, str]:
    return {file.name: sha256(file.read_bytes()).hexdigest() for file in sorted(path.glob("*.sqlite"))}
