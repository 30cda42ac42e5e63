"""`cordon demo-issuer`: the demonstration's issuer by itself, where services run apart from it, as in containers.

It is the one part of the demonstration that decides who is believed, so it is started by this name alone, calls itself
what it is in every token, and does not come up where anybody else's tokens are believed.
"""

import asyncio
import json
import os
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import click

from infra.clock import SystemClock
from infra.entropy import SystemEntropy
from infra.logs import configure
from infra.service import Service
from infra.settings import Settings, from_environment
from infra.web.issuer import WHAT_IT_IS, Client, Issuer, standing_alone
from infra.web.server import CannotListenError, Server, listening
from services.cli.demo import CREDENTIALS, ISSUER, SELF, credentials
from services.cli.serve import PORT

SECRETS: Final = "CORDON_DEMO_SECRETS"


@click.command("demo-issuer", epilog="Example: CORDON_ISSUER_KEYS=issuer/keys.json cordon demo-issuer")
@click.option("--address", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=PORT, show_default=True, help="The port to listen on; 0 takes a free one.")
@click.option(
    "--open-to-others", is_flag=True, help="Listen beyond this machine: in a network that is the demonstration's own."
)
@click.pass_obj
def demo_issuer(
    all_services: Callable[[], Sequence[Service]], address: str, port: int, *, open_to_others: bool
) -> None:
    """Give tokens to the invented clients of the demonstration, until Ctrl-C. Never for a real site.

    Whoever reaches it with a client's secret is that client to every service that believes it. It writes its public
    keys to the file of CORDON_ISSUER_KEYS, which the services read, and makes the secrets of the story's clients in
    the directory of CORDON_DATA, which `cordon play` reads. CORDON_DEMO_SECRETS holds those of the services,
    `name=secret` with commas between.
    """
    if not (open_to_others or ip_address(address).is_loopback):
        raise click.UsageError(f"{address} is not this machine alone: whoever reaches it can be anybody in the story")
    settings = from_environment()
    if settings.issuer not in {"", ISSUER}:
        raise click.UsageError(f"CORDON_ISSUER names another: a demonstration's tokens are never of any but {ISSUER}")
    if not settings.issuer_keys:
        raise click.UsageError("CORDON_ISSUER_KEYS must say in which file the services look for the public keys")
    configure(as_json=True)
    services = [service.name for service in all_services()]
    issuer = Issuer(ISSUER, settings.site, SystemClock(), _clients(settings, services, os.environ.get(SECRETS, "")))
    try:
        bound = listening(address, port)
    except CannotListenError as error:
        raise click.ClickException(str(error)) from None
    _publish(Path(settings.issuer_keys), issuer)
    click.echo(f"{WHAT_IT_IS} It gives tokens on {address}:{bound.getsockname()[1]} until Ctrl-C.")
    asyncio.run(Server(standing_alone(issuer)).run_on(bound))


def _clients(settings: Settings, services: Sequence[str], said: str) -> Mapping[str, Client]:
    """Everybody who may ask for a token. Raises click.UsageError where a service has no secret."""
    from demo.clients import CLIENTS

    given = dict(pair.partition("=")[::2] for pair in said.split(",") if pair)
    if missing := [name for name in services if not given.get(name)]:
        raise click.UsageError(f"{SECRETS} has no secret for {', '.join(missing)}")
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    secrets = credentials(settings.data / CREDENTIALS, [client["id"] for client in CLIENTS], SystemEntropy())
    of_the_story = [
        Client(id=one["id"], roles=tuple(one["roles"]), agency=one["agency"], secret=secrets[one["id"]])
        for one in CLIENTS
    ]
    of_services = [Client(id=name, roles=("service",), agency=SELF, secret=given[name]) for name in services]
    return {client.id: client for client in (*of_the_story, *of_services)}


def _publish(path: Path, issuer: Issuer) -> None:
    """All at once, since a service may read it at any moment; and for every user, since they are public."""
    whole = path.with_suffix(".new")
    whole.write_text(json.dumps(issuer.keys().as_dict(private=False)))
    whole.chmod(0o644)
    whole.replace(path)
