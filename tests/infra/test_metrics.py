"""What the metrics say is true when they are asked for, has a unit and a sentence, and names nobody."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from infra.lag import Lag
from infra.metrics import Metrics
from infra.web.problems import EDGE_REFUSALS
from tests.house.tree import REPOSITORY
from tests.infra.whole import Whole
from tests.installation import SERVICES
from tests.kernel.parish.events import KeyLent
from tests.kernel.parish.hall import LendKey
from tests.kernel.parish.journals import book, say
from tests.kernel.parish.running import LyingBus, SleepyBus, at_work, has_begun, heard, settings, until
from tests.kernel.parish.services import PARISH, SEXTON
from tests.walls.canaries import caught, net

OPERATIONS: Final = REPOSITORY / "docs/operations.md"
REFERENCE: Final = re.compile(r"\b(?:per|vic|wrk|rep|ref|ord|act|tsk|rel|con|ntc|key)_[a-z0-9-]{2,}")
NAMES: Final = {service.name for service in SERVICES}


class Hand:
    """A clock that is moved by hand, in seconds."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def values(metrics: Metrics) -> dict[str, float]:
    """What is shown of the sexton's hearing of the parish, and of others without a source: name -> value."""
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(metrics.shown().decode())
        for sample in family.samples
        if sample.labels.get("source", "parish") == "parish" and sample.labels.get("service", "sexton") == "sexton"
    }


def test_lag_counts_from_the_moment_it_is_seen_until_the_listener_is_level() -> None:
    now = Hand()
    lag = Lag(60, now)
    lag.seen(5, 0)
    now.now += 1_000

    assert (0, 0.0) == (lag.messages, lag.seconds)

    lag.seen(5, 2)
    now.now += 7
    lag.seen(6, 3)
    now.now += 5

    assert (3, 12.0) == (lag.messages, lag.seconds)

    lag.seen(9, 0)

    assert (0, 0.0) == (lag.messages, lag.seconds)


def test_a_stall_is_something_to_hear_and_no_move_for_as_long_as_between_two_comparisons() -> None:
    """`(seconds that pass, place, unheard)`, and whether it is a stall then."""
    now = Hand()
    lag = Lag(60, now)
    told = [
        ((0, 5, 0), False),
        ((1_000, 5, 2), False),  # however long it has stood there, there is something to hear only now
        ((59, 5, 4), False),
        ((1, 5, 4), True),
        ((1, 6, 3), False),  # it moves
        ((59, 6, 3), False),
        ((1, 6, 9), True),
        ((1, 6, 0), False),  # it is level
    ]
    found = []
    for (seconds, place, unheard), _ in told:
        now.now += seconds
        lag.seen(place, unheard)
        found.append(lag.is_stalled)

    assert [is_stalled for _, is_stalled in told] == found


async def test_lag_is_true_at_the_scrape_though_nobody_woke_or_compared(tmp_path: Path) -> None:
    metrics = Metrics()
    async with at_work(tmp_path, PARISH, SEXTON, bus=SleepyBus(), metrics=metrics) as (parish, sexton):
        await has_begun(sexton)
        book(parish.journal, "nave", "aisle")
        await sexton.look()
        behind = values(metrics)

        assert await heard(sexton, 2)

        await sexton.look()
        level = values(metrics)

    assert 2.0 == behind["cordon_lag_messages"]
    assert behind["cordon_lag_seconds"] >= 0.0
    assert (0.0, 0.0) == (level["cordon_lag_messages"], level["cordon_lag_seconds"])


async def test_the_lag_of_a_service_behind_itself_counts_what_it_acts_on_alone(tmp_path: Path) -> None:
    """Its journal grows by what it does; of that only some is to be heard by itself."""
    itself = replace(PARISH, hears={"parish": (KeyLent,)}, react=lambda _heard, _known: ())
    async with at_work(tmp_path, itself) as (parish,):
        await has_begun(parish)
        await parish.stop_listening()
        book(parish.journal, "nave", "aisle")
        for hall in ("nave", "aisle"):
            say(parish.journal, LendKey(hall=hall, keeper="k", due_at="2027-01-01T00:00:00Z"), f"lend-{hall}")
        await parish.look()

        assert 2 == parish.listeners["parish"].lag.messages


