"""Agencies tell intake over HTTP, and coordinators look after what waits: on a whole host with real keys."""

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
from schemas.event import Event
from schemas.ids import derive
from schemas.intake import ReferralReceived, ReportRefused, ReportTaken, VictimNamed
from schemas.sealed import Sealed
from services.intake.cloudevents import BATCH, PLAIN, STRUCTURED
from services.intake.service import INTAKE
from tests.domain.alone import SAYS_ANYTHING
from tests.domain.intake_examples import NOW, TASK, as_json, breach, event
from tests.domain.test_intake_task import TASKED

POLICE, PRISON, COORDINATOR, CASE_MANAGER = "northmere-police", "hmp-fennholt", "wrk_una", "wrk_sam"
ROLES: dict[str, Role] = {
    POLICE: "agency",
    PRISON: "agency",
    COORDINATOR: "coordinator",
    CASE_MANAGER: "case-manager",
}
HIM = {"identifiers": [{"type": "PNC", "value": "02/73319Z"}, {"type": "NOMS", "value": "A1234BC"}]}
HER = {
    "family_name": "Canary-Sample",
    "given_names": "Ann",
    "relationship": "ex-partner",
    "telephone": "07700 900123",
    "address": "Canary Cottage",
}


def referral(id: str = "referral", **changes: Any) -> dict[str, Any]:
    told = {"about": HIM, "route": "visible-high-risk", "reason": "Canary of a reason", "dash_score": 17}
    return event(id=id, type="police.referral-made.v1", data=told | {"victims": [HER]} | changes)


def task_done(id: str = "done") -> dict[str, Any]:
    return event(id=id, type="agency.task-done.v1", data={"task": TASK, "outcome": "phones-recovered", "count": 3})


class Site:
    """A host with intake and a disruption that says what it is given to say."""

    def __init__(self, host: Host, client: AsyncClient, issuer: Issuer) -> None:
        self.host = host
        self._client = client
        self._issuer = issuer

    def _headers(self, who: str) -> dict[str, str]:
        client = Client(id=who, roles=(ROLES[who],), agency=who if ROLES[who] == "agency" else "cordon", secret="")
        return {"Authorization": f"Bearer {self._issuer.token(client)}"}

    async def tell(
        self, who: str, told: object, media_type: str = STRUCTURED, agency: str = "", **more: str
    ) -> Response:
        body = told if isinstance(told, bytes) else as_json(told)
        headers = self._headers(who) | {"Content-Type": media_type} | {k.replace("_", "-"): v for k, v in more.items()}
        return await self._client.post(f"/agencies/{agency or who}/events", content=body, headers=headers)

    async def look(self, who: str, path: str) -> Response:
        return await self._client.get(path, headers=self._headers(who))

    async def identify(self, who: str, report: str, person: str) -> Response:
        headers = self._headers(who) | {"Idempotency-Key": f"{report}-{person}"}
        return await self._client.post(f"/reports/{report}/person", json={"person": person}, headers=headers)

    async def task(self, task: Event) -> None:
        cause = Cause(id="cause", correlation="cause", actor="wrk_sam")
        await self.host.runners["disruption"].write(
            lambda transaction: transaction.append(SAYS_ANYTHING, "any", [task], cause)
        )

    async def recorded(self, kind: type[Event]) -> list[Any]:
        """The events of this class, once intake has heard itself to its head."""
        runner = self.host.runners["intake"]
        assert await runner.hear_to_head("intake")
        entries = await runner.in_thread(lambda: list(runner.journal.read()))
        events = (runner.journal.envelope_and_event(entry)[1] for entry in entries)
        return [one for one in events if isinstance(one, kind)]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    clock = ManualClock(NOW)
    issuer = Issuer("tests", "northmere", clock, {})
    tokens = Tokens("tests", "northmere", clock, issuer.keys)
    services = [INTAKE, Service(name="disruption")]
    async with (
        Host(services, Settings(data=tmp_path / "site"), tokens, clock=clock, entropy=SeededEntropy(1)) as host,
        AsyncClient(transport=ASGITransport(host.app), base_url="http://cordon.example.org") as client,
    ):
        yield Site(host, client, issuer)


async def test_a_referral_becomes_a_person_and_a_victim_nobody_here_can_read(site: Site) -> None:
    answer = await site.tell(POLICE, referral())
    (received,) = await site.recorded(ReferralReceived)
    (named,) = await site.recorded(VictimNamed)

    assert (202, "accepted") == (answer.status_code, answer.json()["receipt"])
    assert ("new", received.person) == (received.standing, named.person)
    assert HER.keys() == named.details.keys()
    assert {"victim"} == {sealed.compartment for sealed in named.details.values()}
    assert {"pnc", "noms"} == received.person_details.keys()


