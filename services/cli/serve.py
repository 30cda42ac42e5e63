"""`cordon serve` runs services for real, with settings that say who is believed; `cordon keys` makes their keys."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import click

from infra.clock import SystemClock
from infra.entropy import SystemEntropy
from infra.host import Host
from infra.logs import configure
from infra.sealing.keys import init_keys
from infra.service import Service
from infra.settings import Settings, from_environment
from infra.web.server import CannotListenError, Server, listening
from infra.web.tokens import Tokens, keys_from_file

PORT: Final = 8000


def chosen(services: Sequence[Service], names: Sequence[str]) -> list[Service]:
    """The services of these names, or all. Raises click.UsageError for a name there is none of."""
    by_name = {service.name: service for service in services}
    for name in names:
        if name not in by_name:
            raise click.UsageError(f"there is no service {name}; there are: {', '.join(by_name)}")
    return [by_name[name] for name in names or by_name]


@click.command(epilog="Example: CORDON_ISSUER=https://id.example.org CORDON_ISSUER_KEYS=jwks.json cordon serve")
@click.option("--address", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=PORT, show_default=True, help="The port to listen on.")
@click.pass_obj
def serve(all_services: Callable[[], Sequence[Service]], address: str, port: int) -> None:
    """Run all services in one process until Ctrl-C: the embedded form, on SQLite and the local bus.

    Settings come from CORDON_ variables; CORDON_ISSUER and CORDON_ISSUER_KEYS say whose tokens are believed.
    """
    settings = from_environment()
    if not settings.issuer or not settings.issuer_keys:
        raise click.UsageError("CORDON_ISSUER and CORDON_ISSUER_KEYS must say whose tokens are believed")
    configure(as_json=True)
    tokens = Tokens(settings.issuer, settings.site, SystemClock(), keys_from_file(Path(settings.issuer_keys)))
    asyncio.run(_serve(chosen(all_services(), ()), settings, tokens, address, port))


async def _serve(services: Sequence[Service], settings: Settings, tokens: Tokens, address: str, port: int) -> None:
    try:
        bound = listening(address, port)
    except CannotListenError as error:
        raise click.ClickException(str(error)) from None
    async with Host(services, settings, tokens, clock=SystemClock(), entropy=SystemEntropy()) as host:
        assert host.app is not None
        await Server(host.app).run_on(bound)


@click.group()
def keys() -> None:
    """The keys that personal data is sealed with."""


@keys.command("init", epilog="Example: cordon keys init /srv/cordon/keys")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def init(directory: Path) -> None:
    """Make a site's key pairs, one a compartment, readable by this user alone. Never overwrites one."""
    try:
        init_keys(directory)
    except (FileExistsError, PermissionError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Keys are in {directory}. Give each service only the private keys of the compartments it may open.")
