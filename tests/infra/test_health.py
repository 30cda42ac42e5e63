"""Health tells the truth, to anybody and at once, and keeps nobody from anything."""

import asyncio
import platform
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Final

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import create_engine, text
from structlog.testing import capture_logs

from infra.bus.kafka.relay import TOPIC_WRONG
from infra.bus.local import LocalBus
from infra.clock import ManualClock
from infra.entropy import SystemEntropy
from infra.health import ENDED, UNWRITABLE, WITHIN_SECONDS, Writable
from infra.hearing import FORKED, UNDECODABLE, UNKNOWN_TYPE
from infra.host import ENDING, Host
from infra.listener import STALLED, STARTING, UNREACHABLE
from infra.metrics import Metrics
from infra.sealing.keys import init_keys
from infra.settings import Settings
from infra.web.app import VERSION
from infra.web.front_owners import Owners
from infra.web.issuer import Issuer
from infra.web.tokens import Tokens
from tests.house.tree import REPOSITORY
from tests.installation import CLIENTS, OPERATOR, SERVICES, installed
from tests.kernel.parish.events import CODEC
from tests.kernel.parish.journals import NOW, SITE, opened, without
from tests.kernel.parish.running import database_of, has_begun, running, until
from tests.kernel.parish.services import PARISH, SEXTON
from tests.kernel.parish.town import ISSUER, SERVED, Town, town
from tests.postgres import postgres_url

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
        while await ready(edge.client) != expected:  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.01)


def directory_of(edge: Town) -> Path:
    """Where the journals are."""
    directory = edge.journal.database.directory
    assert directory is not None
    return directory