async def test_two_referrals_of_one_new_man_at_once_are_one_person_and_one_victim(site: Site) -> None:
    by_noms = {"identifiers": HIM["identifiers"][1:]}

    await asyncio.gather(site.tell(POLICE, referral("one", about=by_noms)), site.tell(POLICE, referral("two")))
    received = await site.recorded(ReferralReceived)

    assert ["new", "repeat"] == [one.standing for one in received]
    assert 1 == len({one.person for one in received})
    assert 1 == len({one.victim for one in await site.recorded(VictimNamed)})


async def test_a_report_of_a_known_man_is_passed_on_with_every_word_sealed(site: Site) -> None:
    await site.tell(POLICE, referral())

    await site.tell(PRISON, event())
    (received,) = await site.recorded(ReferralReceived)
    (taken,) = await site.recorded(ReportTaken)

    assert received.person == taken.person
    assert isinstance(taken.facts.establishment, Sealed)


@pytest.mark.parametrize("media_type", [STRUCTURED, PLAIN])
async def test_the_same_event_sent_again_is_known_however_it_is_written(site: Site, media_type: str) -> None:
    await site.tell(PRISON, event())

    again = await site.tell(PRISON, as_json(dict(reversed(event().items()))) + b"\n ", media_type)

    assert (200, "repeated") == (again.status_code, again.json()["receipt"])


async def test_the_same_event_in_binary_mode_is_known_too(site: Site) -> None:
    first = await site.tell(PRISON, event())
    attributes = {f"ce_{name}": value for name, value in event(data=None).items()}

    again = await site.tell(PRISON, breach(), PLAIN, **attributes)

    assert (first.json()["report"], "repeated") == (again.json()["report"], again.json()["receipt"])


async def test_the_same_id_with_another_content_is_refused_and_kept(site: Site) -> None:
    await site.tell(PRISON, event())

    answer = await site.tell(PRISON, event(data=breach(means="letter")))
    (refused,) = await site.recorded(ReportRefused)

    assert (422, "report-id-reused", "/id") == (answer.status_code, answer.json()["code"], answer.json()["pointer"])
    assert ("report-id-reused", "report") == (refused.code, refused.raw.compartment)


async def test_a_refused_event_is_taken_when_it_is_corrected_under_the_same_id(site: Site) -> None:
    refused = await site.tell(PRISON, event(data=breach(order=None)))

    corrected = await site.tell(PRISON, event())

    assert (422, "field-missing", "/data/order") == (
        refused.status_code,
        refused.json()["code"],
        refused.json()["pointer"],
    )
    assert "accepted" == corrected.json()["receipt"]


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        (b'{"id":', STRUCTURED, 400, "json-malformed"),
        (b"\xff\xfe", STRUCTURED, 400, "json-malformed"),
        (b"[" * 50, STRUCTURED, 400, "json-too-deep"),
        (b"x" * 1_000_000, STRUCTURED, 413, "event-too-large"),
        (b"{}", "text/plain", 415, "media-type-unknown"),
        (as_json([7] * 1_001), BATCH, 413, "batch-too-large"),
        (as_json(event(type="prison.unknown.v1")), STRUCTURED, 422, "kind-unknown"),
        (as_json(referral()), STRUCTURED, 422, "kind-not-agreed"),
        (as_json(event(time="2026-03-02T10:00:00Z")), STRUCTURED, 422, "time-too-far-ahead"),
        (as_json(event(data=breach(about=None))), STRUCTURED, 422, "about-missing"),
    ],
    ids=lambda value: repr(value)[:20],
)
async def test_what_is_refused_is_said_kept_and_listed(
    site: Site, body: bytes, media_type: str, status: int, code: str
) -> None:
    answer = await site.tell(PRISON, body, media_type)
    listed = await site.look(PRISON, f"/agencies/{PRISON}/refused")
    for_coordinators = await site.look(COORDINATOR, "/reports/refused")

    assert (status, code) == (answer.status_code, answer.json()["code"])
    assert [code] == [one["code"] for one in listed.json()["refused"]]
    assert listed.json() == for_coordinators.json()


async def test_a_batch_has_a_receipt_for_each_event(site: Site) -> None:
    answer = await site.tell(PRISON, [event(), 7, event(), event(id="two", type="prison.unknown.v1")], BATCH)

    assert 200 == answer.status_code
    assert ["accepted", "refused", "repeated", "refused"] == [one["receipt"] for one in answer.json()["receipts"]]
    assert [None, "field-wrong", None, "kind-unknown"] == [one["code"] for one in answer.json()["receipts"]]


async def test_a_field_we_do_not_know_is_told_back_and_not_kept_in_the_open(site: Site) -> None:
    answer = await site.tell(PRISON, event(data=breach(canary_name="x")))
    (refused,) = await site.recorded(ReportRefused)

    assert "/data/canary_name" == answer.json()["pointer"]
    assert "/data" == refused.pointer