async def test_a_stalled_listener_is_shown_logged_and_not_ready_until_it_moves(tmp_path: Path) -> None:
    metrics, bus = Metrics(), LyingBus(lambda _batch: [])
    with capture_logs() as lines:
        async with at_work(tmp_path, PARISH, SEXTON, bus=bus, metrics=metrics, using=settings(tmp_path)) as (
            parish,
            sexton,
        ):
            await has_begun(sexton)
            book(parish.journal, "nave")
            await until(lambda: any(line["event"] == "stalled" for line in lines))
            stalled, amiss = values(metrics), sexton.troubles
            bus.change = list

            assert await heard(sexton, 1)

            moving, well = values(metrics), sexton.troubles

    assert (1.0, 0.0) == (stalled["cordon_stalled"], stalled["cordon_stopped"])
    assert stalled["cordon_lag_seconds"] > 0.0
    assert {"parish": "stalled"} == amiss
    assert 0.0 == moving["cordon_stalled"]
    assert {} == well


async def test_a_burst_just_before_a_comparison_is_no_stall(tmp_path: Path) -> None:
    """The place is where it was a minute ago, since there was nothing to hear; now there is, for a moment."""
    metrics, bus = Metrics(), LyingBus(lambda _batch: [])
    with capture_logs() as lines:
        async with at_work(tmp_path, PARISH, SEXTON, bus=bus, metrics=metrics) as (parish, sexton):
            await has_begun(sexton)
            book(parish.journal, "nave")
            for _ in range(3):
                await sexton.listeners["parish"]._compare()  # noqa: SLF001 - a minute's comparison, at once

    assert 1.0 == values(metrics)["cordon_lag_messages"]
    assert [] == [line for line in lines if line["event"] == "stalled"]


def test_every_metric_has_its_unit_in_its_name_and_its_meaning_in_a_sentence() -> None:
    families = list(text_string_to_metric_families(Metrics().shown().decode()))
    told = {family.name: family.documentation for family in families if not family.name.endswith("_created")}
    without_unit = {"cordon_stalled", "cordon_stopped", "cordon_ready", "cordon_reader_live", "cordon_relay_publishing"}
    flags = without_unit | {"cordon_database_writable"}
    things = ("_seconds", "_messages", "_jobs", "commands", "retries", "openings", "records", "failures", "heard")
    counted = (*things, "_relayed", "_fetched")

    assert [] == [name for name in told if name not in flags and not name.endswith(counted)]
    assert flags == {name for name, words in told.items() if "1 where" in words}
    assert [] == [name for name, words in told.items() if not words.endswith(".")]


def test_no_metric_names_anybody(whole: Whole) -> None:
    shown = whole.metrics.encode()

    assert b"cordon_openings_total" in shown
    assert [] == caught(net(whole.canaries), {"metrics": shown})
    assert [] == REFERENCE.findall(whole.metrics)


def test_every_label_is_of_a_closed_list(whole: Whole) -> None:
    """So it cannot name anybody, whatever is said: services, what they hear, routes by their pattern, codes."""
    refusals = {code for service in SERVICES for code in service.refusals} | EDGE_REFUSALS.keys() | {"decided"}
    known = {
        "service": NAMES,
        "source": NAMES | {"clock"},
        "outcome": refusals,
        "route": whole.routes | {"/", "/docs", "/openapi.json", "/static/{name:path}", "none"},
        "status": {str(status) for status in whole.statuses},
        "le": None,
    }
    amiss = [
        (sample.name, label, value)
        for family in text_string_to_metric_families(whole.metrics)
        for sample in family.samples
        for label, value in sample.labels.items()
        if (closed := known[label]) is not None and value not in closed
    ]

    assert [] == amiss


def test_what_each_metric_means_is_told() -> None:
    told = OPERATIONS.read_text(encoding="utf-8")
    names = [family.name for family in text_string_to_metric_families(Metrics().shown().decode())]

    assert [] == [name for name in names if f"`{name}" not in told]
