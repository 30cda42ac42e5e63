"""`cordon bench journal` runs and says what it measured. Timings are judged nowhere: the machine is never quiet."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.bench.figures import BenchReport, interleaved, percentile, ratios, spread
from infra.bench.journal import run
from infra.bench.table import text
from tests.postgres import postgres_url

FIGURES = (
    "append",
    "append, beside the driver alone",
    "listen",
    "listen, in events a second",
    "listen, beside half the work",
    "fold from disk",
    "a command alone, p50",
    "a command alone, p99",
    "20 commands at once, p50",
    "20 commands at once, p99",
    "memory while reading",
)


class Measuring:
    """A tiny run, wherever the databases are."""

    def test_every_figure_is_measured_on_a_new_log_and_on_a_long_one(self, report: BenchReport) -> None:
        logs = ("a new log", "a log of 6,000 records")

        assert [(log, name) for log in logs for name in FIGURES] == [(one.log, one.name) for one in report.figures]

    def test_every_figure_says_what_it_means(self, report: BenchReport) -> None:
        assert [] == [figure.name for figure in report.figures if len(figure.meaning) < len("The slowest of a hundred")]

    def test_what_was_measured_is_of_this_world(self, report: BenchReport) -> None:
        for figure in report.figures:
            assert 0 < figure.value.low <= figure.value.high, figure.name
            assert (figure.bare is None) == (figure.ratio is None), figure.name
            assert (figure.target == "") == (figure.is_met is None), figure.name

    def test_the_table_has_every_figure_and_a_verdict_for_every_target(self, report: BenchReport) -> None:
        table = text(report)

        assert [] == [figure.name for figure in report.figures if figure.name not in table]
        assert sum(figure.is_met is not None for figure in report.figures) == table.count(": met") + table.count(
            ": not met"
        )

    def test_memory_is_flat_while_a_journal_is_read(self, report: BenchReport) -> None:
        assert [True, True] == [figure.is_met for figure in report.figures if figure.target == "flat"]


class TestOnSqlite(Measuring):
    """Files."""

    @pytest.fixture(scope="class")
    @classmethod
    def report(cls, tmp_path_factory: pytest.TempPathFactory) -> BenchReport:
        return _tiny(tmp_path_factory.mktemp("bench"), None)


class TestOnPostgres(Measuring):
    """A server, with COPY."""

    @pytest.fixture(scope="class")
    @classmethod
    def report(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BenchReport]:
        with postgres_url() as url:
            yield _tiny(tmp_path_factory.mktemp("bench"), url)


def _tiny(directory: Path, url: str | None) -> BenchReport:
    said: list[str] = []
    report = run(directory, url=url, scale=0.01, events_total=6_000, report=said.append)
    assert said
    return report


def test_the_median_and_the_spread_are_of_the_values_measured() -> None:
    measured = spread([5.0, 1.0, 2.0, 4.0, 3.0])

    assert (3.0, 1.0, 5.0) == (measured.median, measured.low, measured.high)


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert 99.0 == percentile([float(number) for number in range(1, 101)], 0.99)


def test_a_ratio_is_taken_round_by_round() -> None:
    assert 2.0 == ratios([2.0, 20.0, 4.0], [1.0, 10.0, 2.0]).median


def test_contestants_take_turns() -> None:
    turns: list[str] = []

    def turn(name: str) -> float:
        turns.append(name)
        return 1.0

    taken = interleaved(2, [lambda: turn("a"), lambda: turn("b")])

    assert ["a", "b", "a", "b"] == turns
    assert [[1.0, 1.0], [1.0, 1.0]] == taken
