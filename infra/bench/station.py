"""One process of the way from report to notice: services on a host, as they run.

Whoever started it sends numbers of reports to take, and is sent what was committed when; when it goes, this ends.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

from infra.bench import sample
from infra.bench.asking import to_report
from infra.bench.hops import NAMES, SERVICES
from infra.bench.vocabulary import CODEC, StepTaken
from infra.clock import SystemClock
from infra.command_handler import ask
from infra.entropy import SystemEntropy
from infra.host import Host
from infra.logs import configure
from infra.memory import keep_for_good
from infra.service import Ask, Heard, Known, Note
from infra.settings import Settings
from infra.web.issuer import Client, Issuer
from infra.web.server import listening, serving
from infra.web.tokens import Tokens, keys_from_file

READY: Final = "ready"
LOOPBACK: Final = "127.0.0.1"
LOOK_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What one process is to do: the names of its services and their settings. What it logs goes to `log`."""

    names: tuple[str, ...]
    settings: Settings
    log: Path


@dataclass(frozen=True, slots=True)
class Stamp:
    """A report, at one end of the way, and when that was committed: by `perf_counter`, one clock for all processes."""

    service: str
    report: str
    at: float


class Stamps:
    """Says when what is under way at the two ends of the way was committed. For the writers' threads."""

    def __init__(self, connection: Connection) -> None:
        self._connection: Final = connection
        self._lock: Final = Lock()
        self._under_way: Final[dict[str, list[str]]] = {}

    def expect(self, service: str, report: str) -> None:
        """The next commit of this service has this report in it."""
        self._under_way.setdefault(service, []).append(report)

    def committed(self, service: str) -> None:
        """The moment after a commit. Whoever started us may have gone meanwhile."""
        at = perf_counter()
        with self._lock, suppress(OSError):
            for report in self._under_way.pop(service, ()):
                self._connection.send(Stamp(service, report, at))


def serve(post: Post, connection: Connection) -> None:
    """Run the services of a post on a host, with a real address, until the other end of the connection is gone."""
    with post.log.open("a", encoding="utf-8") as lines:
        configure(as_json=True, to=lines)
        asyncio.run(_serve(post, connection))


async def _serve(post: Post, connection: Connection) -> None:
    settings, first, last = post.settings, NAMES[0], NAMES[-1]
    stamps = Stamps(connection)

    def react(heard: Heard, known: Known) -> Sequence[Note | Ask]:
        assert isinstance(heard.event, StepTaken)
        stamps.expect(last, heard.event.report)
        return SERVICES[last].react(heard, known)

    services = [replace(SERVICES[name], react=react) if name == last else SERVICES[name] for name in post.names]
    issuer, tokens = _identity(settings, issues=first in post.names)
    routers = [issuer.routes()] if issuer is not None else []
    bound = listening(LOOPBACK, urlsplit(settings.peer_url(post.names[0])).port or 0)
    host = Host(services, settings, tokens, clock=SystemClock(), entropy=SystemEntropy(), routers=routers, codec=CODEC)
    async with serving(host.app, bound, host) as server:
        keep_for_good()
        for name in {first, last} & set(post.names):
            host.bus.on_wake(name, partial(stamps.committed, name))
        numbers = received(connection, server.leave)
        taking = asyncio.create_task(_take(host, numbers, stamps)) if first in post.names else None
        saying = asyncio.create_task(_say_when_ready(host, connection))
        await server.told()
        for task in (saying, taking):
            if task is not None:
                task.cancel()


def received(connection: Connection, ended: Callable[[], object]) -> "asyncio.Queue[int]":
    """The numbers sent by whoever started us; `ended` is called when nobody is there any more."""
    numbers: asyncio.Queue[int] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def receive() -> None:
        try:
            numbers.put_nowait(connection.recv())
        except (EOFError, OSError):
            loop.remove_reader(connection.fileno())
            ended()

    loop.add_reader(connection.fileno(), receive)
    return numbers


async def _take(host: Host, numbers: "asyncio.Queue[int]", stamps: Stamps) -> None:
    """One after the other, so that each commit is of one report."""
    runner = host.runners[NAMES[0]]
    while True:
        number = await numbers.get()
        breach = sample.breach(number)
        stamps.expect(NAMES[0], breach.report)
        decided = await runner.write(partial(ask, order=to_report(breach, breach.report, number)))
        assert decided.events, decided


async def _say_when_ready(host: Host, connection: Connection) -> None:
    """Once everything is carried: the relay has found the end of its topic, and every reader its place."""
    while any(host.health().values()):  # noqa: ASYNC110 - the cluster makes it true
        await asyncio.sleep(LOOK_SECONDS)
    connection.send(READY)


def _identity(settings: Settings, *, issues: bool) -> tuple[Issuer | None, Tokens]:
    """The first process issues the tokens with which the others ask each other; its keys are believed by all."""
    believed = Path(settings.issuer_keys)
    if not issues:
        return None, Tokens(settings.issuer, settings.site, SystemClock(), keys_from_file(believed))
    clients = {
        name: Client(id=name, roles=("service",), agency="bench", secret=settings.client_secret) for name in NAMES
    }
    issuer = Issuer(settings.issuer, settings.site, SystemClock(), clients)
    believed.write_text(json.dumps(issuer.keys().as_dict(private=False)))
    return issuer, Tokens(settings.issuer, settings.site, SystemClock(), issuer.keys)
