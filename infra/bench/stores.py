"""Where the databases of one run are: files of a directory, or schemas of one PostgreSQL database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, make_url, text

from infra.journal.database import Database, sqlite_url

NAME: Final = "name_of_it"


class Stores:
    """Opens databases by name, each empty; all of them are closed together, and on a server dropped."""

    def __init__(self, directory: Path, url: str | None) -> None:
        self._directory: Final = directory
        self._url: Final = url
        self._opened: Final[dict[str, Database]] = {}

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return "sqlite" if self._url is None else make_url(self._url).get_backend_name()

    def open(self, name: str) -> Database:
        """A new, empty database."""
        if self._url is not None:
            self._do(f"CREATE SCHEMA {_schema(name)}")
        self._opened[name] = Database(self.template.format(service=name))
        return self._opened[name]

    @property
    def template(self) -> str:
        """Their URL, with `{service}` where a name goes."""
        if self._url is None:
            return sqlite_url(self._directory / "{service}.sqlite")
        place = make_url(self._url).update_query_dict({"options": f"-csearch_path={_schema(NAME)}"})
        return place.render_as_string(hide_password=False).replace(NAME, "{service}")

    def close(self) -> None:
        """Let go of everything; what was made on a server goes, files stay in their directory."""
        for name, database in self._opened.items():
            database.close()
            if self._url is not None:
                self._do(f"DROP SCHEMA {_schema(name)} CASCADE")

    def _do(self, statement: str) -> None:
        assert self._url is not None
        engine = create_engine(self._url)
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()


@contextmanager
def stores(directory: Path, url: str | None) -> Iterator[Stores]:
    """The databases of one run, from `with` to its end."""
    opened = Stores(directory, url)
    try:
        yield opened
    finally:
        opened.close()


def _schema(name: str) -> str:
    return f"cordon_bench_{name}"
