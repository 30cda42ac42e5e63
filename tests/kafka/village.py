"""Services of the parish, each on a host of its own with a real address, over one Kafka cluster and one issuer.

All in one event loop, so that a test can hold one of them still; what they share is the cluster and HTTP.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final, TypeVar

from fastapi import FastAPI

from infra.bus.kafka.client import Kafka
from infra.bus.kafka.topics import create
from infra.bus.peers import Peers
from infra.clock import Clock, ManualClock
from infra.entropy import SystemEntropy
from infra.host import Host
from infra.journal.codec import Codec
from infra.journal.journal import Journal
from infra.service import Service
from infra.settings import Settings
from infra.web.issuer import Client, Issuer
from infra.web.server import Server, listening
from infra.web.tokens import Tokens
from tests.kernel.parish.events import CODEC
from tests.kernel.parish.journals import NOW

Found = TypeVar("Found")

ISSUER: Final = "https://id.example.org"
ADDRESS: Final = "127.0.0.1"
SECRET: Final = "secret of every service here"
SECONDS_MAX: Final = 30.0
LOOK_SECONDS: Final = 0.01


class QuietServer(Server):
    """A server among others in one loop: signals are for the tests' runner."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: FastAPI, bound: socket.socket) -> AsyncIterator[str]:
    """The base URL of an application that is served on this socket meanwhile."""
    if not hasattr(app.state, "closing"):
        app.state.closing = asyncio.Event()
    server = QuietServer(app)
    task = asyncio.create_task(server.run_on(bound))
    try:
        yield f"http://{ADDRESS}:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


class Village:
    """What the hosts have in common: site, cluster, issuer, keys, and where each of them answers."""

    def __init__(
        self,
        directory: Path,
        keys: Path,
        servers: str,
        site: str,
        clock: Clock,
        clients: Mapping[str, Client] | None = None,
    ) -> None:
        self.site: Final = site
        self.kafka: Final = Kafka(servers)
        self.clock: Final = clock
        self.directory: Final = directory
        self.hosts: Final[dict[str, Host]] = {}
        self._keys: Final = keys
        self._servers: Final = servers
        self._ports: Final[dict[str, int]] = {}
        self.issuer: Final = Issuer(ISSUER, site, clock, _Anybody() if clients is None else clients)
        self.token_url = ""

    @asynccontextmanager
    async def issuing(self) -> AsyncIterator[None]:
        """Give tokens meanwhile."""
        app = FastAPI()
        app.include_router(self.issuer.routes())
        async with serving(app, listening(ADDRESS, 0)) as base:
            self.token_url = f"{base}/demo/token"
            yield

    def peer_url(self, service: str) -> str:
        """Where a service answers, or will."""
        if service not in self._ports:
            raise ValueError(service)
        return f"http://{ADDRESS}:{self._ports[service]}"

    def peers(self, service: str) -> Peers:
        """The others as this service sees them."""
        return Peers(self.peer_url, self.token_url, service, SECRET)

    def settings(self, service: str, database: str = "", **given: object) -> Settings:
        """Those of one service's process."""
        known = {"compare_seconds": 86_400.0, "retry_seconds_max": 0.5} | given
        return Settings(
            data=self.directory / service,
            site=self.site,
            keys=str(self._keys),
            database=database,
            keyring=f"sqlite:///{self.directory / 'keyring.sqlite'}",
            issuer=ISSUER,
            bus="kafka",
            kafka=self._servers,
            peers=",".join(f"{name}=http://{ADDRESS}:{port}" for name, port in self._ports.items()),
            token_url=self.token_url,
            client_secret=SECRET,
            **known,  # type: ignore[arg-type]  # each test gives what it is about
        )

    def know(self, *services: str) -> None:
        """Choose a port for each of these: it stays theirs, whether they run or not."""
        for name in services:
            if name not in self._ports:
                with listening(ADDRESS, 0) as drawn:
                    self._ports[name] = drawn.getsockname()[1]

    @asynccontextmanager
    async def living(
        self, service: Service, codec: Codec = CODEC, database: str = "", **given: object
    ) -> AsyncIterator[Host]:
        """This service on a host of its own meanwhile, new or as it was left."""
        name = service.name
        self.know(name)
        bound = listening(ADDRESS, self._ports[name])
        tokens = Tokens(ISSUER, self.site, self.clock, self.issuer.keys)
        settings = self.settings(name, database, **given)
        async with Host((service,), settings, tokens, clock=self.clock, entropy=SystemEntropy(), codec=codec) as host:
            assert host.app is not None
            async with serving(host.app, bound):
                self.hosts[name] = host
                yield host
                del self.hosts[name]

    def journal(self, service: str) -> Journal:
        """The journal of a service that runs."""
        return self.hosts[service].runners[service].journal


class _Anybody(dict[str, Client]):
    """Every service there may be, as a client of the issuer."""

    def get(self, id: str, default: Client | None = None) -> Client | None:  # type: ignore[override]
        return Client(id=id, roles=("service",), agency="partnership", secret=SECRET) if id else default


async def until(look: Callable[[], Awaitable[Found] | Found], holds: Callable[[Found], bool] = bool) -> Found:
    """What `look` finds, once it holds. Raises AssertionError, with the last of it, if it never does."""
    found: Found
    try:
        async with asyncio.timeout(SECONDS_MAX):
            while True:
                looked = look()
                found = await looked if isinstance(looked, Awaitable) else looked
                if holds(found):
                    return found
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise AssertionError(f"never came true; the last look found {found!r}") from None


@asynccontextmanager
async def village(
    directory: Path, keys: Path, servers: str, site: str, *services: str, clock: Clock | None = None
) -> AsyncIterator[Village]:
    """A site with its topics and its issuer; its services are brought to life by the test."""
    found = Village(directory, keys, servers, site, clock or ManualClock(NOW))
    found.know(*services)
    await create(found.kafka, site, services, (), 1)
    async with found.issuing():
        yield found
