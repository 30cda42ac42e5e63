"""The desk of a running service: what its routes ask goes to the writer thread, what they look at to the readers."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from time import perf_counter
from typing import Any, Final, Self, TypeVar

from sqlalchemy import Connection

from infra.command_handler import Decided, Order, ask
from infra.decider import Decider
from infra.journal.staging import Cause
from infra.journal.transaction import Transaction
from infra.logs import log
from infra.openings import Openings
from infra.runner import Runner
from infra.sealing import blind_index
from infra.sealing.keyring import Keyring
from infra.sealing.keys import Keys
from infra.sealing.sealer import Sealer
from infra.web.desk import Asking, Outcome, Watch
from infra.web.reader import Reader
from schemas.rejection import Rejected
from schemas.sealed import Compartment, Sealed

State = TypeVar("State")
Answer = TypeVar("Answer")


class ServiceDesk:
    """Implements `infra.web.desk.Desk` for one running service."""

    def __init__(self, runner: Runner, sealer: Sealer, keyring: Keyring, keys: Keys, openings: Openings) -> None:
        self.service: Final = runner.name
        self.site: Final = runner.journal.site
        self._runner: Final = runner
        self._sealer: Final = sealer
        self._keyring: Final = keyring
        self._keys: Final = keys
        self._openings: Final = openings
        self._locks: Final[defaultdict[str, asyncio.Lock]] = defaultdict(asyncio.Lock)

    async def ask(self, asking: Asking, decider: Decider[Any], id: str, command: object) -> Outcome:
        started = perf_counter()
        order = Order(
            decider=decider,
            id=id,
            command=command,
            cause=Cause(
                id=asking.command_id,
                correlation=asking.command_id,
                actor=asking.reader.id,
                agency=asking.reader.agency,
                on_behalf_of=asking.on_behalf_of,
                purpose=asking.purpose,
            ),
            fingerprint=asking.fingerprint,
            version=asking.version,
        )

        def work(transaction: Transaction) -> Decided:
            decided = ask(transaction, order)
            if asking.arrival is not None and decided.refusal is None:  # what is refused is kept by another command
                transaction.remember_arrived(asking.arrival, order.cause)
            return decided

        decided = await self._runner.write(work)
        outcome = "decided" if decided.refusal is None else decided.refusal.code
        self._runner.metrics.asked.labels(self.service, outcome).inc()
        log(
            "asked",
            service=self.service,
            command=type(command).__name__,
            outcome="repeated" if decided.repeats else outcome,
            events=len(decided.event_ids),
            duration_ms=round((perf_counter() - started) * 1000, 1),
        )
        return await self._outcome(decided)

    async def _outcome(self, decided: Decided) -> Outcome:
        if decided.refusal is not None:
            refusal = decided.refusal
            raise Rejected(refusal.code, refusal.pointer, refusal.answers)
        before = decided.repeats
        events = decided.events
        if before is not None:
            events = await self._runner.read(
                lambda connection: self._runner.journal.events(connection, before.events, before.stream, before.version)
            )
        return Outcome(
            events=events, event_ids=decided.event_ids, version=decided.version, is_repeat=before is not None
        )

    def one_by_one(self, what: str) -> AbstractAsyncContextManager[object]:
        return self._locks[what]

    async def look(self, query: Callable[[Connection], Answer]) -> Answer:
        return await self._runner.read(query)

    async def state(self, decider: Decider[State], id: str) -> State:
        return await self._runner.in_thread(self._runner.journal.state, decider, id)

    async def hear(self, source: str) -> bool:
        return await self._runner.hear_to_head(source)

    def now(self) -> datetime:
        return self._runner.clock.now()

    async def seal(self, compartment: Compartment, subject: str, fields: Mapping[str, str]) -> dict[str, Sealed]:
        return await self._runner.in_thread(self._sealer.seal, compartment, subject, fields)

    async def open(self, reader: Reader, purpose: str, sealed: Sequence[Sealed]) -> list[str | None]:
        return await self._openings.open(reader, purpose, sealed)

    async def tokens(self, compartment: Compartment, identifiers: Mapping[str, str]) -> dict[str, str]:
        return blind_index.tokens(self._keys, compartment, identifiers)

    async def find(self, compartment: Compartment, tokens: Sequence[str]) -> set[str]:
        return await self._runner.in_thread(self._keyring.find, compartment, tokens)

    async def remember(self, compartment: Compartment, subject: str, tokens: Sequence[str]) -> None:
        await self._runner.in_thread(self._keyring.remember_tokens, compartment, subject, tokens)

    def watch(self) -> Watch:
        return CommitWatch(self._runner)


class CommitWatch:
    """Implements `infra.web.desk.Watch`: woken after each commit of the service, until it is left."""

    def __init__(self, runner: Runner) -> None:
        self._runner: Final = runner
        self._woken: asyncio.Event = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._woken = self._runner.watch()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._runner.unwatch(self._woken)

    async def wait(self, timeout_seconds: float) -> bool:
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True
