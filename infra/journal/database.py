"""One database, SQLite or PostgreSQL: a connection that may write, and a pool that only reads.

SQLite through SQLAlchemy starts no transaction on SELECT, and releasing a savepoint commits it (rule 6): so the
driver's own transactions are switched off and each one is begun by hand.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import perf_counter, sleep
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

READERS_MAX: Final = 8
OPENING: Final = 7_241_121
"""The number of the lock that opening takes on PostgreSQL; it means nothing, but is always this one."""
BUSY_WAIT_SECONDS: Final = 30
RETRY_SECONDS: Final = 0.005
PRAGMAS: Final = ("journal_mode=WAL", "synchronous=FULL")
WRITER_PRAGMAS: Final = ("cache_size=-32768", "wal_autocheckpoint=4000")
"""32 MiB of pages in memory, and copied back every 16 MiB instead of every 4: an index page that many commits touch
is then written once for all of them. About a tenth more messages a second on a long log."""


class Database:
    """Two engines on one database. `url` is SQLAlchemy's; see `sqlite_url` for a file."""

    def __init__(self, url: str) -> None:
        found = make_url(url)
        self.dialect: Final = found.get_backend_name()
        self.directory: Final = Path(found.database).parent if self.dialect == "sqlite" and found.database else None
        """Where SQLite keeps the file and what belongs to it; None where a server keeps it all."""
        if self.dialect == "sqlite":
            self._writer = _sqlite(url, "BEGIN IMMEDIATE", size=1, pragmas=WRITER_PRAGMAS)
            self._reader = _sqlite(url, "BEGIN", size=READERS_MAX)
        else:
            quiet = {"pool_pre_ping": True, "hide_parameters": True}
            self._writer = create_engine(url, pool_size=1, max_overflow=1, **quiet)
            self._reader = create_engine(
                url, pool_size=2, max_overflow=READERS_MAX - 2, isolation_level="REPEATABLE READ", **quiet
            )

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may write: committed at the end, rolled back by any exception."""
        with self._writer.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database."""
        with self._reader.connect() as connection, connection.begin():
            yield connection

    def insert(self, connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Many rows at once, each with a value for every column in its order; on PostgreSQL by COPY."""
        if not rows:
            return
        names = ", ".join(column.name for column in table.columns)
        if self.dialect == "sqlite":
            marks = ", ".join("?" * len(table.columns))
            connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", list(rows))  # noqa: S608 - names of our own tables
            return
        driver: Any = connection.connection
        with (
            _told_alike(connection),
            driver.cursor() as cursor,
            cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def create(self, tables: Iterable[Table]) -> None:
        """Make what is not there yet."""
        with self.writing() as connection:
            for table in tables:
                table.create(connection, checkfirst=True)

    def time(self) -> datetime | None:
        """What time the database server thinks it is; None for SQLite, which has no clock but ours."""
        if self.dialect == "sqlite":
            return None
        with self.reading() as connection:
            told: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return told

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else opens this database meanwhile: two processes that start at once must not both make its tables.

        On SQLite the file's own lock sees to it.
        """
        if self.dialect == "sqlite":
            yield
            return
        with self._reader.connect() as connection:
            connection.execute(select(func.pg_advisory_lock(OPENING)))
            try:
                yield
            finally:
                connection.execute(select(func.pg_advisory_unlock(OPENING)))

    def close(self) -> None:
        """Let go of every connection."""
        self._writer.dispose()
        self._reader.dispose()


def _set(connection: Any, pragma: str) -> None:
    """Turning a new file to WAL does not wait for whoever does the same at this moment, as all else does: so we do."""
    end = perf_counter() + BUSY_WAIT_SECONDS
    while True:
        try:
            connection.execute(f"PRAGMA {pragma}")
        except sqlite3.OperationalError:
            if perf_counter() > end:
                raise
            sleep(RETRY_SECONDS)
        else:
            return


def finder(connection: Connection, select: str) -> Callable[[str], Any]:
    """Looks up the row of a `select` that ends with `column =`; None where there is none.

    Past SQLAlchemy: a transaction asks it for every stream it has not seen, and building a statement costs more than
    ten times the search itself.
    """
    driver: Any = connection.connection
    cursor = driver.cursor()
    statement = select + ("?" if connection.dialect.name == "sqlite" else "%s")

    def find(value: str) -> Any:
        with _told_alike(connection):
            rows = cursor.execute(statement, (value,)).fetchall()  # to the end: SQLite holds one that has rows left
        return rows[0] if rows else None

    return find


@contextmanager
def _told_alike(connection: Connection) -> Iterator[None]:
    """What the driver raises where it is used directly, as SQLAlchemy raises it: a lost connection must not look like
    a mistake of pure code (rule 13).
    """
    errors: Any = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except errors as error:
        raise DBAPIError.instance(
            None, None, error, errors, hide_parameters=True, dialect=connection.dialect
        ) from error


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{path}"


def _sqlite(url: str, begin: str, *, size: int, pragmas: Sequence[str] = ()) -> Engine:
    engine = create_engine(
        url,
        pool_size=size,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"timeout": BUSY_WAIT_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (*PRAGMAS, *pragmas):
            _set(connection, pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
