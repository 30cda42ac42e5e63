"""One action on its way to an agency, each step said over HTTP by whoever has to say it; and how the gate says no."""

from copy import copy
from itertools import count
from typing import Any, Final

from httpx import Response

from infra.decider import Policy
from schemas.journal import Asked
from services.disruption.domain.action import POLICIES
from services.disruption.domain.action_commands import AuthoriseAction, TaskAction
from services.disruption.domain.refusals import REFUSALS
from tests.installation import (
    CASE_MANAGER,
    COORDINATOR,
    LEAD,
    LENA,
    MAY,
    POLICE,
    PRACTICE_MANAGER,
    PRISON,
    Caller,
    Installation,
)

WING: Final = {
    "tactic": "cell-search",
    "agency": PRISON,
    "attribution": "safe",
    "plan": "He will take it for a routine search: every cell on the wing is searched on one day.",
    "tasking": "Search the cells on B Wing for unlawful phones, all of them on one day.",
}
"""A cell search that covers the wing, not the man."""
BLOCK: Final = {
    "tactic": "unwanted-contact-block",
    "agency": PRISON,
    "attribution": "points-to-victim",
    "plan": "He will be told that his calls are stopped, and will look to her: she is ready for it.",
    "tasking": "Stop his calls to the numbers that are on the list you hold.",
}
"""He is told of it, and no plan makes it look like chance."""

RUTH: Final = {"family_name": "Sample", "given_names": "Ruth", "relationship": "ex-partner"}
JOAN: Final = {"family_name": "Sample", "given_names": "Joan", "relationship": "partner"}

_numbers: Final = count(100_000)


