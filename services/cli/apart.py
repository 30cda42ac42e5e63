"""A whole site on this machine as in earnest: a process for each service, each with its own keys, over Kafka.

Kafka is that of KAFKA_BOOTSTRAP_SERVERS, or one of its own from Maven artifacts; journals are SQLite files, or
databases of a PostgreSQL from its wheel. What is shared is the issuer of tokens, which whoever starts this serves.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from infra.bus.kafka.client import Kafka
from infra.bus.kafka.cluster import UnreachableError
from infra.bus.kafka.topics import create
from infra.deploy.broker import Broker, CannotStartError
from infra.deploy.children import Children, Command
from infra.deploy.postgres import NotInstalledError, databases, postgres
from infra.sealing.keys import deal_keys, init_keys
from infra.settings import PREFIX, Settings
from infra.web.issuer import Issuer
from infra.web.server import listening
from schemas.agencies import agencies

LOOPBACK: Final = "127.0.0.1"
SERVERS: Final = "KAFKA_BOOTSTRAP_SERVERS"
KEYRING: Final = "keyring"


class CannotRunError(Exception):
    """The site cannot be brought up: the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site that runs: its processes, and the settings of whoever stands before it."""

    children: Children
    settings: Settings


@contextmanager
def apart(
    names: Sequence[str],
    settings: Settings,
    issuer: Issuer,
    base: str,
    secrets: Mapping[str, str],
    *,
    on_postgres: bool,
) -> Iterator[Site]:
    """Bring a site up in `settings.data`, from `with` to its end. `base` is where the issuer gives tokens, and
    `secrets` are those of the services, by name. Takes some seconds, and blocks. Raises CannotRunError.
    """
    with ExitStack() as stack:
        keys = settings.keys_directory()
        if not keys.exists():
            init_keys(keys)
        believed = settings.data / "issuer-keys.json"
        believed.write_text(json.dumps(issuer.keys().as_dict(private=False)))
        servers = os.environ.get(SERVERS) or stack.enter_context(_broker(settings.data / "kafka"))
        _make_topics(servers, settings.site, names)
        database = _database(settings.data, names) if on_postgres else ""
        peers = ",".join(f"{name}=http://{LOOPBACK}:{_free_port()}" for name in names)
        common = {
            "data": str(settings.data),
            "site": settings.site,
            "database": database,
            "keyring": database.format(service=KEYRING) if database else "",
            "issuer": issuer.name,
            "issuer_keys": str(believed),
            "bus": "kafka",
            "kafka": servers,
            "peers": peers,
            "token_url": f"{base}/demo/token",
        }
        commands = {}
        for name in names:
            own_keys = settings.data / "keys-of" / name
            deal_keys(keys, name, own_keys)
            own = {**common, "keys": str(own_keys), "client_secret": secrets[name]}
            commands[name] = Command(words=(sys.executable, "-m", "services", "serve", name), environment=_as_set(own))
        known = {field.name for field in fields(Settings)}
        assert common.keys() <= known
        children = stack.enter_context(Children(commands, settings.data))
        yield Site(children=children, settings=Settings(data=settings.data, site=settings.site, peers=peers))


def _as_set(settings: Mapping[str, str]) -> dict[str, str]:
    return {PREFIX + name.upper(): value for name, value in settings.items() if value}


@contextmanager
def _broker(directory: Path) -> Iterator[str]:
    try:
        broker = Broker(directory)
        broker.start()
    except CannotStartError as error:
        raise CannotRunError(f"{error}; {SERVERS} can name another Kafka") from None
    try:
        yield broker.servers
    finally:
        broker.stop()


def _make_topics(servers: str, site: str, names: Sequence[str]) -> None:
    try:
        created = asyncio.run(create(Kafka(servers), site, names, list(agencies()), 1))
    except UnreachableError as error:
        raise CannotRunError(str(error)) from None
    if created.wrong:
        raise CannotRunError("; ".join(f"{one.topic}: {one}" for one in created.wrong))


def _database(data: Path, names: Sequence[str]) -> str:
    """Beside the data directory, since the wheel opens what is above its own to another user."""
    directory = data.absolute().with_name(f"{data.name}-postgres")
    try:
        return databases(postgres(directory), (*names, KEYRING))
    except NotInstalledError as error:
        raise CannotRunError(str(error)) from None


def _free_port() -> int:
    with listening(LOOPBACK, 0) as drawn:
        port: int = drawn.getsockname()[1]
        return port
