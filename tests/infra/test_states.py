"""The cache of streams never takes for new what is there, whoever brought it there and however much there is."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.bench import order, sample
from infra.bench.vocabulary import CODEC
from infra.entropy import SystemEntropy
from infra.journal import states
from infra.journal.database import Database, sqlite_url
from infra.journal.journal import Journal

Opens = Callable[[], Journal]


@pytest.fixture
def opens(tmp_path: Path) -> Iterator[Opens]:
    """One journal, opened as often as one likes: each time it is another process."""
    opened: list[Journal] = []

    def opens() -> Journal:
        database = Database(sqlite_url(tmp_path / "source.sqlite"))
        opened.append(Journal(sample.SOURCE, database, site=sample.SITE, entropy=SystemEntropy(), codec=CODEC))
        return opened[-1]

    yield opens
    for journal in opened:
        journal.database.close()


def say(journal: Journal, *numbers: int) -> None:
    """Append the breaches of these numbers in one transaction."""
    with journal.transaction(sample.NOW) as transaction:
        for number in numbers:
            event = sample.breach(number)
            transaction.append(order, event.order, [event], sample.cause(number))


def breaches(journal: Journal, number: int) -> int:
    """How often the order of this breach was broken, as decided on under the lock."""
    with journal.transaction(sample.NOW) as transaction:
        return transaction.state(order, sample.order_of(number)).breaches


def test_a_stream_that_another_process_began_is_gone_on_with(opens: Opens) -> None:
    first, second = opens(), opens()
    say(first, 1, 2)
    say(second, 3)
    say(first, 1_003)

    assert sample.order_of(3) == sample.order_of(1_003)
    assert [1, 1, 1, 2] == [entry.version for entry in first.read()]
    assert 2 == breaches(second, 3)


def test_a_stream_that_was_looked_for_before_there_was_one_is_seen_once_it_is_there(opens: Opens) -> None:
    first, second = opens(), opens()
    before = breaches(first, 1)
    say(second, 1)

    assert [0, 1] == [before, breaches(first, 1)]


def test_a_stream_of_an_earlier_run_is_gone_on_with(opens: Opens) -> None:
    say(opens(), 1, 2, 3)
    later = opens()
    say(later, 1_002)

    assert [1, 1, 1, 2] == [entry.version for entry in later.read()]


def test_more_streams_than_are_kept_are_all_found_again(opens: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "STREAMS_KEPT_MAX", 3)
    journal = opens()
    say(journal, *range(1, 8))
    say(journal, *range(1_001, 1_008))

    assert [2] * 7 == [breaches(journal, number) for number in range(1, 8)]
    assert 7 == journal.head().streams


def test_nothing_is_believed_of_a_journal_that_was_set_back(opens: Opens) -> None:
    journal = opens()
    say(journal, 1, 2)
    with journal.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM journal WHERE sequence = 2")
        connection.exec_driver_sql("DELETE FROM streams WHERE id = 2")
        connection.exec_driver_sql(
            "UPDATE head SET sequence = 1, number = 1, streams = 1,"
            " hash = (SELECT hash FROM journal), message_hash = (SELECT message_hash FROM journal)"
        )

    say(journal, 1_002)

    assert [1, 1] == [entry.version for entry in journal.read()]
    assert 1 == breaches(journal, 2)
