"""Keys, versions, purposes and addresses: what a request must have, and what it is told where it has not."""

import json
from typing import Final

from tests.kernel.parish.town import Town

BOOKINGS: Final = "/halls/nave/bookings"
GOOD: Final = json.dumps({"person": "per-a"}).encode()


async def test_a_refusal_of_the_domain_has_its_code_the_services_own_sentence_and_the_rules(edge: Town) -> None:
    await edge.book()
    answer = await edge.book(person="per-b", hours=13)
    problem = answer.json()

    assert (409, "hall-taken", "Somebody has it.") == (answer.status_code, problem["code"], problem["title"])
    assert [("the-hall-is-free", "hall-taken"), ("the-hours-are-few", "hours-too-many")] == [
        (each["rule"], each["code"]) for each in problem["refused"]
    ]


async def test_an_answer_has_the_version_and_is_not_for_caches(edge: Town) -> None:
    answer = await edge.book()

    assert (201, '"1"', "no-store") == (answer.status_code, answer.headers["etag"], answer.headers["cache-control"])


async def test_a_command_needs_an_idempotency_key(edge: Town) -> None:
    keys = ("", "x" * 201, "two words", "a\tb", "a\x7f", "é")
    refusals = {await edge.refusal("POST", BOOKINGS, GOOD, idempotency_key=key) for key in keys}

    assert {(400, "idempotency-key-missing", None)} == refusals
    assert 0 == edge.journal.head().sequence


async def test_the_same_request_under_the_same_key_has_the_same_answer_and_happens_once(edge: Town) -> None:
    first, second = [await edge.ask("POST", BOOKINGS, GOOD, idempotency_key="k") for _ in range(2)]

    assert (201, 201) == (first.status_code, second.status_code)
    assert first.json() | {"is_repeat": True} == second.json()
    assert first.headers["etag"] == second.headers["etag"]
    assert 1 == edge.journal.head().number


async def test_a_refusal_is_repeated_too(edge: Town) -> None:
    await edge.book()
    other = json.dumps({"person": "per-b"}).encode()
    first = await edge.ask("POST", BOOKINGS, other, idempotency_key="k")
    await edge.ask("DELETE", BOOKINGS)
    second = await edge.ask("POST", BOOKINGS, other, idempotency_key="k")

    assert (409, first.content) == (second.status_code, second.content)


async def test_another_request_under_the_same_key_is_refused(edge: Town) -> None:
    await edge.ask("POST", BOOKINGS, GOOD, idempotency_key="k")
    others = {
        "body": await edge.refusal("POST", BOOKINGS, GOOD + b" ", idempotency_key="k"),
        "path": await edge.refusal("POST", "/halls/aisle/bookings", GOOD, idempotency_key="k"),
        "method": await edge.refusal("DELETE", BOOKINGS, GOOD, idempotency_key="k"),
    }

    assert dict.fromkeys(others, (409, "idempotency-key-reused", None)) == others
    assert 1 == edge.journal.head().number


async def test_two_workers_may_use_the_same_key(edge: Town) -> None:
    first = await edge.ask("POST", BOOKINGS, GOOD, idempotency_key="k")
    second = await edge.ask("POST", "/halls/aisle/bookings", GOOD, "wrk_lea", idempotency_key="k")

    assert (201, 201) == (first.status_code, second.status_code)


async def test_a_version_that_is_not_there_any_more_is_refused(edge: Town) -> None:
    etag = (await edge.book()).headers["etag"]
    await edge.ask("DELETE", BOOKINGS)

    assert (412, "version-stale", None) == await edge.refusal("DELETE", BOOKINGS, if_match=etag)
    assert (412, "version-stale", None) == await edge.refusal("DELETE", BOOKINGS, if_match='"999999999999"')
    assert 2 == edge.journal.head().number


async def test_a_version_that_is_there_is_taken(edge: Town) -> None:
    await edge.book()
    answers = [
        await edge.ask("DELETE", BOOKINGS, if_match='"1"'),
        await edge.ask("POST", BOOKINGS, GOOD, if_match='W/"2"'),
        await edge.ask("DELETE", BOOKINGS, if_match="*"),
    ]

    assert [(200, '"2"'), (201, '"3"'), (200, '"4"')] == [
        (answer.status_code, answer.headers["etag"]) for answer in answers
    ]


async def test_a_version_that_cannot_be_read_is_refused(edge: Town) -> None:
    given = ("1", '"one"', '"1", "2"', '"' + "9" * 13 + '"', '"-1"', "", '"\u00b2"')
    refusals = {await edge.refusal("DELETE", BOOKINGS, if_match=version) for version in given}

    assert {(422, "if-match-malformed", None)} == refusals


async def test_a_purpose_is_one_of_those_there_are(edge: Town) -> None:
    given = ("Daniel Example", "x" * 500, "case_work")
    refusals = {await edge.refusal("POST", BOOKINGS, GOOD, purpose=purpose) for purpose in given}

    assert {422} == {status for status, _, _ in refusals}
    assert 0 == edge.journal.head().sequence


async def test_an_address_where_nothing_is_says_so(edge: Town) -> None:
    paths = ("/nowhere", "/halls/nave/nothing", "/halls/", "/services/nobody/messages", "/%2e%2e/etc", "/docs/x")

    assert {(404, "not-there", None)} == {await edge.refusal("GET", path) for path in paths}


async def test_a_method_that_is_not_for_the_address_is_refused_with_what_is(edge: Town) -> None:
    wrong = {("PUT", "/halls/nave"): {"GET"}, ("GET", BOOKINGS): {"POST", "DELETE"}, ("POST", "/halls"): {"GET"}}
    for (method, path), allowed in wrong.items():
        answer = await edge.ask(method, path)

        assert (405, "method-not-allowed") == (answer.status_code, answer.json()["code"])
        assert allowed & set(answer.headers["allow"].split(", "))


async def test_a_wrong_parameter_of_the_address_is_refused(edge: Town) -> None:
    wrong = ("one", "-1", "25", "9" * 40, "", "1.5", "NaN")
    refusals = {await edge.refusal("GET", f"/halls?hours_min={value}") for value in wrong}

    assert {(422, "request-wrong", None)} == refusals


async def test_a_nul_in_the_address_reaches_no_database(edge: Town) -> None:
    refusals = {
        await edge.refusal("GET", "/halls/na%00ve"),
        await edge.refusal("POST", "/halls/na%00ve/bookings", GOOD),
        await edge.refusal("GET", "/halls?person=a%00b"),
    }

    assert {(422, "request-wrong", None)} == refusals
    assert 0 == edge.journal.head().sequence
