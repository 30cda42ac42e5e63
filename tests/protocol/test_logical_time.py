"""Rule 24 of the protocol: the order of messages is told by counting, and clocks only by their doubts."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from infra.hearing import Hearer
from infra.journal.journal import Journal
from tests.kernel.parish import hall, sweeping
from tests.kernel.parish.events import CODEC, HallBooked, HallFreed, KeyLent, SweepingPlanned
from tests.kernel.parish.journals import NOW, book, cause, entries
from tests.kernel.parish.services import SEXTON
from tests.protocol.processes import Process, hear, processes, said

LENT = KeyLent(hall="nave", keeper="wrk_bo", due_at="2026-03-02T12:00:00+00:00")
PLANNED = SweepingPlanned(hall="nave", broom="b", is_told=True)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    with processes(tmp_path) as process:
        yield process


def stamps(journal: Journal) -> list[int]:
    """Those of the messages, in their order."""
    return [json.loads(sent.raw)["logicaltime"] for sent in said(journal)]


def test_rule_24_a_message_is_stamped_after_everything_heard(process: Process) -> None:
    parish, sexton = process(), process(SEXTON)
    book(parish, "nave", "aisle", "tower")
    hear(sexton, said(parish))
    with sexton.transaction(NOW) as transaction:
        transaction.append(sweeping, "nave", [PLANNED], cause("later"))

    assert [1, 2, 3] == stamps(parish)
    assert [2, 3, 4, 5] == stamps(sexton)


def test_rule_24_what_was_heard_and_not_acted_on_counts_too(process: Process) -> None:
    parish, sexton = process(), process(replace(SEXTON, hears={"parish": (HallFreed,)}))
    book(parish, "nave", "aisle", "tower")
    hear(sexton, said(parish))
    with sexton.transaction(NOW) as transaction:
        transaction.append(sweeping, "nave", [PLANNED], cause("later"))

    assert [4] == stamps(sexton)


def test_rule_24_it_does_after_a_restart(process: Process) -> None:
    parish = process()
    book(parish, "nave", "aisle", "tower")
    hear(process(SEXTON), said(parish))
    again = process(SEXTON)
    with again.transaction(NOW) as transaction:
        transaction.append(sweeping, "nave", [PLANNED], cause("later"))

    assert [2, 3, 4, 5] == stamps(again)


def test_rule_24_private_records_do_not_advance_it(process: Process) -> None:
    parish = process()
    for turn in range(3):
        with parish.transaction(NOW) as transaction:
            transaction.append(hall, "nave", [LENT, LENT], cause(f"lend-{turn}"))
            booked = HallBooked(hall="nave", person="per-a", hours=1)
            transaction.append(hall, "nave", [booked], cause(f"book-{turn}"))

    assert [1, 2, 3] == stamps(parish)
    assert 3 == parish.head().logical_time


def test_rule_24_a_wrong_clock_moves_only_the_wall_time(process: Process) -> None:
    """A hybrid stamp would have dragged every log years ahead."""
    parish, sexton = process(), process(SEXTON)
    book(parish, "nave", at=NOW + timedelta(days=4_000))
    hear(sexton, said(parish))
    book(parish, "aisle", at=NOW)

    assert [1, 2] == stamps(parish)
    assert [2] == stamps(sexton)
    assert ["2037", "2026"] == [json.loads(sent.raw)["recordedtime"][:4] for sent in said(parish)]
    assert "2026" == json.loads(said(sexton)[0].raw)["recordedtime"][:4]


def test_rule_24_a_clock_more_than_a_minute_from_a_peers_alarms_and_marks_its_stamps(process: Process) -> None:
    parish, sexton = process(), process(SEXTON)
    book(parish, "nave", at=NOW + timedelta(seconds=60))
    book(parish, "aisle", at=NOW + timedelta(seconds=60, microseconds=1))
    near, far = said(parish)
    hearer = Hearer(SEXTON, "parish", CODEC, {})
    doubts = []
    for sent in (near, far):
        with sexton.transaction(NOW) as transaction:
            doubts.append(hearer.hear(transaction, [sent]).is_clock_doubted)

    assert [False, True] == doubts
    assert [None] * 3 + [True] * 3 == [json.loads(entry.raw).get("clockdoubt") for entry in entries(sexton)]
    assert ["nave", "aisle"] == [json.loads(sent.raw)["data"]["hall"] for sent in said(sexton)]
