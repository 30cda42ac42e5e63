"""A body is taken whole and as it should be, or refused with a code and the place of the trouble; nothing follows."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from tests.kernel.parish.town import BODY_BYTES_MAX, Town

BOOKINGS: Final = "/halls/nave/bookings"
MALFORMED, TOO_DEEP, NUL = (400, "json-malformed", None), (400, "json-too-deep", None), (422, "text-has-nul", None)
BODIES: Final[Mapping[bytes, tuple[int, str, str | None]]] = {
    b"": MALFORMED,
    b'{"person":': MALFORMED,
    b"person=per-a": MALFORMED,
    b'{"person":"\xff"}': MALFORMED,
    b'{"person":"a"}{}': MALFORMED,
    b'{"person":"\\ud800"}': MALFORMED,
    b'"' + b'\\"' * 400_000: MALFORMED,
    b'{"guests":' + b"[" * 40 + b"]" * 40 + b"}": TOO_DEEP,
    b"[" * 900_000: TOO_DEEP,
    b'"\\\\"' + b"[" * 40: TOO_DEEP,
    b'{"person":"a\\u0000b"}': NUL,
    b'{"person":"a\x00b"}': NUL,
    b"{}": (422, "field-missing", "/person"),
    b'{"hours":1}': (422, "field-missing", "/person"),
    b"[]": (422, "field-wrong", None),
    b"null": (422, "field-wrong", None),
    b'{"person":"a","purse":1}': (422, "field-unknown", "/purse"),
    b'{"person":"a","pu/r~se":1}': (422, "field-unknown", "/pu~1r~0se"),
    b'{"person":1}': (422, "field-wrong", "/person"),
    b'{"person":""}': (422, "field-wrong", "/person"),
    b'{"person":"a","hours":25}': (422, "field-wrong", "/hours"),
    b'{"person":"a","hours":' + b"9" * 400 + b"}": (422, "field-wrong", "/hours"),
    b'{"person":"a","hours":1e999}': (422, "field-wrong", "/hours"),
    b'{"person":"a","hours":1.5}': (422, "field-wrong", "/hours"),
    b'{"hours":0,"person":"' + b"[" * 99 + b'"}': (422, "field-wrong", "/hours"),
    b'{"person":"a","guests":[{"name":"b"},{"name":2}]}': (422, "field-wrong", "/guests/1/name"),
    b'{"person":"a","guests":[{}]}': (422, "field-missing", "/guests/0/name"),
}


async def test_a_wrong_body_is_refused_with_the_place_of_the_trouble(edge: Town) -> None:
    refusals = {body: await edge.refusal("POST", BOOKINGS, body) for body in BODIES}

    assert BODIES == refusals
    assert 0 == edge.journal.head().sequence


async def test_a_refusal_never_repeats_what_was_sent(edge: Town) -> None:
    answer = await edge.ask("POST", BOOKINGS, b'{"person":"a","hours":"Daniel Example"}')

    assert "/hours" == answer.json()["pointer"]
    assert b"Daniel" not in answer.content


async def test_a_body_within_the_limit_whose_record_would_be_too_large_is_refused(edge: Town) -> None:
    answer = await edge.book(person="x" * (BODY_BYTES_MAX - 100))

    assert (413, "body-too-large") == (answer.status_code, answer.json()["code"])
    assert 0 == edge.journal.head().sequence


async def test_a_body_that_is_announced_too_large_is_refused_unread(edge: Town) -> None:
    given = {"a byte more": BODY_BYTES_MAX + 1, "absurd": "9" * 5_000, "negative": "-1", "a word": "many"}
    answers = {why: await raw(edge, [b"{}"], announced=str(announced)) for why, announced in given.items()}

    assert dict.fromkeys(given, (413, "body-too-large", 0)) == answers


async def test_a_body_that_grows_too_large_unannounced_is_refused_as_it_grows(edge: Town) -> None:
    """In chunks of 64 KiB: it is read to the limit, and no further."""
    chunks = [b" " * 65_536] * 64
    status, code, read = await raw(edge, chunks)

    assert (413, "body-too-large") == (status, code)
    assert read == BODY_BYTES_MAX // 65_536 + 1


async def test_a_body_of_exactly_the_limit_is_read(edge: Town) -> None:
    whole = json.dumps({"person": "per-a"}).encode()
    status, _, _ = await raw(edge, [whole, b" " * (BODY_BYTES_MAX - len(whole))], announced=str(BODY_BYTES_MAX))

    assert 201 == status


async def test_a_body_in_pieces_is_put_together(edge: Town) -> None:
    whole = json.dumps({"person": "per-a"}).encode()
    status, _, _ = await raw(edge, [whole[:3], b"", whole[3:10], whole[10:]])

    assert (201, 1) == (status, edge.journal.head().number)


async def test_a_body_that_ends_before_it_was_whole_is_not_acted_on(edge: Town) -> None:
    whole = json.dumps({"person": "per-a"}).encode()
    status, code, _ = await raw(edge, [whole], announced=str(len(whole) + 1))

    assert (400, "body-cut-off", 0) == (status, code, edge.journal.head().sequence)


async def test_a_client_that_leaves_in_the_middle_gets_no_answer_and_nothing_follows(edge: Town) -> None:
    whole = json.dumps({"person": "per-a"}).encode()
    status, code, _ = await raw(edge, [whole], announced=str(len(whole) + 9), leaves=True)

    assert (0, "", 0) == (status, code, edge.journal.head().sequence)


async def test_what_is_refused_for_its_body_is_counted(edge: Town) -> None:
    await edge.ask("POST", BOOKINGS, b"x" * (BODY_BYTES_MAX + 1))

    assert b'cordon_request_seconds_count{route="none",status="413"} 1.0' in edge.host.metrics.shown()


async def test_openapi_says_what_a_body_must_be(edge: Town) -> None:
    openapi = (await edge.client.get("/openapi.json")).json()
    schema = openapi["paths"]["/halls/{name}/bookings"]["post"]["requestBody"]["content"]["application/json"]["schema"]

    assert ["person"] == schema["required"]
    assert {"person", "hours", "guests"} == schema["properties"].keys()


async def raw(
    edge: Town, chunks: list[bytes], *, announced: str | None = None, leaves: bool = False
) -> tuple[int, str, int]:
    """A request as a server hands it over, piece by piece: the status, the code, and how many pieces were read."""
    assert edge.host.app is not None

    given = {"authorization": f"Bearer {edge.token()}", "idempotency-key": "raw"}
    given |= {} if announced is None else {"content-length": announced}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": BOOKINGS,
        "raw_path": BOOKINGS.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    handed = pieces(chunks, leaves=leaves)
    answer: list[Any] = []
    read = 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        message = await anext(handed)
        read += message["type"] == "http.request"
        return message

    async def send(message: Any) -> None:
        answer.append(message)

    await edge.host.app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in answer)
    return answer[0]["status"] if answer else 0, json.loads(body).get("code", "") if body else "", read


async def pieces(chunks: list[bytes], *, leaves: bool) -> AsyncIterator[dict[str, Any]]:
    for place, chunk in enumerate(chunks):
        yield {"type": "http.request", "body": chunk, "more_body": leaves or place + 1 < len(chunks)}
    while True:
        yield {"type": "http.disconnect"}
