"""Where a journal may be kept. A contract is inherited by one class for each."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from infra.journal.codec import Codec
from infra.journal.database import sqlite_url
from infra.journal.journal import Journal
from infra.service import Service
from tests.kernel.parish.events import CODEC
from tests.kernel.parish.journals import opened
from tests.kernel.parish.services import PARISH

Opens = Callable[..., Journal]
"""`(service, codec)` -> its journal on the one database of the test: opened twice, it is two processes."""


class Kept:
    """What both stores give a contract."""

    @pytest.fixture
    def opens(self, url: str) -> Iterator[Opens]:
        journals: list[Journal] = []

        def opens(service: Service = PARISH, codec: Codec = CODEC) -> Journal:
            journals.append(opened(url, service, codec))
            return journals[-1]

        yield opens
        for journal in journals:
            journal.database.close()

    @pytest.fixture
    def journal(self, opens: Opens) -> Journal:
        return opens()


class OnSqlite(Kept):
    """A file."""

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return sqlite_url(tmp_path / "journal.sqlite")


class OnPostgres(Kept):
    """A server."""

    @pytest.fixture
    def url(self, postgres: str) -> str:
        engine = create_engine(postgres)
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '10s'"))
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()
        return postgres
