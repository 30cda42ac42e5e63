"""One PostgreSQL database for the run: making one costs more than a test."""

from collections.abc import Iterator

import pytest

from tests.postgres import postgres_url


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with postgres_url() as url:
        yield url
