"""Indexes: every table that can be rebuilt from the journal, kept in the transaction that writes it."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Executable, bindparam, select

from infra.journal import tables
from infra.journal.codec import Codec
from infra.journal.own_indexes import own_indexes
from infra.service import EVERYTHING, Change, ReadModel, Recorded, Service
from schemas.event import Event

_ASKED: Final = (
    select(tables.journal.c.record)
    .join(tables.asked, tables.asked.c.sequence == tables.journal.c.sequence)
    .where(tables.asked.c.command_id == bindparam("of_command"))
)


class ProjectionError(Exception):
    """A read model raised, named here: what it read cannot be committed (rule 13)."""


class Indexes:
    """The indexes every journal has and the read models of its service."""

    def __init__(self, service: Service, codec: Codec) -> None:
        self.models: Final[tuple[ReadModel, ...]] = (*own_indexes(service), *service.read_models)
        self._codec: Final = codec
        self._of_all: Final = tuple(model for model in self.models if model.reads == EVERYTHING)
        self._of_type: Final[dict[str, tuple[ReadModel, ...]]] = {}
        for model in self.models:
            for event in model.reads:
                self._of_type[event.TYPE] = (*self._of_type.get(event.TYPE, ()), model)

    def wants(self, type_name: str) -> bool:
        """Whether any index reads records of this type."""
        return bool(self._of_all) or type_name in self._of_type

    def project(self, connection: Connection, recorded: Iterable[Recorded], only: Sequence[str] = ()) -> None:
        """Carry out what these records change, table by table in their order. `only`: names of the indexes meant."""
        by_table: dict[Any, list[Change]] = {}
        for one in recorded:
            for model in (*self._of_all, *self._of_type.get(one.event.TYPE, ())):
                if only and model.name not in only:
                    continue
                for change in _changes(model, one):
                    by_table.setdefault(getattr(change[0], "table", None), []).append(change)
        for changes in by_table.values():
            _carry_out(connection, changes)

    def asked(self, connection: Connection, command_id: str) -> Event | None:
        """What was recorded when this command was asked before."""
        raw = connection.execute(_ASKED, {"of_command": command_id}).scalar()
        return None if raw is None else self._codec.event(self._codec.envelope(raw))


def _changes(model: ReadModel, recorded: Recorded) -> tuple[Change, ...]:
    try:
        return tuple(model.project(recorded))
    except Exception as error:
        raise ProjectionError(model.name) from error


def _carry_out(connection: Connection, changes: Sequence[Change]) -> None:
    run: list[Any] = []
    statement: Executable | None = None
    for change in changes:
        if change[0] is not statement and statement is not None:
            connection.execute(statement, run)
            run = []
        statement = change[0]
        run.append(change[1])
    if statement is not None:
        connection.execute(statement, run)
