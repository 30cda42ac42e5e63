"""`cordon bench pipeline` runs and says what it measured. Timings are judged nowhere: the machine is never quiet."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Final

import pytest

from infra.bench import station
from infra.bench.figures import BenchReport
from infra.bench.pipeline import run
from infra.bench.station import Post
from infra.bench.table import text
from infra.bench.way import BrokenError, Way
from infra.settings import Settings
from tests.broker import kafka_servers
from tests.postgres import postgres_url

ALONE: Final = "from report to notice over four services, one by one"
STEADILY: Final = "from report to notice over four services, 20 a second"
LATENCIES: Final = ((ALONE, "p50"), (ALONE, "p99"), (STEADILY, "p50"), (STEADILY, "p99"))


class Measuring:
    """A tiny run."""

    figures: ClassVar[tuple[tuple[str, str], ...]]
    without_bare: ClassVar[set[str]]

    def test_every_figure_is_measured(self, report: BenchReport) -> None:
        assert list(self.figures) == [(one.log, one.name) for one in report.figures]

    def test_every_figure_says_what_it_means(self, report: BenchReport) -> None:
        assert [] == [figure.name for figure in report.figures if len(figure.meaning) < len("Each sent at its time.")]

    def test_what_was_measured_is_of_this_world(self, report: BenchReport) -> None:
        for figure in report.figures:
            assert 0 < figure.value.low <= figure.value.high, figure.name
            assert (figure.bare is None) == (figure.ratio is None), figure.name
            assert (figure.target == "") == (figure.is_met is None), figure.name

    def test_every_figure_stands_beside_a_bare_loop(self, report: BenchReport) -> None:
        assert self.without_bare == {figure.log for figure in report.figures if figure.ratio is None}

    def test_the_table_has_every_figure(self, report: BenchReport) -> None:
        table = text(report)

        assert [] == [figure.name for figure in report.figures if figure.name not in table]


class TestOverKafka(Measuring):
    """A process a service, and SQLite."""

    figures = (
        ("messages", "from journal to topic"),
        ("messages", "from Kafka to committed"),
        ("messages", "..., beside a loop that publishes too"),
        *LATENCIES,
    )
    without_bare: ClassVar[set[str]] = set()

    @pytest.fixture(scope="class")
    @classmethod
    def report(cls, tmp_path_factory: pytest.TempPathFactory) -> BenchReport:
        return _tiny(tmp_path_factory.mktemp("bench"), kafka_servers(), None)

    def test_what_was_asked_for_is_judged(self, report: BenchReport) -> None:
        judged = {"from Kafka to committed": "at least 0.3 x the speed", "p50": "at most 3 x the time"}

        assert judged == {figure.name: figure.target for figure in report.figures if figure.target}


class TestOverTheLocalBus(Measuring):
    """One process, and PostgreSQL."""

    figures = (("messages", "from the local bus to committed"), *LATENCIES)
    without_bare: ClassVar[set[str]] = {STEADILY}

    @pytest.fixture(scope="class")
    @classmethod
    def report(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BenchReport]:
        with postgres_url() as url:
            yield _tiny(tmp_path_factory.mktemp("bench"), None, url)


def test_a_process_that_ends_is_named(tmp_path: Path) -> None:
    settings = Settings(
        data=tmp_path, bus="no such bus", issuer_keys=str(tmp_path / "keys.json"), peers="first=http://127.0.0.1:0"
    )
    post = Post(names=("first",), settings=settings, log=tmp_path / "first.log")

    with pytest.raises(BrokenError, match="the process of first has ended"), Way([post], station.serve):
        pass


def _tiny(directory: Path, servers: str | None, url: str | None) -> BenchReport:
    said: list[str] = []
    report = run(directory, servers=servers, url=url, scale=0.01, report=said.append)
    assert said
    return report
