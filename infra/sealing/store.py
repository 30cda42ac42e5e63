"""The keyring's own database, on SQLite or PostgreSQL: wrapped data keys, and tokens that find people.

It is apart from every journal, because erasing a person means destroying rows here, and a journal destroys nothing.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from time import perf_counter, sleep
from typing import Final

from sqlalchemy import Column, Connection, Index, LargeBinary, MetaData, Table, Text, create_engine, event, text
from sqlalchemy.pool import ConnectionPoolEntry

METADATA: Final = MetaData()

DATA_KEYS: Final = Table(
    "data_keys",
    METADATA,
    Column("key_id", Text, primary_key=True),
    Column("compartment", Text, nullable=False),
    Column("subject", Text, nullable=False, index=True),
    Column("sealed_by", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", Text, nullable=False),
)
"""One row a data key. A subject has several: of each service that sealed, and of each time its memory ran out."""

TOKENS: Final = Table(
    "tokens",
    METADATA,
    Column("compartment", Text, primary_key=True),
    Column("token", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Index("ix_tokens_subject", "subject"),
)
"""A token may stand for several subjects: two people share a name, two records are one person."""

_CREATION_LOCK: Final = text("SELECT pg_advisory_xact_lock(7241120)")
"""Services that start together must not create the tables at once; the number means nothing but is always this one."""

_RETRY_SECONDS: Final = 0.005


class StillInLog(Exception):  # noqa: N818 - what is so, not an error of the program
    """The rows are deleted, but their bytes still stand in SQLite's log, because somebody would not stop reading."""


class Store:
    """Short transactions on the keyring's tables, which are created if they are not there. Safe for threads."""

    def __init__(self, url: str, lock_wait_seconds: float = 30.0) -> None:
        self._lock_wait_seconds = lock_wait_seconds
        is_sqlite = url.startswith("sqlite")
        connect_args = {"timeout": lock_wait_seconds} if is_sqlite else {}
        # Parameters are keys, tokens and subjects: no error message may repeat them.
        self._engine = create_engine(url, connect_args=connect_args, hide_parameters=True, pool_pre_ping=True)
        self._writing = self._engine.execution_options(is_writing=True)
        if is_sqlite:
            event.listen(self._engine, "connect", self._prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        with self.write() as connection:
            if not is_sqlite:
                connection.execute(_CREATION_LOCK)
            METADATA.create_all(connection)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self._writing.begin() as connection:
            yield connection

    def scrub(self) -> None:
        """Let nothing of deleted rows remain in SQLite's files. Raises StillInLog; then it may be tried again.

        Deleted rows are overwritten with zeros (`secure_delete`), but the log keeps the pages as they were until it
        is cut off. On PostgreSQL this does nothing: what remains goes with its vacuum and with its archived log.
        """
        if self.dialect != "sqlite":
            return
        if not self._succeeds_in_time(self._cuts_off_log):
            raise StillInLog("erased, but not yet from the keyring's log: erase again")

    def close(self) -> None:
        self._engine.dispose()

    def _prepare_sqlite(self, connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # transactions are begun below; otherwise a SELECT would begin none
        if not self._succeeds_in_time(lambda: _turns_to_wal(connection)):
            raise TimeoutError("the keyring's database is locked")
        connection.execute("PRAGMA synchronous=FULL").close()
        connection.execute("PRAGMA secure_delete=ON").close()

    def _succeeds_in_time(self, attempt: Callable[[], bool]) -> bool:
        """Tries again for as long as a lock may take: for the locks that SQLite does not wait for by itself."""
        give_up_at = perf_counter() + self._lock_wait_seconds
        while not attempt():
            if perf_counter() >= give_up_at:
                return False
            sleep(_RETRY_SECONDS)
        return True

    def _cuts_off_log(self) -> bool:
        """False if somebody is reading it, or cutting it off too."""
        with closing(self._engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            [(is_blocked, _, _)] = cursor.fetchall()
        return not is_blocked


def _turns_to_wal(connection: sqlite3.Connection) -> bool:
    """False if somebody else is turning a new database to WAL at this moment. Nothing changes if it is WAL already."""
    try:
        connection.execute("PRAGMA journal_mode=WAL").close()
    except sqlite3.OperationalError as refusal:
        if refusal.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True


def _begin_sqlite(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")
