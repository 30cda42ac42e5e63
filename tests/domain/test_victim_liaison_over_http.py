"""Liaison workers and their lead over HTTP, on a whole host with real keys; the other services are invented."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from httpx import ASGITransport, AsyncClient, Response

from infra.clock import ManualClock
from infra.entropy import SeededEntropy
from infra.host import Host
from infra.journal.staging import Cause
from infra.sealing.keyring import Keyring
from infra.sealing.keys import load_keys
from infra.sealing.sealer import Sealer
from infra.service import Service
from infra.settings import Settings
from infra.web.issuer import Client, Issuer
from infra.web.reader import Role
from infra.web.tokens import Tokens
from schemas.event import Event, Message
from schemas.ids import derive
from schemas.journal import PersonalDataOpened
from schemas.victim_liaison import (
    ClearanceGiven,
    ClearanceSuspended,
    InformationReleased,
    LiaisonNamed,
    SubstituteNamed,
    VictimKnown,
)
from services.victim_liaison.service import VICTIM_LIAISON
from tests.domain.alone import SAYS_ANYTHING
from tests.domain.victim_liaison_examples import (
    ACTION,
    CHRIS,
    DUE,
    LEAD,
    LENA,
    MAY,
    NOW,
    PERSON,
    SUE,
    action_changed,
    action_proposed,
    action_tasked,
    action_withdrawn,
    case_allocated,
    case_opened,
)

ROLES: dict[str, Role] = {
    LENA: "liaison-worker",
    MAY: "liaison-worker",
    SUE: "liaison-worker",
    LEAD: "liaison-lead",
    CHRIS: "case-manager",
    "wrk_pam": "practice-manager",
    "hmp-nowhere": "agency",
}
HER = {
    "family_name": "Canary-Sample",
    "given_names": "Ruth",
    "relationship": "ex-partner",
    "telephone": "07700 900123",
    "address": "Canary Cottage",
}
CALLS = {
    "occurred_at": "2025-03-03T08:15:00Z",
    "means": "telephone",
    "words": "Canary: he rang eleven times",
    "wants": ["contact-stopped"],
}


class Site:
    """A host with victim_liaison, and other services that say what they are given to say."""

    def __init__(self, host: Host, client: AsyncClient, issuer: Issuer, clock: ManualClock) -> None:
        self.host = host
        self.clock = clock
        self._client = client
        self._issuer = issuer
        self._asked = 0

    def _headers(self, who: str) -> dict[str, str]:
        client = Client(id=who, roles=(ROLES[who],), agency="liaison-provider", secret="")
        return {"Authorization": f"Bearer {self._issuer.token(client)}"}

    async def look(self, who: str, path: str) -> Response:
        return await self._client.get(path, headers=self._headers(who))

    async def ask(self, who: str, path: str, told: dict[str, Any], key: str = "") -> Response:
        self._asked += 1
        headers = self._headers(who) | {"Idempotency-Key": key or f"key-{self._asked}"}
        answer = await self._client.post(path, json=told, headers=headers)
        assert await self.host.runners["victim_liaison"].hear_to_head("victim_liaison")
        return answer

    async def say(self, source: str, *events: Event) -> None:
        await self.tell(source, *events)
        assert await self.host.runners["victim_liaison"].hear_to_head(source)

    async def tell(self, source: str, *events: Event) -> None:
        """The source says it; victim_liaison has not necessarily heard it yet."""
        self._asked += 1
        cause = Cause(id=f"cause-{self._asked}", correlation="story", actor="wrk_somebody")
        await self.host.runners[source].write(
            lambda transaction: transaction.append(SAYS_ANYTHING, "any", events, cause)
        )

    async def propose(self, plan: str = "Canary plan: a routine search") -> None:
        keys = load_keys(self.host.settings.keys_directory(), "disruption")
        keyring = Keyring(self.host.settings.keyring_url(), keys.public, self.clock, SeededEntropy(2))
        sealed = Sealer("disruption", keyring, keys, SeededEntropy(3)).seal("person", PERSON, {"plan": plan})
        keyring.close()
        await self.say("disruption", msgspec.structs.replace(action_proposed(), plan=sealed["plan"]))

    async def victim(self, worker: str | None = LENA) -> str:
        answer = await self.ask(LEAD, "/victims", {"person": PERSON, **HER})
        assert answer.status_code == 201, answer.text
        victim = str(answer.json()["victim"])
        if worker:
            named = await self.ask(LEAD, f"/victims/{victim}/worker", {"worker": worker})
            assert named.status_code == 200, named.text
        return victim

    async def recorded(self, *kinds: type[Event]) -> list[Any]:
        runner = self.host.runners["victim_liaison"]
        entries = await runner.in_thread(lambda: list(runner.journal.read()))
        found = (runner.journal.envelope_and_event(entry) for entry in entries)
        return [event for _, event in found if isinstance(event, kinds)]

    async def messages(self) -> list[str]:
        runner = self.host.runners["victim_liaison"]
        entries = await runner.in_thread(lambda: list(runner.journal.read()))
        return [entry.raw.decode() for entry in entries if entry.number is not None]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    clock = ManualClock(NOW)
    issuer = Issuer("tests", "northmere", clock, {})
    tokens = Tokens("tests", "northmere", clock, issuer.keys)
    services: Sequence[Service] = [
        VICTIM_LIAISON,
        *(Service(name=name) for name in ("intake", "casework", "disruption")),
    ]
    async with (
        Host(services, Settings(data=tmp_path / "site"), tokens, clock=clock, entropy=SeededEntropy(1)) as host,
        AsyncClient(transport=ASGITransport(host.app), base_url="http://cordon.example.org") as client,
    ):
        site = Site(host, client, issuer, clock)
        await site.say("casework", case_opened())
        yield site


def agreed(victim: str | None, version: int = 1, **more: Any) -> dict[str, Any]:
    return {"version": version, "victim": victim, "verdict": "agreed"} | more


async def test_story_c_from_her_word_to_the_clearance(site: Site) -> None:
    victim = await site.victim()
    contact = (await site.ask(LENA, f"/victims/{victim}/contacts", CALLS)).json()["contact"]
    release = {"contact": contact, "code": "unlawful-phone-likely-on-wing"}
    released = await site.ask(LENA, f"/victims/{victim}/releases", release)
    await site.propose()
    shown = (await site.look(LENA, f"/consultations/{ACTION}")).json()
    answer = await site.ask(LENA, f"/consultations/{ACTION}/answers", agreed(victim, reason="Canary reason"))
    await site.say("disruption", action_tasked())
    impact = {"action": ACTION, "effect": "contact-stopped", "words": "Canary: it is quiet"}
    told = await site.ask(LENA, f"/victims/{victim}/impacts", impact)

    assert 201 == released.status_code
    assert ("Canary plan: a routine search", "prison", "cell-search", "safe") == (
        shown["plan"],
        shown["agency_kind"],
        shown["tactic"],
        shown["attribution"],
    )
    assert ("agreed", 200) == (answer.json()["clearance"], answer.status_code)
    assert 201 == told.status_code
    assert [
        "LiaisonNamed",
        "InformationReleased",
        "ClearanceGiven",
        "ImpactRecorded",
    ] == [type(event).__name__ for event in await site.recorded(Message) if type(event).TYPE.startswith("victim-")]


async def test_no_message_says_who_she_is_who_answered_or_what_she_said(site: Site) -> None:
    victim = await site.victim()
    contact = (await site.ask(LENA, f"/victims/{victim}/contacts", CALLS)).json()["contact"]
    await site.ask(LENA, f"/victims/{victim}/releases", {"contact": contact, "code": "risk-judged-higher"})
    await site.propose()
    await site.ask(LENA, f"/consultations/{ACTION}/answers", agreed(victim))
    said = await site.messages()

    assert 3 == len(said)
    for hidden in (victim, contact, "vic_", "Canary", LEAD):
        assert not [message for message in said if hidden in message]
    assert [True, False, False] == [LENA in message for message in said], "named as liaison, and not as who answered"


async def test_what_is_opened_is_journalled_and_reads_as_it_was_told(site: Site) -> None:
    victim = await site.victim()
    contact = (await site.ask(LENA, f"/victims/{victim}/contacts", CALLS)).json()["contact"]
    details = (await site.look(LENA, f"/victims/{victim}")).json()["details"]
    words = (await site.look(LENA, f"/victims/{victim}/contacts/{contact}")).json()["words"]
    openings = await site.recorded(PersonalDataOpened)

    assert HER == details
    assert CALLS["words"] == words
    assert [(LENA, "support-victim")] * 2 == [(one.reader, one.purpose) for one in openings]


async def test_for_everybody_else_there_is_nothing_here(site: Site) -> None:
    victim = await site.victim()
    await site.propose()
    await site.say("casework", case_allocated())
    nobody = derive("vic", "nobody")
    paths = [
        "/liaison/worklist",
        "/victims",
        "/consultations",
        f"/victims/{victim}",
        f"/victims/{victim}/timeline",
        f"/consultations/{ACTION}",
    ]
    absent = (await site.look(LENA, f"/victims/{nobody}")).content

    for who in (CHRIS, "wrk_pam", "hmp-nowhere"):
        assert {absent} == {(await site.look(who, path)).content for path in paths}
    assert absent == (await site.look(MAY, f"/victims/{victim}")).content
    assert absent == (await site.look(MAY, f"/consultations/{ACTION}")).content
    assert absent == (await site.ask(MAY, f"/consultations/{ACTION}/answers", agreed(victim))).content
    assert absent == (await site.ask(LENA, f"/victims/{victim}/worker", {"worker": MAY})).content
    assert absent == (await site.ask(LENA, "/victims", {"person": PERSON, **HER})).content
    assert absent == (await site.ask(LENA, f"/persons/{PERSON}/substitute", {"worker": LENA})).content
    assert absent == (await site.ask(LEAD, "/persons/nobody/substitute", {"worker": LENA})).content
    assert absent == (await site.look(LENA, f"/victims/{victim}/contacts/{derive('con', 'none')}")).content
    assert [] == await site.recorded(PersonalDataOpened)


async def test_around_somebody_of_whom_nobody_told_us_nothing_is_recorded(site: Site) -> None:
    nobody = derive("per", "mistyped")
    absent = (await site.look(LENA, f"/victims/{derive('vic', 'nobody')}")).content

    assert absent == (await site.ask(LEAD, "/victims", {"person": nobody, **HER})).content
    assert absent == (await site.ask(LEAD, f"/persons/{nobody}/substitute", {"worker": SUE})).content
    assert [] == await site.recorded(VictimKnown, SubstituteNamed)


async def test_a_case_that_was_opened_a_moment_ago_is_heard_first(site: Site) -> None:
    new = derive("per", "a moment ago")
    await site.tell("casework", msgspec.structs.replace(case_opened(), person=new))

    assert 201 == (await site.ask(LEAD, "/victims", {"person": new, **HER})).status_code


async def test_sr_3_where_no_victim_is_known_a_named_substitute_clears(site: Site) -> None:
    await site.propose()
    waits = (await site.look(LEAD, "/liaison/worklist")).json()["items"]
    early = await site.ask(LEAD, f"/consultations/{ACTION}/answers", agreed(None))
    await site.ask(LEAD, f"/persons/{PERSON}/substitute", {"worker": SUE})
    answer = await site.ask(SUE, f"/consultations/{ACTION}/answers", agreed(None))

    assert ["name-substitute"] == [item["code"] for item in waits]
    assert (409, "worker-not-named") == (early.status_code, early.json()["code"])
    assert "agreed" == answer.json()["clearance"]


async def test_sr_1_a_victim_recorded_afterwards_suspends_until_her_worker_has_answered(site: Site) -> None:
    first = await site.victim()
    await site.propose()
    await site.ask(LENA, f"/consultations/{ACTION}/answers", agreed(first))
    second = await site.victim(MAY)
    lenas = (await site.look(LENA, "/liaison/worklist")).json()["items"]
    mays = (await site.look(MAY, "/liaison/worklist")).json()["items"]
    await site.ask(MAY, f"/consultations/{ACTION}/answers", agreed(second))

    assert ["clearance-suspended"] == [item["code"] for item in lenas]
    assert ["answer-consultation"] == [item["code"] for item in mays]
    assert [ClearanceGiven, ClearanceSuspended, ClearanceGiven] == [
        type(event) for event in await site.recorded(ClearanceGiven, ClearanceSuspended)
    ]


async def test_an_answer_is_about_the_action_as_it_is_now(site: Site) -> None:
    victim = await site.victim()
    await site.propose()
    await site.say("disruption", action_changed())
    stale = await site.ask(LENA, f"/consultations/{ACTION}/answers", agreed(victim))
    present = await site.ask(LENA, f"/consultations/{ACTION}/answers", agreed(victim, version=2))

    assert (412, "version-stale") == (stale.status_code, stale.json()["code"])
    assert ("agreed", 2) == (present.json()["clearance"], present.json()["version"])


async def test_a_withdrawn_action_is_looked_at_but_not_answered(site: Site) -> None:
    victim = await site.victim()
    await site.propose()
    await site.say("disruption", action_withdrawn())
    late = await site.ask(LENA, f"/consultations/{ACTION}/answers", agreed(victim))
    shown = await site.look(LENA, f"/consultations/{ACTION}")

    assert (409, "consultation-closed") == (late.status_code, late.json()["code"])
    assert shown.json()["is_closed"]
    assert [] == (await site.look(LENA, "/consultations")).json()["questions"]


async def test_conditions_are_met_one_by_one(site: Site) -> None:
    victim = await site.victim()
    await site.propose()
    conditional = agreed(victim, verdict="agreed-with-conditions", conditions=["alarm-in-place"])
    step = {"version": 1, "victim": victim, "condition": "alarm-in-place"}
    given = await site.ask(LENA, f"/consultations/{ACTION}/answers", conditional)
    done = await site.ask(LENA, f"/consultations/{ACTION}/conditions", step)
    shown = (await site.look(LENA, f"/consultations/{ACTION}")).json()

    assert [False, True] == [given.json()["are_conditions_met"], done.json()["are_conditions_met"]]
    assert ["alarm-in-place"] == shown["questions"][0]["met"]


async def test_silence_goes_to_the_lead_when_its_time_has_come(site: Site) -> None:
    await site.victim()
    await site.propose()
    committed = site.host.runners["victim_liaison"].watch()
    site.clock.set(DUE)
    async with asyncio.timeout(10):
        while not (items := (await site.look(LEAD, "/liaison/worklist")).json()["items"]):
            await committed.wait()
            committed.clear()

    assert [("answer-overdue", "role:liaison-lead", True)] == [
        (item["code"], item["owner"], item["is_escalated"]) for item in items
    ]


async def test_a_no_has_a_code_and_a_place(site: Site) -> None:
    victim = await site.victim()
    await site.say("casework", case_allocated())
    none = derive("con", "none")
    wrong: list[tuple[str, dict[str, Any], int, str, str | None]] = [
        ("contacts", CALLS | {"occurred_at": "2025-13-03T08:15:00Z"}, 422, "field-wrong", "/occurred_at"),
        ("contacts", CALLS | {"occurred_at": "2025-03-03T08:15:00"}, 422, "field-wrong", "/occurred_at"),
        ("contacts", CALLS | {"occurred_at": "2025-03-04T08:15:00Z"}, 409, "contact-in-future", None),
        ("contacts", CALLS | {"means": "telepathy"}, 422, "field-wrong", "/means"),
        ("contacts", CALLS | {"wants": ["tell-her-sister"]}, 422, "field-wrong", "/wants/0"),
        ("releases", {"contact": none, "code": "her-address"}, 422, "release-unknown", "/code"),
        ("releases", {"contact": none, "code": "risk-judged-higher"}, 409, "contact-unknown", None),
        ("impacts", {"action": ACTION, "effect": "moved-to-leeds"}, 422, "field-wrong", "/effect"),
        ("impacts", {"action": ACTION, "effect": "no-change"}, 409, "action-unknown", None),
        ("worker", {"worker": CHRIS}, 409, "worker-on-both-sides", None),
    ]
    for path, told, status, code, pointer in wrong:
        answer = await site.ask(LEAD, f"/victims/{victim}/{path}", told)

        assert (status, code, pointer) == (answer.status_code, answer.json()["code"], answer.json().get("pointer"))


async def test_a_condition_that_is_not_in_the_catalogue_is_pointed_at(site: Site) -> None:
    victim = await site.victim()
    await site.propose()
    told = agreed(victim, verdict="agreed-with-conditions", conditions=["alarm-in-place", "moved-to-leeds"])
    answer = await site.ask(LENA, f"/consultations/{ACTION}/answers", told)

    assert (422, "condition-unknown", "/conditions/1") == (
        answer.status_code,
        answer.json()["code"],
        answer.json()["pointer"],
    )


async def test_the_same_key_records_the_same_victim_once(site: Site) -> None:
    answers = [await site.ask(LEAD, "/victims", {"person": PERSON, **HER}, key="once") for _ in range(2)]

    assert 1 == len({answer.json()["victim"] for answer in answers})
    assert 1 == len((await site.look(LEAD, "/victims")).json()["victims"])


async def test_a_release_of_the_same_twice_is_one(site: Site) -> None:
    victim = await site.victim()
    contact = (await site.ask(LENA, f"/victims/{victim}/contacts", CALLS)).json()["contact"]
    told = {"contact": contact, "code": "risk-judged-higher"}
    references = {(await site.ask(LENA, f"/victims/{victim}/releases", told)).json()["release"] for _ in range(2)}

    assert references == {event.release for event in await site.recorded(InformationReleased)}
    assert 1 == len(await site.recorded(LiaisonNamed))
