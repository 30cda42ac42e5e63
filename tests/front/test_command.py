"""`cordon front` as whoever runs an installation starts, asks and stops it."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
import structlog
from click.testing import CliRunner

from infra.settings import Settings
from infra.web.front import front
from services.__main__ import cordon
from tests.front.serving import ADDRESS, SECONDS_MAX, StandIn, serving
from tests.installation import SERVICES


@pytest.fixture
def _logs_as_before() -> Iterator[None]:
    """A command says how its process logs; whoever runs the tests has said so, too."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@asynccontextmanager
async def started(peers: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """A front in a process of its own that answers, and the base URL where it does."""
    with socket.socket() as found:
        found.bind((ADDRESS, 0))
        port = found.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services", "front", "--port", str(port)),
        env={"PATH": os.environ["PATH"], "CORDON_PEERS": peers},
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    base = f"http://{ADDRESS}:{port}"
    try:
        async with asyncio.timeout(SECONDS_MAX * 2):
            while not await _answers(base):
                assert process.returncode is None, await process.communicate()
        yield base, process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _answers(base: str) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"{base}/health/liveness")).is_success
    except httpx.TransportError:
        await asyncio.sleep(0.05)
        return False


async def test_it_passes_on_until_it_is_told_to_stop_and_then_ends_in_order(stand_in: StandIn) -> None:
    async with serving(stand_in) as services, started(f"{services}/{{service}}") as (base, process):
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"{base}/cases/canary-person")
        process.send_signal(signal.SIGTERM)
        _, lines = await asyncio.wait_for(process.communicate(), SECONDS_MAX)

    assert "somebody" == answer.text
    assert [b"/casework/cases/canary-person"] == [asked.target for asked in stand_in.asked]
    assert 0 == process.returncode
    assert b'"route": "/cases/{person}"' in lines
    assert b"canary" not in lines


@pytest.mark.usefixtures("_logs_as_before")
def test_it_does_not_start_without_knowing_where_every_service_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORDON_PEERS", "intake=http://127.0.0.1:1")
    ended = CliRunner().invoke(cordon, ["front", "--port", "0"])

    assert isinstance(ended.exception, ValueError)
    assert "CORDON_PEERS does not say where casework answers" == str(ended.exception)


@pytest.mark.usefixtures("_logs_as_before")
def test_it_says_which_port_it_cannot_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORDON_PEERS", "http://{service}.example.org")
    with socket.socket() as taken:
        taken.bind((ADDRESS, 0))
        taken.listen()
        ended = CliRunner().invoke(cordon, ["front", "--port", str(taken.getsockname()[1])])

    assert 1 == ended.exit_code
    assert "cannot be used" in ended.output


@pytest.mark.parametrize(
    "peers", ["intake", "{service}", "ftp://{service}.example.org", "http://", "http://a:b:c/", "/"]
)
async def test_an_address_that_is_none_is_refused_before_anything_is_asked_of_it(peers: str) -> None:
    with pytest.raises(ValueError, match="CORDON_PEERS"):
        async with front(SERVICES, Settings(peers=peers)):
            pass
