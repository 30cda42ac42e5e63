"""`cordon serve` runs services for real, with settings that say who is believed; `cordon keys` makes their keys."""

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from typing import Final
from urllib.parse import urlsplit

import click

from infra.clock import SystemClock
from infra.deploy.children import Children, Command
from infra.entropy import SystemEntropy
from infra.host import Host
from infra.logs import configure, log
from infra.memory import keep_for_good
from infra.sealing.keys import deal_keys, init_keys
from infra.service import Service
from infra.settings import Settings, from_environment
from infra.web.server import STOPPED_BY, CannotListenError, listening, serving
from infra.web.tokens import Tokens, keys_from_file

PORT: Final = 8000
LOOK_SECONDS: Final = 0.2


def chosen(services: Sequence[Service], names: Sequence[str]) -> list[Service]:
    """The services of these names, or all. Raises click.UsageError for a name there is none of."""
    by_name = {service.name: service for service in services}
    for name in names:
        if name not in by_name:
            raise click.UsageError(f"there is no service {name}; there are: {', '.join(by_name)}")
    return [by_name[name] for name in names or by_name]


@click.command(epilog="Example: CORDON_BUS=kafka cordon serve intake --address 0.0.0.0 --port 8000")
@click.argument("names", nargs=-1)
@click.option("--address", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="The port to listen on; by default 8000, or as CORDON_PEERS."
)
@click.pass_obj
def serve(
    all_services: Callable[[], Sequence[Service]], names: tuple[str, ...], address: str, port: int | None
) -> None:
    """Run services until Ctrl-C or SIGTERM: without NAMES all in one process, on the local bus, the embedded form.

    With CORDON_BUS=kafka each runs in a process of its own: one NAME is served by this process; for several this
    process starts one each, at the ports that CORDON_PEERS says, and starts those again that end by themselves.
    Settings come from CORDON_ variables; CORDON_ISSUER and CORDON_ISSUER_KEYS say whose tokens are believed.
    """
    settings = from_environment()
    if not settings.issuer or not settings.issuer_keys:
        raise click.UsageError("CORDON_ISSUER and CORDON_ISSUER_KEYS must say whose tokens are believed")
    services = chosen(all_services(), names)
    is_apart = settings.bus == "kafka"
    if names and not is_apart:
        raise click.UsageError("services run apart over Kafka alone: CORDON_BUS=kafka, or no NAMES")
    configure(as_json=True)
    if is_apart and len(services) > 1:
        if port is not None:
            raise click.UsageError("--port is for one service; CORDON_PEERS says where each of several listens")
        _serve_each(services, address, settings.data)
        return
    if port is None:
        port = (urlsplit(settings.peer_url(services[0].name)).port if is_apart else None) or PORT
    tokens = Tokens(settings.issuer, settings.site, SystemClock(), keys_from_file(Path(settings.issuer_keys)))
    asyncio.run(_serve(services, settings, tokens, address, port))


async def _serve(services: Sequence[Service], settings: Settings, tokens: Tokens, address: str, port: int) -> None:
    try:
        bound = listening(address, port)
    except CannotListenError as error:
        raise click.ClickException(str(error)) from None
    host = Host(services, settings, tokens, clock=SystemClock(), entropy=SystemEntropy())
    async with serving(host.app, bound, host) as server:
        keep_for_good()
        await server.told()


def _serve_each(services: Sequence[Service], address: str, logs: Path) -> None:
    logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    ended = Event()
    for number in STOPPED_BY:
        signal.signal(number, lambda *_: ended.set())
    words = (sys.executable, "-m", "services", "serve", "--address", address)
    commands = {service.name: Command(words=(*words, service.name), environment={}) for service in services}
    with Children(commands, logs) as children:
        click.echo(f"Each of {', '.join(commands)} runs in a process of its own; what it says is in {logs}.")
        while not ended.wait(LOOK_SECONDS):
            for name in children.look_after():
                log("started", level="error", service=name, code="ended-by-itself")


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


@keys.command("deal", epilog="Example: cordon keys deal /srv/cordon/keys intake /srv/cordon/keys-of/intake")
@click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("service")
@click.argument("to", type=click.Path(path_type=Path, file_okay=False))
@click.pass_obj
def deal(all_services: Callable[[], Sequence[Service]], directory: Path, service: str, to: Path) -> None:
    """Copy to TO what SERVICE may hold of the keys in DIRECTORY: the wall between services that run apart."""
    (chosen_one,) = chosen(all_services(), [service])
    try:
        deal_keys(directory, chosen_one.name, to)
    except (FileExistsError, FileNotFoundError, PermissionError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"What {service} may hold is in {to}.")
