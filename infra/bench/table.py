"""The report as text: every figure with what it means beside it, and whether it is what was asked for."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Final

from infra.bench.figures import BenchReport, Figure, Spread

WIDTH: Final = 100
_VERDICT: Final = {True: "met", False: "not met"}


def text(report: BenchReport) -> str:
    """All of it, for a terminal."""
    return "\n".join(_lines(report))


def _lines(report: BenchReport) -> Iterator[str]:
    yield (
        f"{report.database}, Python {report.python}, {report.cores} cores; batches of {report.batch}, records of"
        f" {report.record_bytes} bytes, {report.rounds} rounds"
    )
    yield "Each figure: the median, in brackets the tenth and the ninetieth of a hundred; every commit is durable."
    for log in dict.fromkeys(figure.log for figure in report.figures):
        yield ""
        yield f"{log}"
        for figure in report.figures:
            if figure.log == log:
                yield from line(figure)


def line(figure: Figure) -> Iterator[str]:
    """One figure: the number, the bare loop and the ratio; then what it means."""
    said = f"  {figure.name:<34} {_spread(figure.value)} {figure.unit}"
    if figure.bare is not None:
        said += f"   bare {_number(figure.bare.median)}"
    if figure.ratio is not None:
        said += f"   ratio {figure.ratio.median:.2f} [{figure.ratio.low:.2f}-{figure.ratio.high:.2f}]"
    if figure.is_met is not None:
        said += f"   {figure.target}: {_VERDICT[figure.is_met]}"
    yield said
    for part in wrap(figure.meaning, WIDTH):
        yield f"      {part}"


def _spread(value: Spread) -> str:
    return f"{_number(value.median)} [{_number(value.low)}-{_number(value.high)}]"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"  # noqa: PLR2004 - three digits tell enough
