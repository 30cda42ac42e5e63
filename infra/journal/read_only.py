"""A journal opened for reading alone, a file or on a server: what examines a record must not be able to change it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

_IS_A_JOURNAL: Final = text("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('journal', 'head')")
_TABLES_OF_A_JOURNAL: Final = 2


class Readable(Protocol):
    """Whatever can be read in one transaction that sees one state: a Database, or a file opened for reading."""

    def reading(self) -> AbstractContextManager[Connection]:
        """A transaction that sees one state."""
        ...


class ReadOnlyFile:
    """A SQLite file that this process cannot write to, whatever it does; a service may be writing to it meanwhile."""

    def __init__(self, path: Path) -> None:
        self._engine: Engine = _opened(path, "mode=ro")
        try:
            with self.reading() as connection:
                connection.execute(_IS_A_JOURNAL)
        except OperationalError:
            # SQLite wants to put its index of the log beside the file. Where nobody can write, nobody is writing.
            self._engine = _opened(path, "mode=ro&immutable=1")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the file. Raises SQLAlchemy's errors for what is no database."""
        with self._engine.connect() as connection:
            transaction = connection.begin()
            try:
                yield connection
            finally:
                transaction.rollback()  # nothing was written, and a damaged file has nothing to commit

    def is_journal(self) -> bool:
        """Whether a journal is kept in it. Raises SQLAlchemy's errors for what is no database."""
        with self.reading() as connection:
            return connection.execute(_IS_A_JOURNAL).scalar() == _TABLES_OF_A_JOURNAL


class ReadOnlyDatabase:
    """A PostgreSQL database by its SQLAlchemy URL, that this process cannot write to: the server refuses it."""

    def __init__(self, url: str) -> None:
        self._engine: Final = create_engine(
            url,
            poolclass=NullPool,
            hide_parameters=True,
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
        )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database. Raises SQLAlchemy's errors."""
        with self._engine.connect() as connection:
            transaction = connection.begin()
            try:
                yield connection
            finally:
                transaction.rollback()


def _opened(path: Path, how: str) -> Engine:
    engine = create_engine(
        f"sqlite:///file:{quote(str(path.resolve()))}?{how}&uri=true", poolclass=NullPool, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine
