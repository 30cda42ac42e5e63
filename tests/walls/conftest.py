"""What the walls are judged by is gathered once for all tests that only look at it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.walls.evidence import Evidence, gathered
from tests.walls.told import Told, telling


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return asyncio.run(gathered(tmp_path_factory.mktemp("walls")))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Told]:
    async with telling(tmp_path_factory.mktemp("told")) as told:
        yield told