async def test_a_tasks_answer_is_taken_from_its_agency_alone(site: Site) -> None:
    await site.task(TASKED)

    answer = await site.tell(PRISON, task_done())
    of_another = await site.tell(POLICE, task_done())
    (taken,) = await site.recorded(ReportTaken)

    assert 202 == answer.status_code
    assert (TASKED.person, TASK) == (taken.person, taken.facts.task)
    assert (422, "task-unknown") == (of_another.status_code, of_another.json()["code"])


async def test_an_unknown_task_and_one_of_another_agency_look_the_same(site: Site) -> None:
    unknown = await site.tell(POLICE, task_done())
    await site.task(TASKED)
    of_another = await site.tell(POLICE, task_done("again"))

    assert (unknown.status_code, unknown.content) == (of_another.status_code, of_another.content)


async def test_an_answer_refused_for_an_unknown_task_is_taken_once_the_task_is_known(site: Site) -> None:
    refused = await site.tell(PRISON, task_done())
    await site.task(TASKED)

    again = await site.tell(PRISON, task_done())

    assert (422, 202) == (refused.status_code, again.status_code)


async def test_an_agency_cannot_tell_from_its_receipts_whom_we_know(site: Site) -> None:
    of_a_stranger = await site.tell(PRISON, event(id="before"))
    await site.tell(POLICE, referral())
    of_him = await site.tell(PRISON, event(id="after"))

    assert of_a_stranger.status_code == of_him.status_code
    assert {"id", "report"} == {name for name, value in of_him.json().items() if value != of_a_stranger.json()[name]}


async def test_a_coordinator_says_whom_a_waiting_report_is_about(site: Site) -> None:
    report = (await site.tell(PRISON, event())).json()["report"]
    await site.tell(POLICE, referral())
    (received,) = await site.recorded(ReferralReceived)
    waiting = (await site.look(COORDINATOR, "/reports?standing=waiting")).json()["reports"]

    answer = await site.identify(COORDINATOR, report, received.person)
    (taken,) = await site.recorded(ReportTaken)

    assert [report] == [one["report"] for one in waiting]
    assert 200 == answer.status_code
    assert (report, received.person) == (taken.report, taken.person)
    assert [] == (await site.look(COORDINATOR, "/reports")).json()["reports"]


async def test_a_report_is_not_given_to_somebody_who_was_never_referred(site: Site) -> None:
    report = (await site.tell(PRISON, event())).json()["report"]

    answer = await site.identify(COORDINATOR, report, derive("per", "nobody"))

    assert (409, "person-unknown") == (answer.status_code, answer.json()["code"])


async def test_what_is_not_for_a_reader_is_not_there(site: Site) -> None:
    report = (await site.tell(PRISON, event())).json()["report"]

    answers = [
        await site.tell(PRISON, event(), agency=POLICE),
        await site.tell(CASE_MANAGER, event(), agency=PRISON),
        await site.look(POLICE, f"/agencies/{PRISON}/refused"),
        await site.look(POLICE, f"/agencies/{PRISON}/reports/{report}"),
        await site.look(POLICE, f"/agencies/{POLICE}/reports/{report}"),
        await site.look(CASE_MANAGER, "/reports"),
        await site.look(PRISON, "/reports/refused"),
        await site.identify(CASE_MANAGER, report, derive("per", "one")),
        await site.identify(COORDINATOR, derive("rep", "nothing"), derive("per", "one")),
    ]

    assert {404} == {answer.status_code for answer in answers}
    assert 1 == len({answer.content for answer in answers})


async def test_a_receipt_can_be_asked_for_again(site: Site) -> None:
    receipt = (await site.tell(PRISON, event())).json()

    again = await site.look(PRISON, f"/agencies/{PRISON}/reports/{receipt['report']}")

    assert receipt == again.json()


async def test_nothing_personal_is_kept_in_the_open(site: Site, tmp_path: Path) -> None:
    await site.tell(POLICE, referral(about=HIM | {"family_name": "Canary-Exampleby", "born": "1979-02-03"}))
    await site.tell(PRISON, event(data=breach(account="Canary of an account")))
    await site.tell(PRISON, event(id="bad", data=breach(means="Canary of a means")))
    await site.tell(PRISON, b'{"id": "Canary')
    await site.recorded(ReferralReceived)
    personal = [b"Canary", b"07700 900123", b"1979-02-03", b"2002/0073319Z", b"02/73319Z", b"A1234BC"]

    found = [
        (path.name, word)
        for path in (tmp_path / "site").rglob("*")
        if path.is_file()
        for word in personal
        if word in path.read_bytes()
    ]

    assert [] == found
