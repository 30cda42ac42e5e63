"""An installation of its own for each test: nothing that one test does can open or shut the gate of another."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.installation import Installation, installed


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Installation]:
    async with installed(tmp_path) as installation:
        yield installation
