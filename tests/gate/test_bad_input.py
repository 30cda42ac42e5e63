"""Bad input to every command of the API: a problem with a code and a sentence, never a failure, never an echo."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
import pytest_asyncio
from httpx import Response

from infra.settings import Settings
from tests.gate.spoilt import CANARY, no_json, spoilt
from tests.gate.stage import OPEN, Command, Stage, nowhere, set_up
from tests.installation import COORDINATOR, Installation

pytestmark = pytest.mark.asyncio(loop_scope="module")

JSON: Final = {"Content-Type": "application/json"}
ROUTES: Final = (
    "/agencies/{code}/events",
    "/reports/{report_id}/person",
    "/cases/{person}/allocation",
    "/cases/{person}/engagement",
    "/actions",
    "/actions/{action_id}/change",
    "/actions/{action_id}/authorise",
    "/actions/{action_id}/task",
    "/actions/{action_id}/withdraw",
    "/actions/{action_id}/conclude",
    "/victims",
    "/victims/{reference}/worker",
    "/victims/{reference}/contacts",
    "/victims/{reference}/releases",
    "/victims/{reference}/impacts",
    "/persons/{person}/substitute",
    "/consultations/{action}/answers",
    "/consultations/{action}/conditions",
    "/worklist/{notice_id}/acknowledge",
)
AN_EVENT: Final = "/agencies/{code}/events"
"""It has a source and an id, which tell a repeat: no key is asked for. CloudEvents may hold attributes of others."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(there: Installation) -> Stage:
    return await set_up(there)


def command(stage: Stage, route: str) -> Command:
    return next(each for each in stage.commands if each.route == route)


async def sent(stage: Stage, said: Command, content: bytes, headers: Mapping[str, str] = {}) -> Response:
    """The answer to exactly this, by who may say the command."""
    key = {"Idempotency-Key": f"bad-{next(_numbers)}"}
    return await stage.there.by(said.by).send("POST", said.path(stage.references), content, JSON | key | dict(headers))


def _count() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


_numbers = _count()


def assert_problem(answer: Response, what: str) -> None:
    """Problem details (RFC 9457): the client's own doing, with a code, a sentence for it, and nothing that was sent."""
    assert 400 <= answer.status_code < 500, (what, answer.status_code, answer.text)
    assert "application/problem+json" == answer.headers["content-type"], what
    said = answer.json()

    assert answer.status_code == said["status"], what
    assert said["code"].replace("-", "").isalnum(), what
    assert said["title"] not in {"", "This is refused."}, (what, said)
    assert said.keys() <= {"type", "status", "code", "title", "pointer"}, what
    assert CANARY not in answer.text + str(answer.headers), what


async def test_every_command_is_here(stage: Stage) -> None:
    assert stage.there.host.app is not None
    paths = stage.there.host.app.openapi()["paths"]
    written = {path for path, methods in paths.items() for method in methods if method != "get"}

    assert written - OPEN == set(ROUTES) == {each.route for each in stage.commands}
    assert {each.route for each in stage.commands if each.body is None} == {
        route for route in ROUTES if "requestBody" not in paths[route]["post"]
    }


@pytest.mark.parametrize("route", ROUTES)
async def test_what_is_spoilt_is_a_problem(stage: Stage, route: str) -> None:
    said = command(stage, route)
    if said.body is None:
        return
    for what, content in (*no_json(), *spoilt(said.body, may_hold_more=route == AN_EVENT)):
        assert_problem(await sent(stage, said, content), what)


@pytest.mark.parametrize("route", ROUTES)
async def test_a_field_that_is_needed_is_named_where_it_is_missing(stage: Stage, route: str) -> None:
    assert stage.there.host.app is not None
    said = command(stage, route)
    described = stage.there.host.app.openapi()["paths"][route]["post"].get("requestBody", {}).get("content", {})
    for shape in described.values():
        for name in shape["schema"].get("required", ()):
            without = {key: value for key, value in said.body.items() if key != name}
            answer = await sent(stage, said, json.dumps(without).encode())

            assert_problem(answer, name)
            assert f"/{name}" == answer.json()["pointer"]
            assert answer.json()["code"] in {"field-missing", "event-attribute-missing"}


async def test_a_field_too_many_is_pointed_at_by_its_name(stage: Stage) -> None:
    for said in stage.commands:
        if said.body is not None and said.route != AN_EVENT:
            answer = await sent(stage, said, json.dumps({**said.body, "surplus": CANARY}).encode())

            assert (422, "field-unknown", "/surplus") == (
                answer.status_code,
                answer.json()["code"],
                answer.json()["pointer"],
            )