class Journey:
    """A person who was referred, and what is done about him. Each step waits until everybody has heard of it."""

    def __init__(self, there: Installation) -> None:
        self.there = there
        self.crn = f"X{next(_numbers)}"
        self.person = ""
        self.action = ""
        self.victims: list[str] = []
        self._of_others: frozenset[str] = frozenset()

    def by(self, id: str) -> Caller:
        """The API as this client has it."""
        return self.there.by(id)

    def gone_on(self, there: Installation) -> "Journey":
        """The same journey, in the installation as it was started again."""
        on = copy(self)
        on.there = there
        return on

    async def refer(self, *victims: dict[str, str]) -> None:
        """Police refer him, naming these victims; again, if they have done so before."""
        await self.tell_of(*victims)
        await self.there.settled()
        if not self.person:
            self.person = (await self.by(COORDINATOR).read("/cases"))["cases"][-1]["person"]
            self._of_others = frozenset(task for task, _ in await self.tasks())
        known = (await self.by(LEAD).read("/victims"))["victims"]
        self.victims = [row["victim"] for row in known if row["person"] == self.person]

    async def tell_of(self, *victims: dict[str, str]) -> None:
        """The referral alone; word of it is still on its way."""
        about = {"identifiers": [{"type": "CRN", "value": self.crn}]}
        report = {"route": "visible-high-risk", "reason": "He rings her every night.", "dash_score": 17}
        await self.by(POLICE).tell("police.referral-made.v1", {"about": about, **report, "victims": list(victims)})

    async def allocate(self, worker: str = CASE_MANAGER) -> None:
        await self.by(COORDINATOR).say(f"/cases/{self.person}/allocation", {"worker": worker})
        await self.there.settled()

    async def assign(self, worker: str = LENA, victim: int = 0) -> None:
        await self.by(LEAD).say(f"/victims/{self.victims[victim]}/worker", {"worker": worker})
        await self.there.settled()

    async def propose(self, *, by: str = CASE_MANAGER, plan: dict[str, str] = WING) -> None:
        self.action = (await self.by(by).say("/actions", {"person": self.person, **plan}))["action"]
        await self.there.settled()

    async def change(self, version: int, **other: str) -> None:
        """Make it another action than the version read."""
        await self.by(CASE_MANAGER).say(f"/actions/{self.action}/change", {"version": version, **WING, **other})
        await self.there.settled()

    async def answer(self, verdict: str = "agreed", *, by: str = LENA, victim: int | None = 0, **more: Any) -> Response:
        """Answer for a victim, or for none; about the first version, unless `more` says another."""
        about = None if victim is None else self.victims[victim]
        answer = {"version": 1, "victim": about, "verdict": verdict, **more}
        given = await self.by(by).post(f"/consultations/{self.action}/answers", answer)
        await self.there.settled()
        return given

    async def meet(self, condition: str, *, by: str = LENA, victim: int = 0) -> None:
        """Say that a step which she asked for is done."""
        step = {"version": 1, "victim": self.victims[victim], "condition": condition}
        await self.by(by).say(f"/consultations/{self.action}/conditions", step)
        await self.there.settled()

    async def authorise(self, version: int = 1) -> None:
        await self.by(PRACTICE_MANAGER).say(f"/actions/{self.action}/authorise", {"version": version})

    async def task(self, *, key: str = "") -> str:
        """Ask the agency to act; the reference of what it was asked."""
        return str((await self.by(CASE_MANAGER).say(f"/actions/{self.action}/task", key=key))["task"])

    async def tasks(self) -> list[tuple[str, str]]:
        """What the prison was asked since this person was referred, and how it stands."""
        found = (await self.by(PRISON).read(f"/agencies/{PRISON}/tasks"))["tasks"]
        return [(row["task"], row["standing"]) for row in found if row["task"] not in self._of_others]

    async def waits_for(self, id: str) -> list[dict[str, Any]]:
        """What stands on a worker's list of the victims' side because of this person."""
        items = (await self.by(id).read("/liaison/worklist"))["items"]
        return [item for item in items if item["person"] == self.person]

    async def shown(self) -> Any:
        """The action as its case manager sees it."""
        return (await self.by(CASE_MANAGER).read(f"/actions/{self.action}"))["action"]

    async def refused(self, code: str, *, by: str = CASE_MANAGER) -> tuple[str, ...]:
        """The gate stays shut: the case manager reads why, every rule's answer is kept, and no agency is asked.

        Returns the codes of all the rules that refused.
        """
        before = await self.tasks()
        answer = await self.by(by).post(f"/actions/{self.action}/task")

        assert_refused(answer, code)
        assert before == await self.tasks()
        return await self.explained(TaskAction, code)

    async def explained(self, command: type[TaskAction | AuthoriseAction], code: str) -> tuple[str, ...]:
        """The last command of this kind about the action is journalled as refused, with what every rule said."""
        asked = [
            each
            for each in await self.there.recorded("disruption", Asked)
            if (each.stream, each.command) == (f"action-{self.action}", command.__name__)
        ][-1]
        refusals = tuple(answer.refused for answer in asked.answers if answer.refused is not None)

        assert code == asked.refused
        assert _names(POLICIES[command]) == [answer.rule for answer in asked.answers]
        assert code == refusals[0]
        assert () == asked.events
        return refusals


def assert_refused(answer: Response, code: str, status: int = 409, sentence: str = "") -> None:
    """A problem (RFC 9457) with this code, and the sentence that goes with it."""
    said = answer.json()

    assert (status, code) == (answer.status_code, said["code"])
    assert "application/problem+json" == answer.headers["content-type"]
    assert (sentence or REFUSALS[code]) == said["title"]


def _names(rules: Any) -> list[str]:
    policies: tuple[Policy, ...] = tuple(rules)
    return [policy.__name__.replace("_", "-") for policy in policies]


async def consulted(there: Installation, *victims: dict[str, str], plan: dict[str, str] = WING) -> Journey:
    """Proposed; each victim (one, unless told otherwise) has a worker, who is asked: Lena, and May for the second."""
    journey = Journey(there)
    await journey.refer(*(victims or (RUTH,)))
    await journey.allocate()
    for place, _ in enumerate(journey.victims):
        await journey.assign((LENA, MAY)[place], place)
    await journey.propose(plan=plan)
    return journey


async def authorised(there: Installation, *, plan: dict[str, str] = WING) -> Journey:
    """Cleared by the one victim's worker, and authorised."""
    journey = await consulted(there, plan=plan)
    await journey.answer()
    await journey.authorise()
    return journey


async def tasked(there: Installation) -> tuple[Journey, str]:
    """The prison has been asked, under this reference."""
    journey = await authorised(there)
    task = await journey.task()
    await there.settled()
    return journey, task
