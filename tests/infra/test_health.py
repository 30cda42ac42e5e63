"""Health tells the truth, to anybody and at once, and keeps nobody from anything."""

import asyncio
import platform
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pytest
from httpx import ASGITransport, AsyncClient

from infra.clock import ManualClock
from infra.entropy import SystemEntropy
from infra.health import WITHIN_SECONDS, Writable
from infra.host import Host
from infra.metrics import Metrics
from infra.sealing.keys import init_keys
from infra.settings import Settings
from infra.web.app import VERSION
from infra.web.front_owners import Owners
from infra.web.issuer import Issuer
from infra.web.tokens import Tokens
from tests.installation import CLIENTS, OPERATOR, SERVICES, installed
from tests.kernel.parish.events import CODEC
from tests.kernel.parish.journals import NOW, SITE, book
from tests.kernel.parish.running import has_begun, until
from tests.kernel.parish.services import SEXTON
from tests.kernel.parish.town import ISSUER, SERVED, Town, town

Ready = tuple[int, dict[str, dict[str, str]]]
WELL: Final[Ready] = (200, {"parish": {}, "sexton": {}})


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("health") / "keys"
    init_keys(directory)
    return directory


@pytest.fixture
async def edge(tmp_path: Path, keys: Path) -> AsyncIterator[Town]:
    async with town(tmp_path / "site", keys) as served:
        await has_begun(served.host.runners["sexton"])
        yield served


async def ready(client: AsyncClient) -> Ready:
    """What is said of readiness: the status, and what is amiss."""
    answer = await client.get("/health/readiness")
    said = answer.json()

    assert said["status"] == ("up" if answer.status_code == 200 else "degraded")

    return answer.status_code, said["stopped"]


async def eventually(edge: Town, expected: Ready) -> None:
    """It is said before long. Raises TimeoutError."""
    async with asyncio.timeout(20):
        while await ready(edge.client) != expected:
            await asyncio.sleep(0.01)


@contextmanager
def locked(edge: Town, service: str) -> Iterator[None]:
    """Nobody else can write to this service's journal meanwhile."""
    directory = edge.host.runners[service].journal.database.directory
    assert directory is not None
    with closing(sqlite3.connect(directory / f"{service}.sqlite", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def test_a_host_that_starts_says_so_and_answers_nothing_else(tmp_path: Path, keys: Path) -> None:
    clock = ManualClock(NOW)
    issuer = Issuer(ISSUER, SITE, clock, {})
    settings = Settings(data=tmp_path, keys=str(keys))
    tokens = Tokens(ISSUER, SITE, clock, issuer.keys)
    host = Host((SERVED, SEXTON), settings, tokens, clock=clock, entropy=SystemEntropy(), codec=CODEC)
    paths = ("/halls", "/services/parish/messages", "/metrics", "/info", "/docs", "/nowhere")
    async with AsyncClient(transport=ASGITransport(host.app), base_url="http://cordon.example.org") as client:
        starting, lives = await ready(client), await client.get("/health/liveness")
        refused = [await client.get(path) for path in paths]
        async with host:
            refused_no_more = [(await client.get(path)).status_code for path in paths]

    assert (503, {"parish": {"itself": "starting"}, "sexton": {"itself": "starting"}}) == starting
    assert 200 == lives.status_code
    assert {(503, "service-unavailable")} == {(answer.status_code, answer.json()["code"]) for answer in refused}
    assert [401, 401, 401, 401, 200, 404] == refused_no_more


async def test_a_host_that_ends_says_so(edge: Town) -> None:
    edge.host.app.state.closing.set()

    assert (503, {"parish": {"itself": "ending"}, "sexton": {"itself": "ending"}}) == await ready(edge.client)


async def test_a_listener_that_has_not_begun_is_not_ready(tmp_path: Path, keys: Path) -> None:
    """What it has not begun to hear is not heard, however well the source is."""
    async with town(tmp_path / "site", keys) as served:
        await eventually(served, WELL)
        directory = tmp_path / "site"
    with closing(sqlite3.connect(directory / "sexton.sqlite")) as connection:
        connection.execute("DELETE FROM hearing")
        connection.commit()
    async with town(tmp_path / "site", keys) as served:
        sexton = served.host.runners["sexton"]
        async with held(sexton.write):
            await until(lambda: sexton.writable.code is None)
            amiss = sexton.troubles

        await eventually(served, WELL)

    assert {"parish": "starting"} == amiss


@asynccontextmanager
async def held(write: object) -> AsyncIterator[None]:
    yield
