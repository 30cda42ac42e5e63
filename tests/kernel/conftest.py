"""One set of key files for the run, and a served parish."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.sealing.keys import init_keys
from tests.kernel.parish.town import Town, town


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("parish") / "keys"
    init_keys(directory)
    return directory


@pytest.fixture
async def edge(tmp_path: Path, keys: Path) -> AsyncIterator[Town]:
    async with town(tmp_path / "site", keys) as served:
        yield served
