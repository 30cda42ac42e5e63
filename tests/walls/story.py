"""The story of the calls from prison, told over HTTP with a canary in every personal word; a second victim is late."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.reports.courts import OrderGranted
from schemas.reports.police import OrderServed, ReferralMade, VictimDetails
from schemas.reports.prison import OrderBreached, PhonesRecovered, PrisonerReceived
from schemas.reports.report import About, Report, kind_of
from schemas.reports.tasks import TaskAccepted, TaskDeclined, TaskDone, TaskNotPossible, TaskStarted
from services.disruption.requests import Change, Proposal
from services.victim_liaison.requests import NewAnswer, NewContact, NewImpact, NewVictim
from tests.installation import (
    CASE_MANAGER,
    COORDINATOR,
    COURTS,
    LEAD,
    LENA,
    MAY,
    POLICE,
    PRACTICE_MANAGER,
    PRISON,
)
from tests.walls.canaries import Canaries
from tests.walls.watched import Watched

ORDER: Final = "NM-2026-0117"
HAPPENED: Final = "2026-02-20T18:45:00Z"
SEARCH: Final = {"tactic": "cell-search", "agency": PRISON, "attribution": "safe"}


class Story:
    """Who says what, one after the other. The references that come of it are there for whoever comes after."""

    def __init__(self, seen: Watched, canaries: Canaries) -> None:
        self.seen: Final = seen
        self.canaries: Final = canaries
        self.person = self.action = self.second = self.task = self.contact = self.notice = self.report = ""
        self.victims: list[str] = []

    async def tell(self, agency: str, kind: type[Report], more: Mapping[str, Any], *, about_him: bool = True) -> Any:
        """A report with a canary in each of its words, told by an agency that may tell it."""
        name = kind_of(kind)
        about = {"about": self.canaries.him(About, f"{name}: ")} if about_him else {}
        receipt = await self.seen.by(agency).tell(name, {**about, **self.canaries.of(kind), **more})
        await self.seen.pause()
        return receipt

    async def say(self, who: str, path: str, body: object = None) -> Any:
        """A command that is taken. Its key is a word of the sender's, and is nobody else's business."""
        key = self.canaries.word(f"key {len(self.canaries.all)} of {path}")
        answer = await self.seen.by(who).say(path, body, key=key)
        await self.seen.pause()
        return answer

    async def whole(self) -> None:
        """From the referral to what came of it."""
        await self.he_is_referred()
        await self.he_is_known()
        await self.she_tells()
        await self.a_search_is_planned()
        await self.the_prison_acts()
        await self.she_is_told()
        await self.another_victim_is_known()

    async def he_is_referred(self) -> None:
        her = {"victims": [self.canaries.of(VictimDetails)]}
        more = {"route": "visible-high-risk", "dash_score": 17, **her}
        await self.tell(POLICE, ReferralMade, more)
        self.person = (await self.seen.by(COORDINATOR).read("/cases"))["cases"][0]["person"]
        await self.say(COORDINATOR, f"/cases/{self.person}/allocation", {"worker": CASE_MANAGER})
        await self.say(CASE_MANAGER, f"/cases/{self.person}/engagement", {"state": "unaware"})

    async def he_is_known(self) -> None:
        granted = {"order": ORDER, "order_kind": "restraining-order", "granted_at": HAPPENED}
        await self.tell(COURTS, OrderGranted, granted)
        served = {"order": ORDER, "served_at": HAPPENED, "method": "at-court"}
        await self.tell(POLICE, OrderServed, served)
        taken = await self.tell(PRISON, PrisonerReceived, {"received_at": HAPPENED})
        self.report = taken["report"]

    async def she_tells(self) -> None:
        self.victims = [row["victim"] for row in (await self.seen.by(LEAD).read("/victims"))["victims"]]
        await self.say(LEAD, f"/victims/{self.victims[0]}/worker", {"worker": LENA})
        told = {"occurred_at": HAPPENED, "means": "telephone", "wants": ["calls-stopped"]}
        words = self.canaries.of(NewContact)
        contact = await self.say(LENA, f"/victims/{self.victims[0]}/contacts", {**told, **words})
        self.contact = contact["contact"]
        released = {"contact": self.contact, "code": "unlawful-phone-likely-on-wing"}
        await self.say(LENA, f"/victims/{self.victims[0]}/releases", released)

    async def a_search_is_planned(self) -> None:
        """It is changed once before anybody answers, so that both forms of it are told."""
        proposal = {"person": self.person, **SEARCH, **self.canaries.of(Proposal)}
        self.action = (await self.say(CASE_MANAGER, "/actions", proposal))["action"]
        changed = {"version": 1, **SEARCH, **self.canaries.of(Change)}
        await self.say(CASE_MANAGER, f"/actions/{self.action}/change", changed)
        await self.answer(LENA, self.victims[0], self.action, version=2, conditions=["alarm-in-place"])
        met = {"version": 2, "victim": self.victims[0], "condition": "alarm-in-place"}
        await self.say(LENA, f"/consultations/{self.action}/conditions", met)
        await self.say(PRACTICE_MANAGER, f"/actions/{self.action}/authorise", {"version": 2})
        self.task = (await self.say(CASE_MANAGER, f"/actions/{self.action}/task"))["task"]
        await self.seen.by(PRISON).read(f"/agencies/{PRISON}/tasks/{self.task}")

    async def answer(self, who: str, victim: str, action: str, *, version: int, conditions: list[str]) -> None:
        verdict = "agreed-with-conditions" if conditions else "agreed"
        words = self.canaries.of(NewAnswer, f"{who}: ")
        answer = {"version": version, "victim": victim, "verdict": verdict, "conditions": conditions, **words}
        await self.say(who, f"/consultations/{action}/answers", answer)

    async def the_prison_acts(self) -> None:
        """What it says after its last word is taken in as well."""
        task = {"task": self.task}
        await self.tell(PRISON, TaskAccepted, task, about_him=False)
        await self.tell(PRISON, TaskStarted, task)
        found = {**task, "searched_at": HAPPENED, "handsets": 3}
        await self.tell(PRISON, PhonesRecovered, found)
        breached = {"order": ORDER, "breached_at": HAPPENED, "means": "telephone"}
        await self.tell(PRISON, OrderBreached, breached)
        await self.tell(PRISON, TaskNotPossible, {**task, "reason": "prevented"})
        await self.tell(PRISON, TaskDeclined, {**task, "reason": "no-capacity"})
        await self.tell(PRISON, TaskDone, {**task, "outcome": "phones-recovered", "count": 3})
        conclusion = {"code": "phones-recovered", "count": 3}
        await self.say(CASE_MANAGER, f"/actions/{self.action}/conclude", conclusion)

    async def she_is_told(self) -> None:
        impact = {"action": self.action, "effect": "contact-stopped", **self.canaries.of(NewImpact)}
        await self.say(LENA, f"/victims/{self.victims[0]}/impacts", impact)
        items = (await self.seen.by(LENA).read("/worklist"))["items"]
        self.notice = next(item["id"] for item in items if item["code"] == "order-breached")
        await self.say(LENA, f"/worklist/{self.notice}/acknowledge")

    async def another_victim_is_known(self) -> None:
        """While a second search is planned and cleared: what was agreed to is suspended for her."""
        plan = {name: f"{words} again" for name, words in self.canaries.of(Proposal).items()}
        self.second = (await self.say(CASE_MANAGER, "/actions", {"person": self.person, **SEARCH, **plan}))["action"]
        await self.answer(LENA, self.victims[0], self.second, version=1, conditions=[])
        her = {"person": self.person, **self.canaries.of(NewVictim)}
        self.victims.append((await self.say(LEAD, "/victims", her))["victim"])
        await self.say(LEAD, f"/victims/{self.victims[1]}/worker", {"worker": MAY, "standing": "substitute"})
        await self.answer(MAY, self.victims[1], self.second, version=1, conditions=[])
        await self.say(LEAD, f"/persons/{self.person}/substitute", {"worker": MAY})
        await self.say(CASE_MANAGER, f"/actions/{self.second}/withdraw", {"reason": "no-longer-needed"})
