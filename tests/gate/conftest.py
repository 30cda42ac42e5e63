"""An installation for the tests of a module: each has a person of its own, so none opens or shuts another's gate."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.installation import Installation, installed


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def there(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    async with installed(tmp_path_factory.mktemp("gate")) as installation:
        yield installation
