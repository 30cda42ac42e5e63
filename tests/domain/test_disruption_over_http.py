"""Disruption over HTTP, on a whole host with real keys; the other services say what they are given to say."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response

from infra.clock import ManualClock
from infra.entropy import SeededEntropy
from infra.host import Host
from infra.journal.staging import Cause
from infra.service import Service
from infra.settings import Settings
from infra.web.issuer import Client, Issuer
from infra.web.reader import Role
from infra.web.tokens import Tokens
from schemas.casework import CaseAllocated, CaseOpened
from schemas.event import Event
from schemas.ids import derive
from schemas.journal import PersonalDataOpened
from schemas.reports.courts import OrderGranted
from schemas.reports.prison import PhonesRecovered
from schemas.reports.tasks import TaskAccepted
from schemas.victim_liaison import ClearanceGiven, ClearanceSuspended, ImpactRecorded
from services.disruption.service import DISRUPTION
from tests.domain.alone import SAYS_ANYTHING
from tests.domain.disruption_examples import CHRIS, NOW, PERSON, POLICE, PRISON, PRIYA, WRITTEN, reported

ROLES: dict[str, Role] = {
    CHRIS: "case-manager",
    "wrk_other": "case-manager",
    PRIYA: "practice-manager",
    "wrk_lena": "liaison-worker",
    PRISON: "agency",
    POLICE: "agency",
}
PLAN = "Canary plan: he will take it for a routine search of the wing."
TASKING = "Canary task: search the cells of B wing for unlawful phones."
PROPOSAL = {
    "person": PERSON,
    "tactic": "cell-search",
    "agency": PRISON,
    "attribution": "safe",
    "plan": PLAN,
    "tasking": TASKING,
}
CHANGE = {name: value for name, value in PROPOSAL.items() if name != "person"} | {"version": 1}


class Site:
    """A host with disruption, and the services it hears."""

    def __init__(self, host: Host, client: AsyncClient, issuer: Issuer) -> None:
        self.host = host
        self._client = client
        self._issuer = issuer
        self._asked = 0

    def _headers(self, who: str) -> dict[str, str]:
        client = Client(id=who, roles=(ROLES[who],), agency=who, secret="")
        return {"Authorization": f"Bearer {self._issuer.token(client)}"}

    async def look(self, who: str, path: str) -> Response:
        return await self._client.get(path, headers=self._headers(who))

    async def ask(self, who: str, path: str, told: Any = None, **headers: str) -> Response:
        self._asked += 1
        sent = self._headers(who) | {"Idempotency-Key": f"key-{self._asked}"} | headers
        return await self._client.post(path, json=told, headers=sent)

    async def say(self, source: str, *events: Event) -> None:
        """The source says it; disruption has not necessarily heard it yet."""
        self._asked += 1
        cause = Cause(id=f"cause-{self._asked}", correlation="story", actor="wrk_somebody")
        await self.host.runners[source].write(
            lambda transaction: transaction.append(SAYS_ANYTHING, "any", events, cause)
        )

    async def hear(self, source: str, *events: Event) -> None:
        await self.say(source, *events)
        assert await self.host.runners["disruption"].hear_to_head(source)

    async def propose(self, **but: Any) -> str:
        answer = await self.ask(CHRIS, "/actions", PROPOSAL | but)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["action"])

    async def clear(self, action: str, version: int = 1) -> None:
        await self.hear("victim_liaison", cleared(action, version))

    async def ready(self) -> str:
        action = await self.propose()
        await self.clear(action)
        answer = await self.ask(PRIYA, f"/actions/{action}/authorise", {"version": 1})
        assert answer.status_code == 200, answer.text
        return action

    async def task(self, action: str) -> str:
        answer = await self.ask(CHRIS, f"/actions/{action}/task")
        assert answer.status_code == 200, answer.text
        await self.settled()
        return str(answer.json()["task"])

    async def settled(self) -> None:
        """Until disruption has acted on what it said itself."""
        runner = self.host.runners["disruption"]
        woken = runner.watch()
        async with asyncio.timeout(10):
            while not self.host.bus.head("disruption").is_settled:
                await woken.wait()
                woken.clear()
        runner.unwatch(woken)

    async def openings(self) -> list[tuple[str, str, tuple[str, ...]]]:
        runner = self.host.runners["disruption"]
        entries = await runner.in_thread(lambda: list(runner.journal.read()))
        found = (runner.journal.envelope_and_event(entry)[1] for entry in entries)
        return [(e.reader, e.purpose, e.fields) for e in found if isinstance(e, PersonalDataOpened)]


def cleared(action: str, version: int = 1) -> ClearanceGiven:
    return ClearanceGiven(action=action, version=version, person=PERSON, verdict="agreed")


def suspended(action: str) -> ClearanceSuspended:
    return ClearanceSuspended(action=action, version=1, person=PERSON, why="asked-again")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    clock = ManualClock(NOW)
    issuer = Issuer("tests", "northmere", clock, {})
    tokens = Tokens("tests", "northmere", clock, issuer.keys)
    services = [DISRUPTION, *(Service(name=name) for name in ("intake", "casework", "victim_liaison"))]
    async with (
        Host(services, Settings(data=tmp_path / "site"), tokens, clock=clock, entropy=SeededEntropy(1)) as host,
        AsyncClient(transport=ASGITransport(host.app), base_url="http://cordon.example.org") as client,
    ):
        site = Site(host, client, issuer)
        await site.hear("casework", CaseOpened(person=PERSON, referral=derive("ref", "the first")))
        await site.hear("casework", CaseAllocated(person=PERSON, worker=CHRIS))
        yield site


def code_of(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_story_c_from_the_proposal_to_the_phones(site: Site) -> None:
    action = await site.ready()
    task = await site.task(action)
    at_prison = (await site.look(PRISON, f"/agencies/{PRISON}/tasks/{task}")).json()
    await site.hear("intake", reported(TaskAccepted(task=task), report=derive("rep", "accepted")))
    found = PhonesRecovered(task=task, searched_at=WRITTEN, handsets=3)
    await site.hear("intake", reported(found, report=derive("rep", "found")))
    concluded = await site.ask(CHRIS, f"/actions/{action}/conclude", {"code": "phones-recovered", "count": 3})
    await site.hear("victim_liaison", ImpactRecorded(action=action, person=PERSON, effect="contact-stopped"))
    shown = (await site.look(CHRIS, f"/actions/{action}")).json()

    assert (TASKING, "cell-search.requested") == (at_prison["text"], at_prison["task"]["announced_as"])
    assert 200 == concluded.status_code
    assert ("concluded", "phones-recovered", 3) == tuple(
        shown["action"][name] for name in ("standing", "outcome", "outcome_count")
    )
    assert (["contact-stopped"], []) == (shown["effects"], shown["missing"])


async def test_what_is_missing_is_said_in_codes_and_words(site: Site) -> None:
    action = await site.propose()
    shown = await site.look(CHRIS, f"/actions/{action}")

    assert ["clearance-missing", "not-authorised"] == [each["code"] for each in shown.json()["missing"]]
    assert '"1"' == shown.headers["etag"]


async def test_every_other_way_to_the_agency_is_refused(site: Site) -> None:
    action = await site.propose()
    unanswered = await site.ask(CHRIS, f"/actions/{action}/task")
    uncleared = await site.ask(PRIYA, f"/actions/{action}/authorise", {"version": 1})
    await site.clear(action)
    unauthorised = await site.ask(CHRIS, f"/actions/{action}/task")
    by_its_case_manager = await site.ask(CHRIS, f"/actions/{action}/authorise", {"version": 1})
    await site.ask(PRIYA, f"/actions/{action}/authorise", {"version": 1})
    changed = await site.ask(CHRIS, f"/actions/{action}/change", CHANGE | {"attribution": "ambiguous"})
    stale = await site.ask(CHRIS, f"/actions/{action}/task")
    not_read = await site.ask(PRIYA, f"/actions/{action}/authorise", {"version": 1})

    assert (409, "clearance-missing") == code_of(unanswered) == code_of(uncleared)
    assert (409, "not-authorised") == code_of(unauthorised)
    assert (404, "not-there") == code_of(by_its_case_manager)
    assert (200, (409, "clearance-stale"), (412, "version-stale")) == (
        changed.status_code,
        code_of(stale),
        code_of(not_read),
    )


async def test_what_the_victims_side_said_a_moment_ago_is_heard_before_the_agency_is_asked(site: Site) -> None:
    action = await site.ready()
    await site.say("victim_liaison", suspended(action))

    assert (409, "clearance-suspended") == code_of(await site.ask(CHRIS, f"/actions/{action}/task"))


async def test_nothing_goes_out_while_the_victims_side_cannot_be_heard(site: Site) -> None:
    action = await site.ready()
    site.host.bus.leave("victim_liaison")

    assert (409, "victim-liaison-unreachable") == code_of(await site.ask(CHRIS, f"/actions/{action}/task"))


async def test_a_suspension_recalls_the_task_and_closes_its_text(site: Site) -> None:
    action = await site.ready()
    task = await site.task(action)
    await site.hear("victim_liaison", suspended(action))
    at_prison = (await site.look(PRISON, f"/agencies/{PRISON}/tasks/{task}")).json()

    assert ("recalled", None) == (at_prison["task"]["standing"], at_prison["text"])
    assert "recalled" == (await site.look(CHRIS, f"/actions/{action}")).json()["action"]["standing"]


async def test_the_same_request_gets_the_same_answer(site: Site) -> None:
    first = await site.ask(CHRIS, "/actions", PROPOSAL, **{"Idempotency-Key": "once"})
    again = await site.ask(CHRIS, "/actions", PROPOSAL, **{"Idempotency-Key": "once"})
    other = await site.ask(CHRIS, "/actions", PROPOSAL | {"attribution": "ambiguous"}, **{"Idempotency-Key": "once"})
    action = first.json()["action"]
    await site.clear(action)
    await site.ask(PRIYA, f"/actions/{action}/authorise", {"version": 1})
    tasked = [await site.ask(CHRIS, f"/actions/{action}/task", **{"Idempotency-Key": "twice"}) for _ in range(2)]

    assert (201, first.json()) == (again.status_code, again.json())
    assert "idempotency-key-reused" == code_of(other)[1]
    assert tasked[0].json() == tasked[1].json()
    assert 1 == len((await site.look(CHRIS, f"/actions?person={PERSON}")).json()["actions"])


async def test_an_etag_that_is_out_of_date_stops_a_change(site: Site) -> None:
    action = await site.propose()
    await site.clear(action)

    assert (412, "version-stale") == code_of(
        await site.ask(CHRIS, f"/actions/{action}/withdraw", {"reason": "no-longer-needed"}, **{"If-Match": '"1"'})
    )


@pytest.mark.parametrize(
    ("but", "code", "pointer"),
    [
        ({"tactic": "wishful-thinking"}, "tactic-unknown", "/tactic"),
        ({"agency": "hmp-elsewhere"}, "agency-unknown", "/agency"),
        ({"agency": POLICE}, "agency-cannot-act", "/agency"),
        ({"tasking": "Her brother says it is in his cell."}, "text-may-name-source", "/tasking"),
        ({"tasking": "Search his cell."}, "text-may-name-a-person", "/tasking"),
        ({"plan": "Routine, near ZZ99 9ZZ."}, "text-may-locate", "/plan"),
        ({"plan": "   "}, "field-wrong", "/plan"),
        ({"attribution": "fine"}, "field-wrong", "/attribution"),
    ],
)
async def test_a_proposal_that_must_not_stand_is_refused_with_its_place(
    site: Site, but: dict[str, Any], code: str, pointer: str
) -> None:
    answer = await site.ask(CHRIS, "/actions", PROPOSAL | but)

    assert (422, code, pointer) == (*code_of(answer), answer.json()["pointer"])
    assert not [text for text in but.values() if text.strip() and text in answer.text]


@pytest.mark.parametrize(
    ("change", "code"),
    [({"agency": "hmp-elsewhere"}, "agency-unknown"), ({"agency": POLICE}, "agency-cannot-act")],
)
async def test_an_action_is_not_changed_to_an_agency_that_cannot_act(
    site: Site, change: dict[str, Any], code: str
) -> None:
    action = await site.propose()
    answer = await site.ask(CHRIS, f"/actions/{action}/change", CHANGE | change)

    assert (422, code, "/agency") == (*code_of(answer), answer.json()["pointer"])


@pytest.mark.parametrize(
    ("path", "told", "pointer"),
    [
        ("withdraw", {"reason": "her-sister-told-us"}, "/reason"),
        ("conclude", {"code": "her-sister-told-us"}, "/code"),
    ],
)
async def test_a_code_that_somebody_makes_up_is_refused(
    site: Site, path: str, told: dict[str, Any], pointer: str
) -> None:
    answer = await site.ask(CHRIS, f"/actions/{await site.propose()}/{path}", told)

    assert (422, "field-wrong", pointer) == (*code_of(answer), answer.json()["pointer"])


async def test_words_are_opened_for_those_who_work_on_it_and_each_opening_is_recorded(site: Site) -> None:
    action = await site.ready()
    task = await site.task(action)
    opened = (await site.look(CHRIS, f"/actions/{action}/text")).json()
    await site.look(PRISON, f"/agencies/{PRISON}/tasks/{task}")
    recorded = await site.openings()

    assert (PLAN, TASKING) == (opened["plan"], opened["tasking"])
    assert [(CHRIS, "action-text", 2), (PRISON, "task-text", 1)] == [
        (who, why, len(what)) for who, why, what in recorded
    ]


async def test_not_yours_looks_like_not_there(site: Site) -> None:
    action = await site.ready()
    task = await site.task(action)
    nowhere = derive("act", "nowhere")
    not_there = await site.look(CHRIS, f"/actions/{nowhere}")
    answers = [
        await site.look("wrk_other", f"/actions/{action}"),
        await site.look("wrk_lena", f"/actions/{action}"),
        await site.look("wrk_lena", f"/actions/{action}/text"),
        await site.look(PRISON, f"/actions/{action}"),
        await site.look(POLICE, f"/agencies/{PRISON}/tasks/{task}"),
        await site.look(POLICE, f"/agencies/{POLICE}/tasks/{task}"),
        await site.look(POLICE, f"/agencies/{PRISON}/tasks"),
        await site.look(CHRIS, f"/agencies/{PRISON}/tasks/{task}"),
        await site.ask("wrk_other", "/actions", PROPOSAL),
        await site.ask(PRIYA, "/actions", PROPOSAL | {"person": derive("per", "nobody")}),
        *[
            await site.ask("wrk_other", f"/actions/{action}/{path}", told)
            for path, told in (
                ("change", CHANGE),
                ("authorise", {"version": 1}),
                ("task", None),
                ("withdraw", {"reason": "no-longer-needed"}),
                ("conclude", {"code": "nothing-found"}),
            )
        ],
    ]

    assert {(404, not_there.content)} == {(answer.status_code, answer.content) for answer in answers}
    assert {"actions": []} == (await site.look("wrk_lena", f"/actions?person={PERSON}")).json()
    assert 0 == len([opening for opening in await site.openings() if opening[0] in {"wrk_lena", POLICE}])


async def test_orders_are_shown_with_whether_they_protect_today(site: Site) -> None:
    granted = OrderGranted(order="T20250001", order_kind="restraining-order", granted_at=WRITTEN, terms=("no-contact",))
    await site.hear("intake", reported(granted))
    (order,) = (await site.look(CHRIS, f"/orders?person={PERSON}")).json()["orders"]

    assert ("T20250001", ["no-contact"], False) == (order["reference"], order["terms"], order["protects_today"])
    assert {"orders": []} == (await site.look("wrk_lena", f"/orders?person={PERSON}")).json()


async def test_no_record_holds_a_word_of_plan_or_task(site: Site) -> None:
    await site.task(await site.ready())
    runner = site.host.runners["disruption"]
    entries = await runner.in_thread(lambda: list(runner.journal.read()))

    assert not [entry for entry in entries if b"Canary" in entry.raw]
