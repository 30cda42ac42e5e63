"""A life: what is told, asked and answered around one man, one input a round, everything drawn from its own seed."""

from datetime import UTC, datetime, timedelta
from random import Random  # noqa: TID251 - everything is drawn from a seed that is printed
from typing import Any, Final

import msgspec

from tests.workload.client import Answer, Request
from tests.workload.people import Man, Woman
from tests.workload.register import Register
from tests.workload.stage import Row, Stage

EVENT: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
BEGAN_AT: Final = datetime(2025, 3, 3, 8, tzinfo=UTC)
"""All that is told has happened, months before anybody plays it."""
STEP: Final = timedelta(minutes=97)
REPEATED_ONE_IN: Final = 24
"""So many inputs are given a second time, as by a client that heard no answer."""
TAKEN: Final = "202"
KNOWN: Final = "200"


class Life:
    """What is known on the way, and the two ways to give an input: an agency tells, a worker asks."""

    def __init__(self, name: str, seed: int, man: Man, reports: int, stage: Stage, register: Register) -> None:
        self.name: Final = name
        self.seed: Final = seed
        self.chance: Final = Random(f"{seed}/{name}")
        self.man: Final = man
        self.stage: Final = stage
        self.register: Final = register
        self.person: str = ""
        self.case_manager: str = ""
        self.workers: Final[dict[str, str]] = {}
        """Who stands with each victim that is known; empty while nobody does."""
        self.unnamed: Final[list[Woman]] = list(man.victims)
        """Victims whom nobody has named yet."""
        self.substitute: str = ""
        self.waiting: Final[list[str]] = []
        """Reports of which nobody has said yet whom they are about."""
        self.reports: Final = reports
        self.reports_told: int = 0
        self._inputs: int = 0
        self._now: datetime = BEGAN_AT

    def is_so(self, one_in: float) -> bool:
        """Drawn: true as often as this."""
        return self.chance.random() * one_in < 1

    def moment(self) -> str:
        """When something happened: later each time."""
        self._now += STEP * self.chance.randint(1, 5)
        return self._now.isoformat().replace("+00:00", "Z")

    def event(self, agency: str, kind: str, report: Row, *, id: str = "", timed: bool = True) -> Row:
        """A CloudEvent of this agency."""
        self._inputs += 1
        when = {"time": self.moment()} if timed else {}
        return {
            "specversion": "1.0",
            "id": id or f"{self.seed}-{self.name}-{self._inputs}",
            "source": f"//{agency}.example.org/workload",
            "type": kind,
            "data": report,
            **when,
        }

    async def tell(self, agency: str, kind: str, report: Row, *expected: str, id: str = "") -> Answer:
        """Tell a report; of one in three it is not said when. A single receipt is expected unless a code is."""
        event = self.event(agency, kind, report, id=id, timed=not self.is_so(3))
        return await self.send(agency, msgspec.json.encode(event), kind, *(expected or (TAKEN,)))

    async def send(self, agency: str, content: bytes, what: str, *expected: str, kind: str = EVENT) -> Answer:
        """Send exactly this in an agency's name, and now and then once more."""
        self.reports_told += 1
        request = Request(who=agency, method="POST", path=f"/agencies/{agency}/events", content=content, kind=kind)
        answer = await self._give(request, what, *expected)
        if self.is_so(REPEATED_ONE_IN):
            again = {KNOWN} if {TAKEN} == set(expected) else set(expected)
            await self._give(request, f"{what}, again", *again)
        return answer

    async def ask(self, who: str, path: str, body: Row | None, *expected: str, what: str = "") -> Answer:
        """Ask for something in a worker's name under a key of its own, and now and then once more."""
        self._inputs += 1
        request = Request(
            who=who,
            method="POST",
            path=path,
            content=b"" if body is None else msgspec.json.encode(body),
            key=f"{self.seed}/{self.name}/{self._inputs}",
        )
        label = what or path.rsplit("/", 1)[1]
        answer = await self._give(request, label, *(expected or ("200",)))
        if self.is_so(REPEATED_ONE_IN):
            await self._give(request, f"{label}, again", answer.outcome)
        return answer

    async def open(self, who: str, path: str) -> Any:
        """Read what is recorded as an opening."""
        return await self.stage.open(who, path)

    async def worklist(self, who: str) -> list[Row]:
        """What waits for a worker because of this man, in an order that no timing changes."""
        items: list[Row] = []
        last = 0
        while True:
            page = await self.stage.read(who, f"/worklist?after={last}")
            if not page["items"]:
                return sorted((item for item in items if item["person"] == self.person), key=lambda one: one["code"])
            items += page["items"]
            last = page["last"]

    async def _give(self, request: Request, what: str, *expected: str) -> Answer:
        return await self.stage.say(self.name, self._inputs, request, what, *expected)
