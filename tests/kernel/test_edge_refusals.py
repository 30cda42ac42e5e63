"""What the edge refuses, and how it says so: a stable code, a pointer, a sentence; and never a mistake of ours."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kernel.parish.town import BODY_BYTES_MAX, Town

BOOKINGS = "/halls/nave/bookings"
GOOD = {"person": "per-a"}
WRONG_BODIES: list[tuple[str, bytes, int, str, str | None]] = [
    ("empty", b"", 400, "json-malformed", None),
    ("cut-off", b'{"person":', 400, "json-malformed", None),
    ("not-json", b"person=per-a", 400, "json-malformed", None),
    ("not-utf-8", b'{"person":"\xff"}', 400, "json-malformed", None),
    ("trailing", b'{"person":"a"}{}', 400, "json-malformed", None),
    ("half-a-surrogate", b'{"person":"\\ud800"}', 400, "json-malformed", None),
    ("never-closed", b'"' + b'\\"' * 400_000, 400, "json-malformed", None),
    ("too-deep", b'{"guests":' + b"[" * 40 + b"]" * 40 + b"}", 400, "json-too-deep", None),
    ("far-too-deep", b"[" * 900_000, 400, "json-too-deep", None),
    ("deep-in-text", json.dumps({"person": "[" * 99, "hours": 0}).encode(), 422, "field-wrong", "/hours"),
    ("nul", b'{"person":"a\\u0000b"}', 422, "text-has-nul", None),
    ("bare-nul", b'{"person":"a\x00b"}', 422, "text-has-nul", None),
    ("nothing-in-it", b"{}", 422, "field-missing", "/person"),
    ("another-shape", b"[]", 422, "field-wrong", None),
    ("null", b"null", 422, "field-wrong", None),
    ("extra", b'{"person":"a","purse":1}', 422, "field-unknown", "/purse"),
    ("extra-with-a-slash", b'{"person":"a","pu/r~se":1}', 422, "field-unknown", "/pu~1r~0se"),
    ("mistyped", b'{"person":1}', 422, "field-wrong", "/person"),
    ("too-short", b'{"person":""}', 422, "field-wrong", "/person"),
    ("too-large", b'{"person":"a","hours":25}', 422, "field-wrong", "/hours"),
    ("beyond-64-bits", b'{"person":"a","hours":' + b"9" * 400 + b"}", 422, "field-wrong", "/hours"),
    ("beyond-floats", b'{"person":"a","hours":1e999}', 400, "json-malformed", None),
    ("a-fraction", b'{"person":"a","hours":1.5}', 422, "field-wrong", "/hours"),
    ("inside", b'{"person":"a","guests":[{"name":"b"},{"name":2}]}', 422, "field-wrong", "/guests/1/name"),
    ("missing-inside", b'{"person":"a","guests":[{}]}', 422, "field-missing", "/guests/0/name"),
]


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"), [case[1:] for case in WRONG_BODIES], ids=[case[0] for case in WRONG_BODIES]
)
async def test_a_wrong_body_is_refused_with_the_place_of_the_trouble(
    edge: Town, body: bytes, status: int, code: str, pointer: str | None
) -> None:
    answer = await edge.ask("POST", BOOKINGS, body)
    problem = answer.json()

    assert (status, code, pointer) == (answer.status_code, problem["code"], problem.get("pointer"))
    assert 0 == edge.journal.head().sequence


async def test_a_refusal_of_the_domain_has_its_code_and_the_services_own_sentence(edge: Town) -> None:
    await edge.book()
    answer = await edge.book(person="per-b")

    assert (409, "hall-taken", "Somebody has it.") == (
        answer.status_code,
        answer.json()["code"],
        answer.json()["title"],
    )


@pytest.mark.parametrize("key", ["", "x" * 201, "two words", "a\tb"], ids=["missing", "long", "spaced", "tab"])
async def test_a_command_needs_an_idempotency_key(edge: Town, key: str) -> None:
    answer = await edge.book(**{"h_idempotency-key": key})

    assert (400, "idempotency-key-missing") == (answer.status_code, answer.json()["code"])
    assert 0 == edge.journal.head().sequence


async def test_the_same_request_under_the_same_key_has_the_same_answer(edge: Town) -> None:
    first = await edge.book(**{"h_idempotency-key": "k"})
    second = await edge.book(**{"h_idempotency-key": "k"})

    assert (201, 201) == (first.status_code, second.status_code)
    assert first.json() | {"is_repeat": True} == second.json()
    assert first.headers["etag"] == second.headers["etag"]
    assert 1 == edge.journal.head().number


async def test_a_refusal_is_repeated_too(edge: Town) -> None:
    await edge.book()
    first = await edge.book(person="per-b", **{"h_idempotency-key": "k"})
    await edge.ask("DELETE", BOOKINGS)
    second = await edge.book(person="per-b", **{"h_idempotency-key": "k"})

    assert (409, first.content) == (second.status_code, second.content)


@pytest.mark.parametrize("changed", ["body", "path", "method"])
async def test_another_request_under_the_same_key_is_refused(edge: Town, changed: str) -> None:
    await edge.book(**{"h_idempotency-key": "k"})
    method, path, body = "POST", BOOKINGS, json.dumps(GOOD).encode()
    match changed:
        case "body":
            body = json.dumps({**GOOD, "hours": 2}).encode()
        case "path":
            path = "/halls/aisle/bookings"
        case _:
            method = "DELETE"
    answer = await edge.ask(method, path, body, idempotency_key="k")

    assert (409, "idempotency-key-reused") == (answer.status_code, answer.json()["code"])
    assert 1 == edge.journal.head().number


async def test_two_workers_may_use_the_same_key(edge: Town) -> None:
    first = await edge.book("nave", **{"h_idempotency-key": "k"})
    second = await edge.book("aisle", worker="wrk_lea", **{"h_idempotency-key": "k"})

    assert (201, 201) == (first.status_code, second.status_code)


async def test_a_version_that_is_not_there_any_more_is_refused(edge: Town) -> None:
    etag = (await edge.book()).headers["etag"]
    await edge.ask("DELETE", BOOKINGS)
    stale = await edge.ask("DELETE", BOOKINGS, if_match=etag)

    assert ('"1"', 412, "version-stale") == (etag, stale.status_code, stale.json()["code"])


@pytest.mark.parametrize("given", ['"1"', 'W/"1"', "*"])
async def test_a_version_that_is_there_is_taken(edge: Town, given: str) -> None:
    await edge.book()
    answer = await edge.ask("DELETE", BOOKINGS, if_match=given)

    assert (200, '"2"') == (answer.status_code, answer.headers["etag"])


@pytest.mark.parametrize("given", ["1", '"one"', '"1", "2"', '"' + "9" * 13 + '"', '"-1"', ""])
async def test_a_version_that_cannot_be_read_is_refused(edge: Town, given: str) -> None:
    answer = await edge.ask("DELETE", BOOKINGS, if_match=given)

    assert (422, "if-match-malformed") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize("given", ["Daniel Example", "x" * 500, "case_work"])
async def test_a_purpose_is_a_code(edge: Town, given: str) -> None:
    answer = await edge.book(h_purpose=given)

    assert 422 == answer.status_code
    assert given.encode() not in answer.content


@pytest.mark.parametrize("path", ["/", "/nowhere", "/halls/nave/nothing", "/halls/", "/services/nobody/messages"])
async def test_an_address_where_nothing_is_says_so(edge: Town, path: str) -> None:
    answer = await edge.ask("GET", path)

    assert answer.status_code in ({307} if path == "/" else {404})


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("PUT", "/halls/nave", {"GET"}), ("GET", BOOKINGS, {"POST", "DELETE"}), ("POST", "/halls", {"GET"})],
)
async def test_a_method_that_is_not_for_the_address_is_refused_with_what_is(
    edge: Town, method: str, path: str, allowed: set[str]
) -> None:
    answer = await edge.ask(method, path)

    assert (405, "method-not-allowed") == (answer.status_code, answer.json()["code"])
    assert allowed >= set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize(
    "query",
    [
        "hours_min=one",
        "hours_min=-1",
        "hours_min=25",
        "hours_min=" + "9" * 40,
        "hours_min=",
        "person=%00",
        "person=a%00b",
    ],
)
async def test_a_wrong_parameter_of_the_address_is_refused(edge: Town, query: str) -> None:
    answer = await edge.ask("GET", f"/halls?{query}")

    assert (422, "request-wrong") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_nul_in_the_address_reaches_no_database(edge: Town, method: str) -> None:
    answer = await edge.ask(
        method, "/halls/na%00ve" + ("/bookings" if method == "POST" else ""), json.dumps(GOOD).encode()
    )

    assert (422, "request-wrong") == (answer.status_code, answer.json()["code"])


async def test_a_body_within_the_limit_whose_record_would_be_too_large_is_refused(edge: Town) -> None:
    answer = await edge.book(person="x" * (BODY_BYTES_MAX - 100))

    assert (413, "body-too-large") == (answer.status_code, answer.json()["code"])
    assert 0 == edge.journal.head().sequence


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=300)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["person", "hours", "guests", "name", ""]) | st.text(), inner)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
async def test_no_body_whatever_is_a_mistake_of_ours(edge: Town, body: bytes) -> None:
    answer = await edge.ask("POST", BOOKINGS, body)

    assert answer.status_code in {201, 400, 409, 413, 422}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1, max_size=40).filter(lambda name: name not in {".", ".."}), value=st.text(max_size=40))
async def test_no_address_whatever_is_a_mistake_of_ours(edge: Town, name: str, value: str) -> None:
    path = f"/halls/{quote(name.encode('utf-8', 'replace'), safe='')}"
    answers = [
        await edge.ask("GET", path),
        await edge.ask("GET", f"/halls?hours_min={quote(value.encode('utf-8', 'replace'))}"),
        await edge.ask("DELETE", f"{path}/bookings"),
    ]

    assert {answer.status_code for answer in answers} <= {200, 404, 405, 422}


HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    headers=st.fixed_dictionaries(
        {},
        optional={
            name: HEADER.map(lambda text: text.strip().encode("latin-1"))
            for name in ("authorization", "idempotency-key", "if-match", "purpose", "content-type", "accept")
        },
    )
)
async def test_no_header_whatever_is_a_mistake_of_ours(edge: Town, headers: dict[str, Any]) -> None:
    answer = await edge.ask("POST", BOOKINGS, json.dumps(GOOD).encode(), **headers)

    assert answer.status_code in {201, 400, 401, 409, 412, 422}
