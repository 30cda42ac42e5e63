"""`cordon demo`: all services in one process, an issuer of its own for invented people, and the stories played on it.

It listens on the loopback address alone, because whoever reaches it can be anybody in the story.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

from infra.clock import SystemClock
from infra.entropy import Entropy, SystemEntropy
from infra.host import Host, prepare
from infra.logs import configure
from infra.service import Service
from infra.settings import Settings
from infra.web.issuer import Client, Issuer
from infra.web.server import CannotListenError, Server, listening
from infra.web.tokens import Tokens

LOOPBACK: Final = "127.0.0.1"
ISSUER: Final = "https://demonstration.example.org"
TITLE: Final = "Cordon: a demonstration, with invented people"
CREDENTIALS: Final = "demo-clients.json"
SECRET_BYTES: Final = 24


@click.command(epilog="Example: cordon demo --exit-after-stories --speed 50")
@click.option("--port", default=8000, show_default=True, help="The port on 127.0.0.1; 0 takes a free one.")
@click.option(
    "--data", default=Path("cordon-data"), show_default=True, type=click.Path(path_type=Path, file_okay=False)
)
@click.option("--speed", default=1.0, show_default=True, type=click.FloatRange(0.1, 1000), help="How fast to play.")
@click.option("--exit-after-stories", is_flag=True, help="Exit 0 only if every expected outcome was seen.")
@click.option("--play/--no-play", default=True, help="Only serve, and leave the stories to others.")
@click.pass_obj
def demo(
    all_services: Callable[[], Sequence[Service]],
    port: int,
    data: Path,
    speed: float,
    *,
    exit_after_stories: bool,
    play: bool,
) -> None:
    """Play the stories: agencies and workers are processes of their own that only use the public HTTP API.

    Stays up until Ctrl-C. A second start on the same data goes on from where it was.
    """
    settings = Settings(data=data, issuer=ISSUER)
    try:
        prepare(settings)
        log = (data / "cordon.log").open("a", encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{data} cannot be written to: {error.strerror or error}") from None
    try:
        bound = listening(LOOPBACK, port)
    except CannotListenError as error:
        raise click.ClickException(f"{error}; choose another with --port") from None
    with log:
        configure(as_json=True, to=log)
        is_well = asyncio.run(
            _run(all_services(), settings, bound, speed if play else None, stay=not exit_after_stories)
        )
    sys.exit(0 if is_well else 1)


async def _run(services: Sequence[Service], settings: Settings, bound: Any, speed: float | None, *, stay: bool) -> bool:
    from demo.clients import CLIENTS
    from demo.run import play

    clock, entropy = SystemClock(), SystemEntropy()
    secrets = credentials(settings.data / CREDENTIALS, [client["id"] for client in CLIENTS], entropy)
    clients = {
        client["id"]: Client(
            id=client["id"], roles=tuple(client["roles"]), agency=client["agency"], secret=secrets[client["id"]]
        )
        for client in CLIENTS
    }
    issuer = Issuer(ISSUER, settings.site, clock, clients)
    tokens = Tokens(ISSUER, settings.site, clock, issuer.keys)
    routers = [issuer.routes()]
    base = f"http://{LOOPBACK}:{bound.getsockname()[1]}"
    is_well = True
    async with Host(services, settings, tokens, clock=clock, entropy=entropy, routers=routers, title=TITLE) as host:
        assert host.app is not None
        server = Server(host.app)
        serving = asyncio.create_task(server.run_on(bound))
        if speed is None:
            click.echo(f"Serving on {base} until Ctrl-C; credentials are in {settings.data / CREDENTIALS}.")
        else:
            is_seen = await asyncio.to_thread(play, base, secrets, speed, lambda: server.should_exit)
            is_well = is_seen or (stay and server.should_exit)
            if stay and not server.should_exit:
                click.echo(f"Up at {base} (what can be asked: {base}/docs) until Ctrl-C.")
        if not stay:
            server.should_exit = True
        await serving
    return is_well


def credentials(path: Path, ids: Sequence[str], entropy: Entropy) -> dict[str, str]:
    """A secret for each client, kept readable by this user alone, so that clients outlive a restart of the server."""
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if not set(ids) <= kept.keys():
        kept |= {id: entropy.bytes(SECRET_BYTES).hex() for id in ids if id not in kept}
        whole = path.with_suffix(".new")
        with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(kept, file)
            file.flush()
            os.fsync(file.fileno())
        whole.replace(path)
    return kept