async def test_a_body_over_the_limit_is_not_read_to_its_end(stage: Stage) -> None:
    large = json.dumps({"surplus": CANARY * (Settings().body_bytes_max // len(CANARY))}).encode()
    for said in stage.commands:
        answer = await sent(stage, said, large)

        assert_problem(answer, said.route)
        assert (413, "body-too-large") == (answer.status_code, answer.json()["code"])


async def test_without_a_key_no_command_is_taken(stage: Stage) -> None:
    for said in stage.commands:
        if said.route == AN_EVENT:
            continue
        for key in ("", " ", "x" * 201, "tab\tbed"):
            answer = await sent(stage, said, json.dumps(said.body).encode(), {"Idempotency-Key": key})

            assert_problem(answer, said.route)
            assert (400, "idempotency-key-missing") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("If-Match", "seven", "if-match-malformed"),
        ("If-Match", '"7", "8"', "if-match-malformed"),
        ("If-Match", f'"{"7" * 30}"', "if-match-malformed"),
        ("Purpose", f"He asked me to {CANARY}", "purpose-unknown"),
        ("Purpose", CANARY, "purpose-unknown"),
    ],
)
async def test_a_header_of_the_wrong_form_is_a_problem(stage: Stage, header: str, value: str, code: str) -> None:
    for said in stage.commands:
        if said.route != AN_EVENT:
            answer = await sent(stage, said, json.dumps(said.body).encode(), {header: value})

            assert_problem(answer, said.route)
            assert (422, code) == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize("route", [route for route in ROUTES if "{" in route and not route.startswith("/persons")])
async def test_a_command_about_nothing_finds_nothing(stage: Stage, route: str) -> None:
    """Of `/persons/{person}/substitute` only what cannot be a person is nothing, see the next test."""
    said = command(stage, route)
    nothing = await stage.there.by(COORDINATOR).get("/nowhere")
    for name in (name for name in stage.references if f"{{{name}}}" in route):
        for wrong in (nowhere(name), "x" * 3000, "%2e%2e", "%E2%98%83", "%0a", "'%20or%20''='"):
            path = route.format_map({**stage.references, name: wrong})
            answer = await stage.there.by(said.by).post(path, said.body)

            assert (404, nothing.content) == (answer.status_code, answer.content), wrong


async def test_a_substitute_is_named_for_what_can_be_a_person(stage: Stage) -> None:
    """Word of a referral may be on its way: every reference of the right form has a circle."""
    said = command(stage, "/persons/{person}/substitute")
    nothing = await stage.there.by(COORDINATOR).get("/nowhere")
    for wrong in ("nowhere", "x" * 3000, "%2e%2e", "%E2%98%83", f"{nowhere('person')}%0a", nowhere("action")):
        answer = await stage.there.by(said.by).post(f"/persons/{wrong}/substitute", said.body)

        assert (404, nothing.content) == (answer.status_code, answer.content), wrong


async def test_a_nul_in_an_address_is_a_problem(stage: Stage) -> None:
    for said in stage.commands:
        answer = await stage.there.by(said.by).post(f"{said.path(stage.references)}%00", said.body)

        assert_problem(answer, said.route)


async def test_nobody_who_is_not_known_is_answered(stage: Stage) -> None:
    """Every address there is, but those which are open to all; whatever is sent."""
    app, http = stage.there.host.app, stage.there.http
    assert app is not None
    wrong: list[tuple[dict[str, str], str]] = [
        ({}, "token-missing"),
        ({"Authorization": "Basic d3JrOnNlY3JldA=="}, "token-missing"),
        ({"Authorization": f"Bearer {CANARY}"}, "token-malformed"),
    ]
    for route, methods in app.openapi()["paths"].items():
        if route in OPEN:
            continue
        for method in methods:
            path = route.format_map(stage.references)
            for headers, code in wrong:
                for content in (b"", b"{}", b"[" * 50):
                    answer = await http.request(method, path, content=content, headers=JSON | headers)

                    assert_problem(answer, path)
                    assert (401, code) == (answer.status_code, answer.json()["code"])
                    assert "Bearer" == answer.headers["www-authenticate"]


async def test_another_method_or_address_is_a_problem(stage: Stage) -> None:
    caller = stage.there.by(COORDINATOR)
    for method in ("PUT", "PATCH", "DELETE"):
        answer = await caller.send(method, "/cases", b"{}", JSON)

        assert_problem(answer, method)
        assert (405, "method-not-allowed", "GET") == (
            answer.status_code,
            answer.json()["code"],
            answer.headers["allow"],
        )
    assert_problem(await caller.send("POST", "/nowhere", b"{}", JSON), "/nowhere")


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ("", 400, "grant-unknown"),
        ("grant_type=password&client_id=x", 400, "grant-unknown"),
        (f"grant_type=client_credentials&client_id={CANARY}&client_secret=x", 401, "client-unknown"),
        (f"grant_type=client_credentials&client_id={COORDINATOR}&client_secret={CANARY}", 401, "client-unknown"),
        (f"grant_type=client_credentials&client_id=%00&client_secret=%ff{CANARY}", 401, "client-unknown"),
    ],
)
async def test_a_token_is_given_to_nobody_who_does_not_earn_it(stage: Stage, form: str, status: int, code: str) -> None:
    answer = await stage.there.http.post("/demo/token", content=form.encode())

    assert_problem(answer, form)
    assert (status, code) == (answer.status_code, answer.json()["code"])


async def test_after_all_that_the_right_commands_are_still_taken(stage: Stage) -> None:
    """In the order of the stage: what they need is there, and nothing that was refused has left a trace on it."""
    outcomes: dict[str, tuple[int, Any]] = {}
    for said in stage.commands:
        answer = await sent(stage, said, b"" if said.body is None else json.dumps(said.body).encode())
        outcomes[said.route] = (answer.status_code, answer.json().get("code"))
    domain = {route: code for route, (status, code) in outcomes.items() if status >= 300}

    assert {"/actions/{action_id}/change": "action-tasked", "/actions/{action_id}/conclude": "action-closed"} == domain
    assert {} == {name: stopped for name, stopped in stage.there.host.health().items() if stopped}
