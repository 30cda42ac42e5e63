"""A front before real services, and one before a stand-in for them all."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from httpx import AsyncClient

from tests.front.serving import SECONDS_MAX, StandIn, fronted, serving
from tests.front.town import Town, town


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn("somebody")


@pytest.fixture
async def base(stand_in: StandIn) -> AsyncIterator[str]:
    async with serving(stand_in) as services, fronted(services) as (address, _):
        yield address


@pytest.fixture
async def client(base: str) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(base_url=base, trust_env=False, timeout=SECONDS_MAX) as opened:
        yield opened
