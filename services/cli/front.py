"""`cordon front`: one address for agencies and workers, where each service is a process of its own."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from infra.clock import SystemClock
from infra.logs import configure
from infra.service import Service
from infra.settings import Settings, from_environment
from infra.web.server import CannotListenError, Server, listening
from infra.web.tokens import Tokens, keys_from_file
from services.cli.serve import PORT


@click.command(epilog="Example: CORDON_PEERS='http://{service}.example.org:8000' cordon front")
@click.option("--address", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=PORT, show_default=True, help="The port to listen on.")
@click.pass_obj
def front(all_services: Callable[[], Sequence[Service]], address: str, port: int) -> None:
    """Pass on what is asked to the service that owns its address, until Ctrl-C.

    CORDON_PEERS says where the services answer. Its own metrics are shown to operators if CORDON_ISSUER and
    CORDON_ISSUER_KEYS say whose tokens are believed; the services themselves check whoever asks them.
    """
    settings = from_environment()
    configure(as_json=True)
    asyncio.run(_front(all_services(), settings, address, port))


async def _front(services: Sequence[Service], settings: Settings, address: str, port: int) -> None:
    from infra.web.front import front as fronted

    tokens = None
    if settings.issuer and settings.issuer_keys:
        tokens = Tokens(settings.issuer, settings.site, SystemClock(), keys_from_file(Path(settings.issuer_keys)))
    async with fronted(services, settings, tokens=tokens) as app:
        try:
            bound = listening(address, port)
        except CannotListenError as error:
            raise click.ClickException(str(error)) from None
        await Server(app).run_on(bound)
