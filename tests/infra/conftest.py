"""A whole installation is told and attacked once, for all tests that only look at what was said of it."""

import asyncio

import pytest

from tests.infra.whole import Whole, told


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    return asyncio.run(told(tmp_path_factory.mktemp("whole")))
