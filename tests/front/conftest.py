"""A front before real services, and one before a stand-in for them all."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import AsyncClient

from tests.front.serving import SECONDS_MAX, StandIn, fronted, serving
from tests.front.town import Town, town


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as opened:
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
