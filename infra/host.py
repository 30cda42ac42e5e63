"""One host runs services: all of them in one process on the local bus, or each alone. Wiring happens here."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from fastapi import APIRouter, FastAPI

from infra.bus.kafka.bus import KafkaBus
from infra.bus.kafka.client import Kafka
from infra.bus.local import LocalBus
from infra.bus.peers import Peers
from infra.bus.port import Bus
from infra.clock import Clock
from infra.entropy import Entropy
from infra.journal.codec import Codec
from infra.journal.database import Database
from infra.journal.journal import Journal
from infra.logs import log
from infra.metrics import Metrics
from infra.openings import Openings
from infra.runner import Runner
from infra.sealing.keyring import Keyring
from infra.sealing.keys import Keys, init_keys, load_keys
from infra.sealing.sealer import Sealer
from infra.service import Service
from infra.settings import Settings
from infra.web.app import Edge, application
from infra.web.message_routes import message_routes
from infra.web.service_desk import ServiceDesk
from infra.web.tokens import Tokens

VICTIM: Final = "victim"
"""The compartment whose index key keys the ids of what crosses the wall: whoever holds it may know the causes."""


def open_journal(
    service: Service, settings: Settings, entropy: Entropy, codec: Codec | None = None, secret: bytes = b""
) -> Journal:
    """The journal of one service of this installation, made if it is not there. `codec`: of another vocabulary."""
    database = Database(settings.database_url(service.name))
    return Journal(service, database, site=settings.site, entropy=entropy, codec=codec, secret=secret)


def open_bus(services: Sequence[Service], settings: Settings, metrics: Metrics) -> Bus:
    """The bus that the settings name. Raises ValueError for settings that do not fit."""
    if settings.bus == "local":
        return LocalBus()
    if settings.bus != "kafka":
        raise ValueError("CORDON_BUS is local or kafka")
    if not settings.kafka or not settings.token_url:
        raise ValueError("CORDON_BUS=kafka needs CORDON_KAFKA, CORDON_PEERS and CORDON_TOKEN_URL")
    (service,) = services  # over Kafka each runs in a process of its own
    client_id = settings.client_id or service.name
    peers = Peers(settings.peer_url, settings.token_url, client_id, settings.client_secret)
    return KafkaBus(settings.site, Kafka(settings.kafka), peers, metrics)


def prepare(settings: Settings) -> None:
    """The data directory and, where there are none yet, the keys: but a service that runs apart is given its own.

    Raises OSError that names what cannot be used.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory = settings.keys_directory()
    if settings.bus == "local" and not directory.exists():
        init_keys(directory)


class Host:
    """The services of one process, from `async with` to its end. `app` serves them."""

    def __init__(
        self,
        services: Sequence[Service],
        settings: Settings,
        tokens: Tokens,
        *,
        clock: Clock,
        entropy: Entropy,
        routers: Sequence[APIRouter] = (),
        title: str = "Cordon",
        codec: Codec | None = None,
    ) -> None:
        self.settings: Final = settings
        self.metrics: Final = Metrics()
        self.runners: Final[dict[str, Runner]] = {}
        self._services: Final = services
        self._tokens: Final = tokens
        self._clock: Final = clock
        self._entropy: Final = entropy
        self._routers: Final = list(routers)
        self._title: Final = title
        self._codec: Final = codec
        self._keyring: Keyring | None = None
        self._bus: Bus | None = None
        self.app: FastAPI | None = None

    @property
    def bus(self) -> Bus:
        """The bus of this process, once it runs."""
        assert self._bus is not None
        return self._bus

    async def __aenter__(self) -> Self:
        prepare(self.settings)
        self._bus = open_bus(self._services, self.settings, self.metrics)
        keys = {service.name: load_keys(self.settings.keys_directory(), service.name) for service in self._services}
        first = next(iter(keys.values()))
        self._keyring = Keyring(self.settings.keyring_url(), first.public, self._clock, self._entropy)
        try:
            for service in self._services:
                secret = keys[service.name].index.get(VICTIM, b"")
                journal = open_journal(service, self.settings, self._entropy, self._codec, secret)
                self.runners[service.name] = Runner(journal, self.bus, self._clock, self.settings, self.metrics)
                self.bus.join(journal)
            self.app = application(self._edge(first.fingerprint), [*self._routers, *await self._routes(keys)])
            await self.bus.start()
            for runner in self.runners.values():
                await runner.start()
                log("started", service=runner.name, site=self.settings.site)
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for runner in self.runners.values():
            await runner.stop_listening()
        if self._bus is not None:
            await self._bus.stop()
        for runner in self.runners.values():
            self.bus.leave(runner.name)
            await runner.stop()
            log("ended", service=runner.name)
        if self._keyring is not None:
            self._keyring.close()

    async def _routes(self, keys: Mapping[str, Keys]) -> list[APIRouter]:
        routers = []
        assert self._keyring is not None
        for service in self._services:
            runner = self.runners[service.name]
            sealer = Sealer(service.name, self._keyring, keys[service.name], self._entropy)
            openings = Openings(runner, sealer, self._entropy, Path(self.settings.data))
            await openings.bring_in()
            if service.routes is not None:
                desk = ServiceDesk(runner, sealer, self._keyring, keys[service.name], openings)
                routers.append(service.routes(desk))
        return [*routers, message_routes(self.runners, self.bus)]

    def _edge(self, fingerprint_key: bytes) -> Edge:
        refusals: dict[str, str] = {}
        for service in self._services:
            refusals |= service.refusals
        return Edge(
            tokens=self._tokens,
            clock=self._clock,
            fingerprint_key=fingerprint_key,
            metrics=self.metrics,
            refusals=refusals,
            health=self.health,
            body_bytes_max=self.settings.body_bytes_max,
            title=self._title,
        )

    def health(self) -> dict[str, dict[str, str]]:
        """What each service has stopped hearing, and what of its carrying does not work; empty where all is well."""
        carrying = self.bus.troubles
        return {
            name: {source: trouble.code for source, trouble in runner.stopped.items()} | dict(carrying.get(name, {}))
            for name, runner in self.runners.items()
        }
