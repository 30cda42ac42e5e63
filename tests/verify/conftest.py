"""One PostgreSQL database for the run: each town has schemas of its own in it."""

from collections.abc import Iterator

import pytest

from tests.postgres import postgres_url


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with postgres_url() as url:
        yield url
