"""What the walls are judged by is gathered once for all tests that only look at it."""

import asyncio

import pytest

from tests.walls.evidence import Evidence, gathered


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return asyncio.run(gathered(tmp_path_factory.mktemp("walls")))
