"""`cordon rebuild NAME`: indexes made again from a service's journal."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import click

from infra.entropy import SystemEntropy
from infra.host import open_journal
from infra.service import Service
from infra.settings import from_environment
from services.cli.serve import chosen


@click.command(epilog="Example: cordon rebuild disruption --index actions")
@click.argument("name")
@click.option("--index", "indexes", multiple=True, help="Only this index; may be given several times.")
@click.option("--data", type=click.Path(path_type=Path, exists=True, file_okay=False), help="The data directory.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
@click.pass_obj
def rebuild(
    all_services: Callable[[], Sequence[Service]],
    name: str,
    indexes: tuple[str, ...],
    data: Path | None,
    *,
    as_json: bool,
) -> None:
    """Drop the indexes of service NAME and make them again from its journal; the journal itself is only read."""
    (service,) = chosen(all_services(), [name])
    settings = from_environment()
    settings = replace(settings, data=data) if data else settings
    if not settings.database and not (settings.data / f"{name}.sqlite").exists():
        raise click.ClickException(f"there is no journal of {name} in {settings.data}")
    journal = open_journal(service, settings, SystemEntropy())
    try:
        count = journal.rebuild(indexes)
    except LookupError as error:
        raise click.UsageError(str(error)) from None
    finally:
        journal.database.close()
    made = list(indexes or journal.index_names)
    if as_json:
        click.echo(json.dumps({"service": name, "indexes": made, "records": count}))
    else:
        click.echo(f"{name}: {', '.join(made)} made again from {count} records that concern them.")
