"""Real services behind the front: an agency and workers notice nothing of it."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import quote

import pytest
from httpx import AsyncClient, Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.web.live import RECONNECT
from tests.front.serving import SECONDS_MAX
from tests.front.test_owners import ROUTES
from tests.front.town import Town
from tests.installation import AUDITOR, COORDINATOR, COURTS, LEAD, OPERATOR, POLICE, Caller

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVENTS: Final = f"/agencies/{POLICE}/events"
REFERRAL: Final[dict[str, Any]] = {
    "about": {"identifiers": [{"type": "PNC", "value": "02/73319Z"}]},
    "route": "visible-high-risk",
    "reason": "what happened",
}
EVENT: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "id": "event",
    "source": "//police.example.org/records",
    "type": "police.referral-made.v1",
    "data": REFERRAL,
}


def same(answers: tuple[Response, Response]) -> bool:
    """Whether two answers say the same, but for when."""
    here, there = [
        (answer.status_code, answer.content, sorted((n, v) for n, v in answer.headers.raw if n.lower() != b"date"))
        for answer in answers
    ]
    return here == there


async def cases(site: Town) -> list[dict[str, Any]]:
    """The cases there are, once there are some."""

    async def look() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await site.by(COORDINATOR).read("/cases"))["cases"]
        return found

    return await site.installation.until(look)


async def test_a_report_is_told_and_its_receipt_read_back(site: Town) -> None:
    receipt = await site.by(POLICE).tell("police.referral-made.v1", REFERRAL)
    again = await site.by(POLICE).read(f"/agencies/{POLICE}/reports/{receipt['report']}")
    elsewhere = await site.by(COURTS).get(f"/agencies/{POLICE}/reports/{receipt['report']}")

    assert receipt["report"] == again["report"]
    assert 404 == elsewhere.status_code


async def test_what_is_said_to_one_service_is_found_in_another(site: Town) -> None:
    await site.by(POLICE).tell("police.referral-made.v1", REFERRAL)

    assert 1 == len(await cases(site))


async def test_the_headers_of_a_cloud_event_in_binary_form_pass(site: Town) -> None:
    headers = {f"ce-{name}": EVENT[name] for name in ("specversion", "id", "source", "type")}
    referral = b'{"about":{"identifiers":[{"type":"PNC","value":"02/73319Z"}]},"route":"repeat","reason":"so"}'
    binary = await site.by(POLICE).send("POST", EVENTS, referral, headers | {"content-type": "application/json"})
    without = await site.by(POLICE).send("POST", EVENTS, referral, {"content-type": "application/json"})

    assert 202 == binary.status_code, binary.text
    assert {400, 415, 422} >= {without.status_code}


async def test_the_version_of_a_thing_and_what_it_is_checked_against_pass(site: Town) -> None:
    await site.by(POLICE).tell("police.referral-made.v1", REFERRAL)
    ((case,), body) = await cases(site), b'{"worker":"wrk_carl-birch"}'
    path = f"/cases/{case['person']}/allocation"

    async def allocate(**headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await site.by(COORDINATOR).send("POST", path, body, named)

    first = await allocate(idempotency_key="k")
    again = await allocate(idempotency_key="k")
    reused = await site.by(COORDINATOR).send("POST", path, b'{"worker":"wrk_odile-stone"}', {"idempotency-key": "k"})
    refused = [
        await allocate(idempotency_key="stale", if_match='"0"'),
        await allocate(idempotency_key="odd", if_match="seven"),
        await allocate(idempotency_key="why", purpose="gossip"),
        await allocate(),
    ]

    assert (200, first.content, first.headers["etag"]) == (again.status_code, again.content, again.headers["etag"])
    assert [
        (409, "idempotency-key-reused"),
        (412, "version-stale"),
        (422, "if-match-malformed"),
        (422, "purpose-unknown"),
        (400, "idempotency-key-missing"),
    ] == [(answer.status_code, answer.json()["code"]) for answer in (reused, *refused)]


async def test_a_no_is_the_same_no(site: Town) -> None:
    async def both(who: str, method: str, path: str, content: bytes = b"", kind: str = "") -> tuple[Response, Response]:
        headers = {"content-type": kind} if kind else {}
        return (
            await site.by(who).send(method, path, content, headers),
            await site.past_the_front(who).send(method, path, content, headers),
        )

    said = [
        await both(POLICE, "DELETE", EVENTS),
        await both(LEAD, "GET", "/victims/vic_unknown"),
        await both(POLICE, "POST", EVENTS, b"{", "application/cloudevents+json"),
        await both(COORDINATOR, "GET", "/cases/%00"),
        await both(COORDINATOR, "GET", "/reports?after=x"),
    ]

    assert [405, 404, 400, 422, 422] == [here.status_code for here, _ in said]
    assert "POST" == said[0][0].headers["allow"]
    assert all(same(answers) for answers in said)


async def test_nobody_in_particular_is_told_that_a_token_is_needed(site: Town) -> None:
    answers = await site.installation.http.get("/victims"), await site.direct.get("/victims")

    assert (401, "Bearer") == (answers[0].status_code, answers[0].headers["www-authenticate"])
    assert same(answers)


async def test_a_body_that_is_too_large_is_refused_by_the_service_however_it_is_sent(site: Town) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 100_000

    announced = await site.by(POLICE).send("POST", EVENTS, b"x" * 4_000_000)
    chunked = await site.installation.http.post(EVENTS, content=chunks())
    issuer = await site.installation.http.post("/demo/token", content=b"x" * 2_000_000)

    assert [(413, "body-too-large")] * 3 == [
        (answer.status_code, answer.json()["code"]) for answer in (announced, chunked, issuer)
    ]


async def test_a_body_of_the_size_that_is_taken_is_taken(site: Town) -> None:
    padding = b" " * (1_048_576 - 2)
    answer = await site.by(POLICE).send("POST", EVENTS, b"{" + padding + b"}")

    assert answer.status_code != 413
    assert answer.json()["code"]


async def test_the_front_gives_tokens_if_it_is_given_an_issuer(site: Town) -> None:
    answer = await site.installation.http.get(f"/agencies/{POLICE}/tasks", headers=await bearer(site, POLICE))

    assert 200 == answer.status_code


async def test_an_operator_sees_what_was_asked_at_the_front_by_pattern_alone(site: Town) -> None:
    await site.by(COORDINATOR).get("/cases/canary-person")
    shown = await site.by(OPERATOR).get("/metrics")
    hidden = await site.by(COORDINATOR).get("/metrics")

    assert (200, 404) == (shown.status_code, hidden.status_code)
    assert 'cordon_request_seconds_count{route="/cases/{person}",status="404"} 1.0' in shown.text.splitlines()
    assert "canary" not in shown.text


async def test_many_ask_at_once(site: Town) -> None:
    callers: list[Caller] = [site.by(COORDINATOR), site.by(LEAD)] * 50
    async with asyncio.timeout(SECONDS_MAX):
        answers = await asyncio.gather(*(caller.get("/worklist") for caller in callers))

    assert {200} == {answer.status_code for answer in answers}


async def test_the_page_for_people_is_here(site: Town) -> None:
    client: AsyncClient = site.installation.http
    answers = [await client.get(path) for path in ("/", "/docs", "/static/docs.js", "/openapi.json")]

    assert [307, 200, 200, 200] == [answer.status_code for answer in answers]


async def test_the_front_describes_what_the_services_describe(site: Town) -> None:
    here = (await site.installation.http.get("/openapi.json")).json()
    there = (await site.direct.get("/openapi.json")).json()
    paths = {path for _, _, path in ROUTES}

    assert {path: there["paths"][path] for path in paths} == {path: here["paths"][path] for path in paths}
    assert there["components"] == here["components"]
    assert {"/demo/token", "/metrics", "/health/liveness", "/health/readiness"} == here["paths"].keys() - paths


async def test_what_a_service_says_live_is_heard_through_the_front(site: Town) -> None:
    headers = await bearer(site, AUDITOR)
    async with site.installation.http.stream("GET", "/audit/messages/stream", headers=headers) as answer:
        words = answer.aiter_raw()
        heard = await anext(words)
        await site.by(POLICE).tell("police.referral-made.v1", REFERRAL)
        async with asyncio.timeout(SECONDS_MAX):
            while b"referral-" not in heard:
                heard += await anext(words)

    assert heard.startswith(RECONNECT)


async def bearer(site: Town, id: str) -> dict[str, str]:
    """What the issuer behind the front gives this client."""
    form = {"grant_type": "client_credentials", "client_id": id, "client_secret": f"secret of {id}"}
    granted = (await site.installation.http.post("/demo/token", data=form)).json()
    return {"authorization": f"Bearer {granted['access_token']}"}


parts = st.text(min_size=1, max_size=12).map(lambda text: quote(text.encode("utf-8", "replace"), safe="!$&'()*+,;=:@~"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    route=st.sampled_from(ROUTES),
    method=st.sampled_from(["", "GET", "POST", "PUT"]),
    part=parts.filter(lambda part: part not in {".", ".."}),
    query=st.none() | parts,
    body=st.none() | st.binary(max_size=40),
    who=st.sampled_from([POLICE, COORDINATOR, LEAD, AUDITOR]),
)
async def test_whatever_is_asked_is_answered_as_the_service_answers_it(
    site: Town, route: tuple[str, str, str], method: str, part: str, query: str | None, body: bytes | None, who: str
) -> None:
    _, own, path = route
    if path.endswith("/stream"):
        return
    target = re.sub(r"\{\w+\}", lambda _: part, path) + ("" if query is None else f"?after={query}")
    headers = {"idempotency-key": "the same on both sides"}
    answers = (
        await site.by(who).send(method or own, target, body or b"", headers),
        await site.past_the_front(who).send(method or own, target, body or b"", headers),
    )

    assert same(answers), (answers, answers[0].text, answers[1].text)
