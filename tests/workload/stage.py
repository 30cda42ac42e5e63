"""The stage of a workload: lives go on in rounds, side by side in lanes, and everybody has heard before the next round.

In a round each life gives at most one input; the next begins when every service has acted on all that was said. So
what one life brings about follows the same order whatever the timing, and lanes may run as they like.
"""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from tests.workload.client import Answer, Client, Request

LANES: Final = 16
LOOK_SECONDS: Final = 0.02
SETTLE_SECONDS_MAX: Final = 90.0
"""Words between services that have not arrived by then never will; a busy machine is no failure."""
PAGE: Final = 200

Row = dict[str, Any]


class OtherwiseError(AssertionError):
    """The API answered otherwise than the workload foresees, or a round never settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An input that was given, and how it was answered: which life's, and the how manieth of it."""

    life: str
    number: int
    what: str
    outcome: str


@dataclass(slots=True)
class _Waiting:
    """A life that has come to the end of its round: with an input or, where there is none, to let the round pass."""

    life: str
    number: int
    what: str
    request: Request | None
    expected: frozenset[str]
    answered: "asyncio.Future[Answer | None]"


class Stage:
    """One run. `services` are those that must have heard everything, of which the last hears every other; `listener`
    is whoever may ask where they stand, which is not counted among the `requests`.
    """

    def __init__(self, client: Client, services: Sequence[str], listener: str, lanes: int = LANES) -> None:
        self.given: Final[list[Given]] = []
        self.requests: int = 0
        self.rounds: int = 0
        self._client: Final = client
        self._services: Final = services
        self._listener: Final = listener
        self._lanes: Final = lanes
        self._abroad: int = 0
        self._all_in: Final = asyncio.Event()
        self._waiting: Final[list[_Waiting]] = []
        self._pages: Final[dict[tuple[str, str], Any]] = {}
        self._pages_lock: Final = asyncio.Lock()

    async def play(self, lives: Sequence[Coroutine[Any, Any, None]]) -> None:
        """Every life to its end. Raises OtherwiseError, and what the transport raises."""
        await self._settled()
        self._abroad = len(lives)
        try:
            async with asyncio.TaskGroup() as group:
                for life in lives:
                    group.create_task(self._live(life))
                group.create_task(self._conduct())
        except BaseExceptionGroup as several:
            _raise_first(several)

    async def say(self, life: str, number: int, request: Request, what: str, *expected: str) -> Answer:
        """Give this input in this round; returns in the next one. Raises OtherwiseError for another outcome."""
        answer = await self._end_of_round(life, number, what, request, frozenset(expected))
        assert answer is not None
        return answer

    async def wait(self, life: str) -> None:
        """Let this round pass."""
        await self._end_of_round(life, 0, "", None, frozenset())

    async def read(self, who: str, path: str) -> Any:
        """What is there at the beginning of this round, asked for once a round; None where nothing is for them.

        Not for what opens personal data: each opening is a record.
        """
        async with self._pages_lock:
            if (who, path) not in self._pages:
                self._pages[who, path] = await self.open(who, path)
            return self._pages[who, path]

    async def open(self, who: str, path: str) -> Any:
        """As `read`, asked for each time: for what is recorded when it is shown."""
        self.requests += 1
        answer = await self._client.send(Request(who=who, method="GET", path=path))
        if answer.outcome not in {"200", "not-there"}:
            raise OtherwiseError(f"{who} reads {path} and finds {answer.outcome}")
        return answer.said if answer.outcome == "200" else None

    async def pages(self, who: str, path: str, name: str, order: str = "order") -> list[Row]:
        """All rows of a list at the beginning of this round, page by page."""
        rows: list[Row] = []
        while True:
            after = rows[-1][order] if rows else 0
            page = (await self.read(who, f"{path}?after={after}&count={PAGE}") or {}).get(name, [])
            if not page:
                return rows
            rows += page

    async def _live(self, life: Coroutine[Any, Any, None]) -> None:
        await life
        self._come_in()

    async def _end_of_round(
        self, life: str, number: int, what: str, request: Request | None, expected: frozenset[str]
    ) -> Answer | None:
        answered: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(life, number, what, request, expected, answered))
        self._come_in()
        return await answered

    def _come_in(self) -> None:
        self._abroad -= 1
        if self._abroad == 0:
            self._all_in.set()

    async def _conduct(self) -> None:
        while True:
            await self._all_in.wait()
            self._all_in.clear()
            waiting = sorted(self._waiting, key=lambda one: one.life)
            self._waiting.clear()
            if not waiting:
                return
            inputs = [one for one in waiting if one.request is not None]
            answers = await self._in_lanes(inputs)
            await self._settled()
            self.rounds += 1
            self._pages.clear()
            self._abroad = len(waiting)
            self.given.extend(
                Given(life=one.life, number=one.number, what=one.what, outcome=answer.outcome)
                for one, answer in zip(inputs, answers, strict=True)
            )
            answered = dict(zip(map(id, inputs), answers, strict=True))
            for one in waiting:
                one.answered.set_result(answered.get(id(one)))

    async def _in_lanes(self, inputs: Sequence[_Waiting]) -> list[Answer]:
        """How each is answered, in their order; so many at a time."""
        turns = asyncio.Semaphore(self._lanes)

        async def in_turn(one: _Waiting) -> Answer:
            async with turns:
                return await self._give(one)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(in_turn(one)) for one in inputs]
        return [task.result() for task in tasks]

    async def _give(self, one: _Waiting) -> Answer:
        assert one.request is not None
        self.requests += 1
        answer = await self._client.send(one.request)
        if answer.outcome not in one.expected:
            foreseen = " or ".join(sorted(one.expected))
            raise OtherwiseError(f"{one.life}, input {one.number}: {one.what}: {answer.outcome}, not {foreseen}")
        return answer

    async def _settled(self) -> None:
        """Until every service has acted on all that was said. Raises OtherwiseError.

        Twice the same heads, settled each time: what was said between two looks would have moved one. Whoever is
        asked last hears everybody: while that one is not settled, nobody else need be asked.
        """
        deadline = time.monotonic() + SETTLE_SECONDS_MAX
        before: list[int] = []
        while True:
            heads = [await self._head(service) for service in self._services[-1:]]
            if heads[0]["is_settled"]:
                heads += [await self._head(service) for service in self._services[:-1]]
            numbers = [head["number"] for head in heads]
            is_settled = len(heads) == len(self._services) and all(head["is_settled"] for head in heads)
            if is_settled and numbers == before:
                return
            before = numbers if is_settled else []
            if time.monotonic() > deadline:
                raise OtherwiseError("the services never came to rest")
            if not is_settled:
                await asyncio.sleep(LOOK_SECONDS)

    async def _head(self, service: str) -> Row:
        answer = await self._client.send(Request(who=self._listener, method="GET", path=f"/services/{service}/head"))
        head: Row = answer.said if answer.outcome == "200" else {"number": -1, "stopped": [], "is_settled": False}
        if head["stopped"]:
            raise OtherwiseError(f"{service} has stopped hearing another")
        return head


def _raise_first(several: BaseExceptionGroup[BaseException]) -> NoReturn:
    """What went wrong first, by itself: all else was only ended with it."""
    first: BaseException = several
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    raise first from None
