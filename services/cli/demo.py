"""`cordon demo`: the services, an issuer of their own for invented people, and the stories played on them.

It listens on the loopback address alone, because whoever reaches it can be anybody in the story.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

from infra.clock import SystemClock
from infra.deploy.children import Children
from infra.entropy import Entropy, SystemEntropy
from infra.host import Host, prepare
from infra.logs import configure, log
from infra.service import Service
from infra.settings import Settings
from infra.web.issuer import Client, Issuer
from infra.web.reader import Role
from infra.web.server import CannotListenError, Server, listening, serving
from infra.web.tokens import Tokens

LOOPBACK: Final = "127.0.0.1"
ISSUER: Final = "https://demonstration.example.org"
TITLE: Final = "Cordon: a demonstration, with invented people"
CREDENTIALS: Final = "demo-clients.json"
SECRET_BYTES: Final = 24
SELF: Final = "northmere-change"
"""The agency that runs the services."""
LOOK_SECONDS: Final = 0.2
START_SECONDS_MAX: Final = 60.0


@click.command(epilog="Example: cordon demo --exit-after-stories --speed 50")
@click.option("--port", default=8000, show_default=True, help="The port on 127.0.0.1; 0 takes a free one.")
@click.option(
    "--data", default=Path("cordon-data"), show_default=True, type=click.Path(path_type=Path, file_okay=False)
)
@click.option("--speed", default=1.0, show_default=True, type=click.FloatRange(0.1, 1000), help="How fast to play.")
@click.option("--exit-after-stories", is_flag=True, help="Exit 0 only if every expected outcome was seen.")
@click.option("--play/--no-play", default=True, help="Only serve, and leave the stories to others.")
@click.option(
    "--bus",
    default="local",
    show_default=True,
    type=click.Choice(["local", "kafka"]),
    help="kafka: a process a service, over the Kafka of KAFKA_BOOTSTRAP_SERVERS or one from Maven artifacts.",
)
@click.option("--postgres", "on_postgres", is_flag=True, help="With kafka: a PostgreSQL database a service.")
@click.pass_obj
def demo(
    all_services: Callable[[], Sequence[Service]],
    port: int,
    data: Path,
    speed: float,
    bus: str,
    *,
    exit_after_stories: bool,
    play: bool,
    on_postgres: bool,
) -> None:
    """Play the stories: agencies and workers are processes of their own that only use the public HTTP API.

    Stays up until Ctrl-C. A second start on the same data goes on from where it was, over either bus.
    """
    if on_postgres and bus == "local":
        raise click.UsageError("--postgres is for services that run apart: --bus kafka")
    settings = Settings(data=data, issuer=ISSUER)
    try:
        prepare(settings)
        lines = (data / "cordon.log").open("a", encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{data} cannot be written to: {error.strerror or error}") from None
    try:
        bound = listening(LOOPBACK, port)
    except CannotListenError as error:
        raise click.ClickException(f"{error}; choose another with --port") from None
    with lines:
        configure(as_json=True, to=lines)
        stage = _Stage(all_services(), settings, bound, speed if play else None, stay=not exit_after_stories)
        is_well = stage.apart(on_postgres=on_postgres) if bus == "kafka" else asyncio.run(stage.together())
    sys.exit(0 if is_well else 1)


class _Stage:
    """Where the stories are played: an issuer of its own, one address, and the services behind it."""

    def __init__(
        self, services: Sequence[Service], settings: Settings, bound: Any, speed: float | None, *, stay: bool
    ) -> None:
        from demo.clients import CLIENTS

        self._services: Final = services
        self._settings: Final = settings
        self._bound: Final = bound
        self._speed: Final = speed
        self._stay: Final = stay
        self._base: Final = f"http://{LOOPBACK}:{bound.getsockname()[1]}"
        self._clock: Final = SystemClock()
        self._entropy: Final = SystemEntropy()
        names = [service.name for service in services]
        ids = [*(client["id"] for client in CLIENTS), *names]
        self._secrets: Final = credentials(settings.data / CREDENTIALS, ids, self._entropy)
        clients: list[tuple[str, tuple[Role, ...], str]]
        clients = [(client["id"], tuple(client["roles"]), client["agency"]) for client in CLIENTS]
        clients += [(name, ("service",), SELF) for name in names]
        known = {
            id: Client(id=id, roles=roles, agency=agency, secret=self._secrets[id]) for id, roles, agency in clients
        }
        self._issuer: Final = Issuer(ISSUER, settings.site, self._clock, known)
        self._tokens: Final = Tokens(ISSUER, settings.site, self._clock, self._issuer.keys)

    async def together(self) -> bool:
        """All services in this process. True if all went as it should."""
        host = Host(
            self._services,
            self._settings,
            self._tokens,
            clock=self._clock,
            entropy=self._entropy,
            routers=[self._issuer.routes()],
            title=TITLE,
        )
        async with serving(host.app, self._bound, host) as server:
            return await self._perform(server)

    def apart(self, *, on_postgres: bool) -> bool:
        """Each service in a process of its own, and one address before them. True if all went as it should."""
        from services.cli.apart import CannotRunError, apart

        names = [service.name for service in self._services]
        try:
            with apart(names, self._settings, self._issuer, self._base, self._secrets, on_postgres=on_postgres) as site:
                click.echo(f"A process for each of {', '.join(names)}; what they say is in {self._settings.data}.")
                return asyncio.run(self._front(site.settings, site.children))
        except CannotRunError as error:
            raise click.ClickException(str(error)) from None

    async def _front(self, settings: Settings, children: Children) -> bool:
        from infra.web.front import front

        async def look_after() -> None:
            while True:
                for name in children.look_after():
                    log("started", level="error", service=name, code="ended-by-itself")
                await asyncio.sleep(LOOK_SECONDS)

        routers = [self._issuer.routes()]
        async with (
            front(self._services, settings, routers=routers, tokens=self._tokens, title=TITLE) as app,
            serving(app, self._bound) as server,
        ):
            looking = asyncio.create_task(look_after())
            try:
                return await self._perform(server)
            finally:
                looking.cancel()

    def _wait_until_well(self, until: Callable[[], bool]) -> None:
        """Services that run apart take some seconds; one that never comes up shows in what is seen of the stories."""
        from demo.client import Api

        deadline = time.monotonic() + START_SECONDS_MAX
        with Api(self._base, ISSUER, "") as api:
            while not (api.is_well() or until() or time.monotonic() > deadline):
                time.sleep(LOOK_SECONDS)

    async def _perform(self, server: Server) -> bool:
        from demo.run import play

        is_well = True
        await asyncio.to_thread(self._wait_until_well, lambda: server.should_exit)
        if self._speed is None:
            where = self._settings.data / CREDENTIALS
            click.echo(f"Serving on {self._base} until Ctrl-C; credentials are in {where}.")
        else:
            is_seen = await asyncio.to_thread(play, self._base, self._secrets, self._speed, lambda: server.should_exit)
            is_well = is_seen or (self._stay and server.should_exit)
            if self._stay and not server.should_exit:
                click.echo(f"Up at {self._base} (what can be asked: {self._base}/docs) until Ctrl-C.")
        if self._stay:
            await server.told()
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