@contextmanager
def locked(directory: Path, service: str) -> Iterator[Callable[[], None]]:
    """Nobody else can write to this service's journal meanwhile. Yields how to let go before the end."""
    with closing(sqlite3.connect(directory / f"{service}.sqlite", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")

        def let_go() -> None:
            connection.execute("ROLLBACK")

        yield let_go


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


async def test_a_listener_that_has_not_begun_is_not_ready(tmp_path: Path) -> None:
    """What it has not begun to hear is not heard, however well the source is."""
    bus = LocalBus()
    parish, sexton = (opened(database_of(tmp_path, service), service) for service in (PARISH, SEXTON))
    async with running(parish, bus):
        with locked(tmp_path, "sexton") as let_go:
            async with running(sexton, bus) as runner:
                amiss = runner.troubles
                let_go()
                await has_begun(runner)
                await until(lambda: not runner.troubles)

    assert {"parish": "starting"} == amiss


async def test_a_source_that_does_not_answer_is_unreachable_until_it_does(edge: Town) -> None:
    sexton, parish = edge.host.runners["sexton"], edge.host.runners["parish"]
    edge.host.bus.leave("parish")
    sexton.listeners["parish"].wake()
    await eventually(edge, (503, {"parish": {}, "sexton": {"parish": "unreachable"}}))
    edge.host.bus.join(parish.journal)
    sexton.listeners["parish"].wake()
    await eventually(edge, WELL)


async def test_what_has_ended_though_it_should_run_is_seen(edge: Town) -> None:
    (listening,) = (task for task in asyncio.all_tasks() if task.get_name() == "sexton<parish")
    listening.cancel()
    await asyncio.wait({listening})

    assert (503, {"parish": {}, "sexton": {"parish": "ended"}}) == await ready(edge.client)


async def test_a_journal_that_cannot_be_written_is_seen_in_time_and_showing_goes_on(edge: Town) -> None:
    """SR-27: nobody is kept from what can be shown."""
    await edge.book()
    with locked(directory_of(edge), "parish"):
        started = perf_counter()
        said = await ready(edge.client)
        seconds = perf_counter() - started
        shown, lives = await edge.ask("GET", "/halls"), await edge.client.get("/health/liveness")

    assert (503, {"parish": {"database": "unwritable"}, "sexton": {}}) == said
    assert seconds < WITHIN_SECONDS + 1
    assert (200, 200) == (shown.status_code, lives.status_code)

    await eventually(edge, WELL)


async def test_a_journal_that_fails_is_seen_and_logged_once(edge: Town) -> None:
    with capture_logs() as lines, without(edge.journal, "head"):
        said = [await ready(edge.client) for _ in range(3)]

    assert [(503, {"parish": {"database": "unwritable"}, "sexton": {}})] * 3 == said
    assert [{"service": "parish", "source": "database", "error": "OperationalError"}] == [
        {name: line[name] for name in ("service", "source", "error")} for line in lines if line["event"] == "failed"
    ]

    await eventually(edge, WELL)


async def test_probing_costs_nothing(tmp_path: Path) -> None:
    """Anybody may ask: however often that is done, one transaction is tried in a while, and one at a time."""
    tried = 0

    async def commit() -> None:
        nonlocal tried
        tried += 1
        await asyncio.sleep(0)

    writable = Writable("parish", commit, tmp_path, Metrics())
    for _ in range(100):
        await asyncio.gather(*(writable.look() for _ in range(10)))

    assert (1, None) == (tried, writable.code)


async def test_whoever_asks_while_it_hangs_is_answered_and_tries_nothing_more() -> None:
    tried, hangs = 0, asyncio.Event()

    async def commit() -> None:
        nonlocal tried
        tried += 1
        await hangs.wait()

    writable = Writable("parish", commit, None, Metrics())
    for _ in range(3):
        await writable.look()

    assert (1, "unwritable") == (tried, writable.code)

    hangs.set()
    await until(lambda: writable.code is None)


async def test_where_nothing_can_be_written_beside_the_journal_it_is_not_writable(tmp_path: Path) -> None:
    """SQLite commits a transaction of nothing on a full disk as well."""

    async def commit() -> None:
        pass

    writable = Writable("parish", commit, tmp_path / "gone", Metrics())
    await writable.look()

    assert "unwritable" == writable.code


async def test_on_postgresql_it_is_the_head_that_must_be_had() -> None:
    with postgres_url() as url:
        engine = create_engine(url)
        async with running(opened(url), LocalBus()) as parish:
            with engine.begin() as holder:
                holder.execute(text("SELECT * FROM head FOR UPDATE"))
                await parish.writable.look()
                held = parish.writable.code
            await until(lambda: parish.writable.code is None)
        engine.dispose()

    assert "unwritable" == held


async def test_nothing_is_left_behind_by_trying(edge: Town) -> None:
    before = sorted(path.name for path in directory_of(edge).iterdir())
    sequences = [runner.journal.head().sequence for runner in edge.host.runners.values()]
    await ready(edge.client)

    assert sequences == [runner.journal.head().sequence for runner in edge.host.runners.values()]
    assert before == sorted(path.name for path in directory_of(edge).iterdir())


async def test_metrics_say_what_readiness_says(edge: Town) -> None:
    with without(edge.journal, "head"):
        amiss = (await edge.ask("GET", "/metrics", worker="wrk_opal")).text
    await eventually(edge, WELL)
    well = (await edge.ask("GET", "/metrics", worker="wrk_opal")).text

    assert 'cordon_ready{service="parish"} 1.0' in well
    assert 'cordon_database_writable{service="parish"} 1.0' in well
    assert 'cordon_ready{service="parish"} 0.0' in amiss
    assert 'cordon_database_writable{service="parish"} 0.0' in amiss
    assert 'cordon_ready{service="sexton"} 1.0' in amiss


async def test_info_tells_operators_what_runs_and_nobody_else(tmp_path: Path) -> None:
    async with installed(tmp_path) as there:
        told = await there.by(OPERATOR).read("/info")
        others = {id: (await there.by(id).get("/info")).status_code for id in CLIENTS if id != OPERATOR}
        nobody = (await there.http.get("/info")).status_code
        codec = there.host.runners["intake"].journal.codec

    assert {
        "version": version("cordon"),
        "python": platform.python_version(),
        "site": "northmere",
        "services": [service.name for service in SERVICES],
        "bus": "local",
        "started_at": "2026-03-02T09:00:00.000000Z",
        "vocabulary": {"types": len(codec.names), "digest": told["vocabulary"]["digest"]},
    } == told
    assert 16 == len(bytes.fromhex(told["vocabulary"]["digest"])) * 2
    assert {404} == set(others.values())
    assert 401 == nobody


def test_the_version_that_is_told_is_the_one_that_is_installed() -> None:
    assert version("cordon") == VERSION


def test_the_front_passes_on_nothing_of_a_hosts_own() -> None:
    owners = Owners(SERVICES)
    paths = ("/info", "/metrics", "/health/liveness", "/health/readiness")
    scopes = [
        {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "headers": []} for path in paths
    ]

    assert [None] * len(paths) == [owners.of(scope) for scope in scopes]


def test_every_code_is_told_what_it_means() -> None:
    told = (REPOSITORY / "docs/operations.md").read_text(encoding="utf-8")
    of_hosts = {STARTING, ENDING, ENDED, STALLED, UNREACHABLE, UNWRITABLE}
    of_messages = {FORKED, UNDECODABLE, UNKNOWN_TYPE}

    assert [] == [code for code in of_hosts | of_messages | {TOPIC_WRONG} if f"`{code}`" not in told]
