"""What is asked of databases while something is done: every statement, of which database, and what stood there then."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, event

from schemas.journal import PersonalDataOpened

FETCHES_KEY: Final = "FROM data_keys"
_ALWAYS_THERE: Final = ("BEGIN", "FROM deadlines")
"""What stands before every statement, and what the host's clock asks for twice a second."""

Statement = tuple[str, str]
"""The database and the text, in which parameters are marks."""


@contextmanager
def statements(on_each: Callable[[Statement], None] = lambda _each: None) -> Iterator[list[Statement]]:
    """Those that are carried out meanwhile, whoever asks; `on_each` is called before each of them is."""
    asked: list[Statement] = []

    def remember(connection: Connection, _cursor: object, text: str, *_rest: Any) -> None:
        if not any(part in text for part in _ALWAYS_THERE):
            each = (Path(connection.engine.url.database or "").stem, text)
            on_each(each)
            asked.append(each)

    event.listen(Engine, "before_cursor_execute", remember)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", remember)


def committed(file: Path) -> list[dict[str, Any]]:
    """The openings that stand in a journal on the disk, as somebody else sees them: whole records, in order."""
    query = "SELECT record FROM journal WHERE type = ? ORDER BY sequence"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return [json.loads(raw) for (raw,) in connection.execute(query, (PersonalDataOpened.TYPE,))]


@contextmanager
def unwritable(file: Path) -> Iterator[None]:
    """A journal to which nothing can be added meanwhile, as on a disk that is full; it can still be read."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'full'); END")
        try:
            yield
        finally:
            connection.execute("DROP TRIGGER full")
