"""The local bus: each service's messages are read from its own database. No broker, no copy."""

from collections.abc import Callable
from typing import Final

from infra.bus.port import SourceHead, UnreachableError
from infra.bus.standing import Standing, reading, source_head, standing
from infra.journal.journal import Journal, Sent, messages
from infra.journal.place import Place


class LocalBus:
    """The bus of services that live in one process."""

    def __init__(self) -> None:
        self._journals: Final[dict[str, Journal]] = {}
        self._calls: Final[dict[str, list[Callable[[], None]]]] = {}

    def join(self, journal: Journal) -> None:
        """This service runs: it can be heard from now on."""
        self._journals[journal.service.name] = journal

    def leave(self, service: str) -> None:
        """This service does not run any more: it cannot be reached, though what it said is kept."""
        self._journals.pop(service, None)

    async def start(self) -> None:
        """Nothing has to be started: whoever joined can be heard."""

    async def stop(self) -> None:
        """Nothing has to be ended."""

    @property
    def troubles(self) -> dict[str, dict[str, str]]:
        """Nothing stands between a listener and what it hears."""
        return {}

    def tail(self, source: str, after: Place, limit: int) -> list[Sent]:
        with reading(self.journal(source)) as connection:
            return messages(connection, after.number, after.hash, limit)

    def head(self, source: str, within: float = 0.0) -> SourceHead:
        return source_head(self.journal(source), self.standing, within)

    def standing(self, source: str) -> Standing:
        return standing(self.journal(source))

    def journal(self, source: str) -> Journal:
        """The journal of a service that runs here. Raises UnreachableError."""
        journal = self._journals.get(source)
        if journal is None:
            raise UnreachableError(source)
        return journal

    def known(self, source: str) -> int | None:
        return self._journals[source].head().number if source in self._journals else None

    def measure(self) -> None:
        """Nothing is under way between two services."""

    def wake(self, source: str) -> None:
        for call in tuple(self._calls.get(source, ())):
            call()

    def on_wake(self, source: str, call: Callable[[], None]) -> None:
        self._calls.setdefault(source, []).append(call)
