"""One host runs services: all of them in one process on the local bus, or each alone. Wiring happens here."""

import asyncio
import platform
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Final, Self, TypeVar

from fastapi import APIRouter, FastAPI

from infra.bus.kafka.bus import KafkaBus
from infra.bus.kafka.client import Kafka
from infra.bus.kafka.inbox import InboxRunner
from infra.bus.local import LocalBus
from infra.bus.peers import Peers
from infra.bus.port import Bus
from infra.clock import Clock
from infra.entropy import Entropy
from infra.health import Health
from infra.journal.codec import Codec
from infra.journal.database import Database
from infra.journal.journal import Journal
from infra.listener import STARTING
from infra.logs import log
from infra.metrics import Metrics
from infra.openings import Openings
from infra.runner import Runner
from infra.sealing.keyring import Keyring
from infra.sealing.keys import Keys, init_keys, load_keys
from infra.sealing.sealer import Sealer
from infra.service import Service
from infra.settings import Settings
from infra.web.app import VERSION, Edge, application, serve_also
from infra.web.message_routes import message_routes
from infra.web.service_desk import ServiceDesk
from infra.web.tokens import Tokens
from schemas.moments import written

Result = TypeVar("Result")

VICTIM: Final = "victim"
"""The compartment whose index key keys the ids of what crosses the wall: whoever holds it may know the causes."""
ITSELF: Final = "itself"
ENDING: Final = "ending"
DIGEST_DIGITS: Final = 16


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
    if not directory.exists():
        if settings.bus != "local":
            raise FileNotFoundError(f"there are no keys in {directory}: `cordon keys deal` gives a service its own")
        init_keys(directory)


async def aside(work: Callable[[], Result]) -> Result:
    """Do what may wait long, in a thread of its own: the loop turns meanwhile, and a process that is told to end does
    not wait for it. What is cut off so is as if the process had been killed: a transaction that was never committed.
    """
    done: Future[Result] = Future()
    done.set_running_or_notify_cancel()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            done.set_exception(error)

    Thread(target=run, name="aside", daemon=True).start()
    return await asyncio.wrap_future(done)


class Host:
    """The services of one process, from `async with` to its end. `app` serves them: from the first moment on it tells
    that the host is starting.
    """

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
        self._inboxes: Final[dict[str, InboxRunner]] = {}
        self._is_at_work = False
        self._health: Final = Health(self.runners, self.metrics, self._measure_carrying)
        self.app: Final[FastAPI] = application(self._edge(), self._routers)

    @property
    def bus(self) -> Bus:
        """The bus of this process, once it runs."""
        assert self._bus is not None
        return self._bus

    async def __aenter__(self) -> Self:
        try:
            await self._begin()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def _begin(self) -> None:
        await aside(partial(prepare, self.settings))
        self._bus = open_bus(self._services, self.settings, self.metrics)
        keys = {service.name: load_keys(self.settings.keys_directory(), service.name) for service in self._services}
        first = next(iter(keys.values()))
        self.app.state.fingerprint_key = first.fingerprint
        url = self.settings.keyring_url()
        self._keyring = await aside(partial(Keyring, url, first.public, self._clock, self._entropy))
        for service in self._services:
            secret = keys[service.name].index.get(VICTIM, b"")
            journal = await aside(partial(open_journal, service, self.settings, self._entropy, self._codec, secret))
            self.runners[service.name] = Runner(journal, self.bus, self._clock, self.settings, self.metrics)
            self.bus.join(journal)
        serve_also(self.app, await self._routes(keys))
        await self.bus.start()
        self._health.start()
        for runner in self.runners.values():
            await runner.start()
            if runner.name in self._inboxes:
                await self._inboxes[runner.name].start()
            log("started", service=runner.name, site=self.settings.site)
        self._is_at_work = True

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.app.state.closing.set()
        await self._health.stop()
        for inbox in self._inboxes.values():
            await inbox.stop()
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
            desk = ServiceDesk(runner, sealer, self._keyring, keys[service.name], openings)
            if service.routes is not None:
                routers.append(service.routes(desk))
            if service.inbox is not None and self.settings.bus == "kafka":
                kafka, secret = Kafka(self.settings.kafka), keys[service.name].fingerprint
                self._inboxes[service.name] = InboxRunner(runner, desk, kafka, secret)
        return [*routers, message_routes(self.runners, self.bus)]

    def _edge(self) -> Edge:
        refusals: dict[str, str] = {}
        for service in self._services:
            refusals |= service.refusals
        return Edge(
            tokens=self._tokens,
            clock=self._clock,
            fingerprint_key=b"",
            metrics=self.metrics,
            refusals=refusals,
            health=self.health,
            check=self._check,
            measure=self._health.measure,
            about=self._about(),
            is_at_work=lambda: self._is_at_work,
            body_bytes_max=self.settings.body_bytes_max,
            title=self._title,
        )

    async def _check(self) -> None:
        if self._is_at_work:
            await self._health.check()

    def _measure_carrying(self) -> None:
        self.bus.measure()
        for inbox in self._inboxes.values():
            inbox.measure()

    def _about(self) -> dict[str, object]:
        """What operators are told of this process: no address, no host name, no secret."""
        words = sorted((self._codec or Codec()).names)
        digest = sha256("\n".join(words).encode()).hexdigest()
        return {
            "version": VERSION,
            "python": platform.python_version(),
            "site": self.settings.site,
            "services": [service.name for service in self._services],
            "bus": self.settings.bus,
            "started_at": written(self._clock.now()),
            "vocabulary": {"types": len(words), "digest": digest[:DIGEST_DIGITS]},
        }

    def health(self) -> dict[str, dict[str, str]]:
        """What is not as it should be: service -> what -> a code. Empty where all is well.

        What: a source that is not heard, `database`, what of the carrying does not work, a topic of agencies that is
        not taken from, and `itself` for a service that only starts or already ends.
        """
        if not self._is_at_work:
            return {service.name: {ITSELF: STARTING} for service in self._services}
        ending = {ITSELF: ENDING} if self.app.state.closing.is_set() else {}
        found: dict[str, dict[str, str]] = {}
        for name, runner in self.runners.items():
            inbox = self._inboxes.get(name)
            told = {} if inbox is None else dict(inbox.troubles)
            found[name] = runner.troubles | dict(self.bus.troubles.get(name, {})) | told | ending
        return found
