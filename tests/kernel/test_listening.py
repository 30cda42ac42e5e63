"""A service at work: it hears what is said, tries again what failed, and when it stops hearing a source, says so."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from infra.bus.local import LocalBus
from infra.hearing import FORKED, Trouble
from infra.journal.chain import link
from infra.journal.journal import Sent
from infra.metrics import Metrics
from infra.runner import Runner
from schemas.journal import SourceStopped
from tests.kernel.parish.events import CODEC, SweepingPlanned
from tests.kernel.parish.journals import book, events, opened, stopped, without
from tests.kernel.parish.running import (
    WITHIN_SECONDS,
    FalteringBus,
    LyingBus,
    SleepyBus,
    at_work,
    away,
    database_of,
    heard,
    running,
    settings,
    until,
)
from tests.kernel.parish.services import PARISH, SEXTON

CHAPEL = replace(PARISH, name="chapel")
HEARS_BOTH = replace(SEXTON, hears={"parish": SEXTON.hears["parish"], "chapel": SEXTON.hears["parish"]})
DISK_FULL = OperationalError(None, None, Exception("database or disk is full"))


def said(runner: Runner, *halls: str, broom: str = "") -> None:
    """Book these halls, and let the bus know."""
    book(runner.journal, *halls, broom=broom)
    runner.bus.wake(runner.name)


def swept(runner: Runner) -> list[str]:
    return [event.hall for event in events(runner.journal, SweepingPlanned)]


def shown(metrics: Metrics, name: str, source: str) -> float:
    """A metric of the sexton, as Prometheus would read it."""
    label = f'{name}{{service="sexton",source="{source}"}} '
    return next((float(line.split()[-1]) for line in metrics.shown().decode().splitlines() if label in line), 0.0)


async def test_what_is_said_is_heard(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
        said(parish, "nave", "aisle")

        assert await heard(sexton, 2)
        assert ["nave", "aisle"] == swept(sexton)


async def test_what_was_said_while_nobody_listened_is_heard_at_the_start(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH) as (parish,):
        said(parish, "nave")
    async with at_work(tmp_path, PARISH, SEXTON) as (_, sexton):
        assert await heard(sexton, 1)
    async with at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
        said(parish, "aisle")

        assert await heard(sexton, 2)
        assert ["nave", "aisle"] == swept(sexton)


async def test_more_than_one_batch_is_heard_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.listener.BATCH_MAX", 2)
    async with at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
        said(parish, "a", "b", "c", "d", "e")

        assert await heard(sexton, 5)
        assert ["a", "b", "c", "d", "e"] == swept(sexton)


async def test_when_every_wake_up_is_lost_the_comparison_finds_what_is_missing(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, SEXTON, bus=SleepyBus(), using=settings(tmp_path)) as (parish, sexton):
        said(parish, "nave")
        await until(lambda: swept(sexton) == ["nave"])


async def test_a_source_that_raises_in_a_reaction_stops_alone_and_in_sight(tmp_path: Path) -> None:
    metrics, using = Metrics(), settings(tmp_path)
    with capture_logs() as lines:
        async with at_work(tmp_path, PARISH, CHAPEL, HEARS_BOTH, metrics=metrics, using=using) as (
            parish,
            chapel,
            sexton,
        ):
            said(parish, "nave", "cellar", "tower")

            assert not await heard(sexton, 3)

            said(chapel, "altar")

            assert await heard(sexton, 1, "chapel")
            assert {"parish": Trouble(number=2, code="ZeroDivisionError")} == sexton.stopped
            assert ["altar", "nave"] == sorted(swept(sexton))
            assert (1.0, 0.0) == (
                shown(metrics, "cordon_stopped", "parish"),
                shown(metrics, "cordon_stopped", "chapel"),
            )
            assert [("parish", 2, "ZeroDivisionError")] == stopped(sexton.journal)

    alarms = [line for line in lines if line["event"] == "stopped"]
    assert [("parish", 2, "ZeroDivisionError", "error")] == [
        (line["source"], line["number"], line["code"], line["log_level"]) for line in alarms
    ]


async def test_a_stopped_source_is_tried_again_and_journalled_once(tmp_path: Path) -> None:
    tried = 0

    def counting(batch: Sequence[Sent]) -> list[Sent]:
        nonlocal tried
        tried += bool(batch)
        return list(batch)

    for _ in range(2):
        bus = LyingBus(counting)
        async with at_work(tmp_path, PARISH, SEXTON, bus=bus, using=settings(tmp_path)) as (parish, sexton):
            said(parish, "cellar")
            target = tried + 3
            await until(lambda at_least=target: tried >= at_least)  # type: ignore[misc]

            assert {"parish": Trouble(number=1, code="ZeroDivisionError")} == sexton.stopped
            assert 1 == len(events(sexton.journal, SourceStopped))


async def test_a_source_that_was_stopped_goes_on_with_a_version_that_can(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
        said(parish, "cellar", "nave")

        assert not await heard(sexton, 2)

    mended, metrics = replace(SEXTON, react=lambda _heard, _known: ()), Metrics()
    async with at_work(tmp_path, PARISH, mended, metrics=metrics) as (_, sexton):
        await until(lambda: not sexton.stopped)

        assert await heard(sexton, 2)
        assert [] == stopped(sexton.journal)
        assert 0.0 == shown(metrics, "cordon_stopped", "parish")


async def test_what_is_stopped_is_shown_as_stopped_from_the_start(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
        said(parish, "cellar")

        assert not await heard(sexton, 1)

    async with at_work(tmp_path, SEXTON) as (sexton,):
        assert {"parish": Trouble(number=1, code="ZeroDivisionError")} == sexton.stopped


@pytest.mark.parametrize(
    ("broom", "code"), [("b", "IntegrityError"), ("snapped", "ProjectionError")], ids=["refused", "raises"]
)
async def test_what_the_database_or_a_read_model_refuses_stops_at_the_culprit(
    tmp_path: Path, broom: str, code: str
) -> None:
    async with at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
        book(parish.journal, "first", broom="b")
        book(parish.journal, "nave", "aisle")
        book(parish.journal, "culprit", broom=broom)
        said(parish, "tower")

        assert not await heard(sexton, 5)
        assert {"parish": Trouble(number=4, code=code)} == sexton.stopped
        assert ["first", "nave", "aisle"] == swept(sexton)
        assert [("parish", 4, code)] == stopped(sexton.journal)


@pytest.mark.parametrize("failures", [away(3), [DISK_FULL] * 3], ids=["unreachable", "failing"])
async def test_a_bus_that_fails_is_tried_again_and_stops_nothing(tmp_path: Path, failures: list[Exception]) -> None:
    bus, metrics = FalteringBus(*failures), Metrics()
    with capture_logs() as lines:
        async with at_work(tmp_path, PARISH, SEXTON, bus=bus, metrics=metrics) as (parish, sexton):
            said(parish, "nave")

            assert await heard(sexton, 1)
            assert ({}, []) == (sexton.stopped, stopped(sexton.journal))
            assert 3.0 == shown(metrics, "cordon_retries_total", "parish")

    assert 3 == len([line for line in lines if line["event"] == "failed"])


@pytest.mark.parametrize("table", ["streams", "journal", "heard", "head"])
async def test_a_database_that_fails_is_tried_again_and_stops_nothing(tmp_path: Path, table: str) -> None:
    metrics, using = Metrics(), settings(tmp_path)
    async with at_work(tmp_path, PARISH, SEXTON, metrics=metrics, using=using) as (parish, sexton):
        said(parish, "nave")

        assert await heard(sexton, 1)

        with without(sexton.journal, table):
            said(parish, "aisle")
            await until(lambda: shown(metrics, "cordon_retries_total", "parish") >= 2)

        assert await heard(sexton, 2)
        assert ["nave", "aisle"] == swept(sexton)
        assert ({}, []) == (sexton.stopped, events(sexton.journal, SourceStopped))


async def test_it_goes_on_after_its_own_database_failed_while_there_was_nothing_to_hear(tmp_path: Path) -> None:
    metrics, using = Metrics(), settings(tmp_path)
    async with at_work(tmp_path, PARISH, SEXTON, bus=SleepyBus(), metrics=metrics, using=using) as (parish, sexton):
        said(parish, "nave")

        assert await heard(sexton, 1)

        with without(sexton.journal, "heard"):
            await until(lambda: shown(metrics, "cordon_retries_total", "parish") >= 2)
        said(parish, "aisle")
        await until(lambda: swept(sexton) == ["nave", "aisle"])


async def test_a_bus_that_leaves_one_out_is_asked_again(tmp_path: Path) -> None:
    holes = 3

    def with_a_hole(batch: Sequence[Sent]) -> list[Sent]:
        nonlocal holes
        holes -= bool(batch)
        return [sent for sent in batch if sent.number != 2 or holes <= 0]

    async with at_work(tmp_path, PARISH, SEXTON, bus=LyingBus(with_a_hole), using=settings(tmp_path)) as (
        parish,
        sexton,
    ):
        said(parish, "nave", "aisle", "tower")

        assert await heard(sexton, 3)
        assert (["nave", "aisle", "tower"], {}) == (swept(sexton), sexton.stopped)


async def test_a_bus_that_lies_is_a_fork(tmp_path: Path) -> None:
    def another(batch: Sequence[Sent]) -> list[Sent]:
        return [replace(sent, raw=sent.raw.replace(b"per-aisle", b"per-other")) for sent in batch]

    async with at_work(tmp_path, PARISH, SEXTON, bus=LyingBus(another)) as (parish, sexton):
        said(parish, "nave", "aisle")

        assert not await heard(sexton, 2)
        assert {"parish": Trouble(number=2, code=FORKED)} == sexton.stopped
        assert ["nave"] == swept(sexton)


@pytest.mark.parametrize("halls", [(), ("altar",), ("altar", "vestry", "porch")], ids=["behind", "other", "ahead"])
async def test_a_source_that_does_not_hold_what_was_heard_is_a_fork(tmp_path: Path, halls: tuple[str, ...]) -> None:
    async with at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
        said(parish, "nave")

        assert await heard(sexton, 1)

    (tmp_path / "parish.sqlite").unlink()
    async with at_work(tmp_path, PARISH, SEXTON, using=settings(tmp_path)) as (parish, sexton):
        said(parish, *halls)
        await until(lambda: sexton.stopped == {"parish": Trouble(number=1, code=FORKED)})

        assert ["nave"] == swept(sexton)


async def test_a_source_that_says_nothing_more_though_its_head_moved_is_an_alarm(tmp_path: Path) -> None:
    metrics, bus = Metrics(), LyingBus(lambda _batch: [])
    with capture_logs() as lines:
        async with at_work(tmp_path, PARISH, SEXTON, bus=bus, metrics=metrics, using=settings(tmp_path)) as (parish, _):
            said(parish, "nave", "aisle")
            await until(lambda: any(line["event"] == "stalled" for line in lines))

    assert 2.0 == shown(metrics, "cordon_lag_messages", "parish")
    assert {("sexton", "parish", 0, 2, "error")} == {
        (line["service"], line["source"], line["number"], line["lag"], line["log_level"])
        for line in lines
        if line["event"] == "stalled"
    }


async def test_two_processes_on_one_database_act_once(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
        other, both = opened(database_of(tmp_path, SEXTON), SEXTON), LocalBus()
        async with running(other, LocalBus()) as standby:
            both.join(parish.journal)
            for name in ("nave", "aisle", "tower", "porch"):
                said(parish, name)
                standby.listeners["parish"].wake()

            assert all(await asyncio.gather(heard(sexton, 4), heard(standby, 4)))
            assert ["nave", "aisle", "tower", "porch"] == swept(sexton) == swept(standby)
            assert ({}, {}) == (sexton.stopped, standby.stopped)


async def test_a_listener_that_is_woken_as_it_is_stopped_stops(tmp_path: Path) -> None:
    """At whichever step of the loop: a cancellation that is lost would keep the whole host from ending."""
    for steps in range(6):
        async with asyncio.timeout(WITHIN_SECONDS), at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
            said(parish, f"hall-{steps}")

            assert await heard(sexton, steps + 1)

            await until(lambda listener=sexton.listeners["parish"]: not listener._woken.is_set())  # type: ignore[misc]  # noqa: SLF001 - it waits
            sexton.listeners["parish"].wake()
            for _ in range(steps):
                await asyncio.sleep(0)


async def test_a_message_of_a_type_from_the_future_waits_for_the_version_that_knows_it(tmp_path: Path) -> None:
    def from_the_future(batch: Sequence[Sent]) -> list[Sent]:
        raws = [sent.raw.replace(b"hall-booked.v2", b"hall-booked.v3") for sent in batch]
        return [Sent(1, link(bytes(32), raws[0]), raws[0])] if raws else []

    assert not CODEC.knows("test.hall-booked.v3")

    bus = LyingBus(from_the_future)
    async with at_work(tmp_path, PARISH, SEXTON, bus=bus, using=settings(tmp_path)) as (parish, sexton):
        said(parish, "nave")

        assert not await heard(sexton, 1)
        assert {"parish": Trouble(number=1, code="unknown-type")} == sexton.stopped

        bus.change = list
        await until(lambda: not sexton.stopped)

        assert ["nave"] == swept(sexton)
