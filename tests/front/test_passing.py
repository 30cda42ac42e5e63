"""What is asked and what is answered pass unchanged; what was meant for one connection does not."""

from typing import Final

from httpx import AsyncClient
from starlette.types import Receive, Scope, Send

from infra.web.front_headers import end_to_end
from tests.front.serving import StandIn, answered, fronted, said_back, serving, status_of

TOLD: Final = "/agencies/northmere-police/events"
SENT: Final = {
    "authorization": "Bearer abc.def.ghi",
    "idempotency-key": "key-1",
    "if-match": 'W/"7"',
    "purpose": "case-work",
    "content-type": "application/json",
    "ce-specversion": "1.0",
    "ce-id": "event-1",
    "ce-source": "//police.example.org/records",
    "ce-type": "prison.order-breached.v1",
    "accept": "text/event-stream",
    "last-event-id": "42",
    "x-forwarded-for": "192.0.2.7",
}


def spoken(*lines: str, body: bytes = b"") -> bytes:
    return "\r\n".join((*lines, "host: front.example.org", "connection: close", "", "")).encode("latin-1") + body


async def test_method_address_headers_and_body_come_as_they_were_sent(stand_in: StandIn, client: AsyncClient) -> None:
    await client.post(f"{TOLD}?after=1&x=%C3%A9", content=b'{"a": "\x00\xff"}', headers=SENT)
    (asked,) = stand_in.asked

    assert ("POST", TOLD.encode() + b"?after=1&x=%C3%A9", b'{"a": "\x00\xff"}') == (
        asked.method,
        asked.target,
        asked.body,
    )
    assert SENT == {name: asked.header(name.encode())[0].decode() for name in SENT}


async def test_a_percent_encoded_address_is_not_spelled_anew(stand_in: StandIn, base: str) -> None:
    targets = ["/cases/a%2Db%c3%A9%20%25", "/cases/%7e~", "/cases/a|b#c", "/cases/a;b=c?d=%2E%2e/../e&f", "/cases/%00"]
    for target in targets:
        await said_back(base, spoken(f"GET {target} HTTP/1.1"))

    assert [target.encode() for target in targets] == [asked.target for asked in stand_in.asked]


async def test_a_method_is_not_spelled_anew(stand_in: StandIn, base: str) -> None:
    for method in ("get", "GET", "Frob"):
        await said_back(base, spoken(f"{method} /cases HTTP/1.1"))

    assert ["get", "GET", "Frob"] == [asked.method for asked in stand_in.asked]


async def test_what_is_meant_for_one_connection_goes_no_further(stand_in: StandIn, base: str) -> None:
    await said_back(
        base,
        spoken(
            "GET /cases HTTP/1.1",
            "Connection: x-secret, keep-alive, content-length",
            "X-Secret: 1",
            "Keep-Alive: timeout=5",
            "Proxy-Authorization: Basic abc",
            "Proxy-Connection: keep-alive",
            "TE: trailers",
            "Trailer: x-late",
            "Upgrade: websocket",
            "Accept: a",
            "Accept: b",
        ),
    )
    (asked,) = stand_in.asked

    assert [b"host", b"accept", b"accept"] == [name for name, _ in asked.headers]
    assert [b"a", b"b"] == asked.header(b"accept")


async def test_a_service_is_asked_under_its_own_name(stand_in: StandIn, base: str) -> None:
    await said_back(base, spoken("GET /cases HTTP/1.1"))
    (host,) = stand_in.asked[0].header(b"host")

    assert host.startswith(b"127.0.0.1:")
    assert host.decode() not in base


async def test_a_body_in_chunks_comes_whole_whatever_length_was_claimed(stand_in: StandIn, base: str) -> None:
    answer = await said_back(
        base,
        spoken(
            f"POST {TOLD} HTTP/1.1",
            "Content-Length: 3",
            "Transfer-Encoding: chunked",
            body=b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nx-late: 1\r\n\r\n",
        ),
    )
    (asked,) = stand_in.asked

    assert (200, b"hello world", [], [b"chunked"]) == (
        status_of(answer),
        asked.body,
        asked.header(b"content-length"),
        asked.header(b"transfer-encoding"),
    )


async def test_what_is_asked_in_one_breath_is_answered_in_its_order(stand_in: StandIn, base: str) -> None:
    first = b"GET /cases?number=1 HTTP/1.1\r\nhost: a\r\n\r\nPOST /victims HTTP/1.1\r\nhost: a\r\n"
    answers = await said_back(base, first + b"content-length: 2\r\n\r\n{}" + spoken("GET /reports HTTP/1.1"))

    assert [b"/cases?number=1", b"/victims", b"/reports"] == [asked.target for asked in stand_in.asked]
    assert 3 == answers.count(b"HTTP/1.1 200 OK")


async def test_whoever_waits_to_be_told_to_go_on_is_told(stand_in: StandIn, base: str) -> None:
    answer = await said_back(
        base, spoken(f"POST {TOLD} HTTP/1.1", "Content-Length: 5", "Expect: 100-continue", body=b"hello")
    )

    assert answer.startswith(b"HTTP/1.1 100 ")
    assert b"hello" == stand_in.asked[0].body


async def test_status_headers_and_body_are_answered_as_they_came(stand_in: StandIn, client: AsyncClient) -> None:
    given = [
        (b"etag", b'"7"'),
        (b"cache-control", b"no-store"),
        (b"content-type", b"application/problem+json"),
        (b"content-encoding", b"gzip"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
        (b"x-frame-options", b"SAMEORIGIN"),
        (b"connection", b"x-hidden"),
        (b"x-hidden", b"1"),
        (b"keep-alive", b"timeout=5"),
        (b"proxy-authenticate", b"Basic"),
    ]

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await answered(send, b"not gzip at all", 412, given)

    stand_in.answer = answer
    async with client.stream("GET", "/cases") as answer_here:
        body = b"".join([chunk async for chunk in answer_here.aiter_raw()])
    headers = answer_here.headers

    assert (412, b"not gzip at all") == (answer_here.status_code, body)
    assert given[:7] == [(name, value) for name, value in headers.raw if (name, value) in given]
    assert {"x-hidden", "keep-alive", "proxy-authenticate"}.isdisjoint(headers.keys())
    assert [1, 1, 1] == [len(headers.get_list(name)) for name in ("date", "content-length", "x-frame-options")]


async def test_no_redirection_is_followed_and_no_cookie_kept(stand_in: StandIn, client: AsyncClient) -> None:
    seen = []

    async def answer(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append((scope["path"], [name for name, _ in scope["headers"] if name == b"cookie"]))
        await answered(send, b"", 307, [(b"location", b"/reports"), (b"set-cookie", b"who=her; path=/")])

    stand_in.answer = answer
    answers = []
    for _ in range(2):
        client.cookies.clear()
        answers.append(await client.get("/cases"))

    assert [(307, "/reports")] * 2 == [(each.status_code, each.headers["location"]) for each in answers]
    assert [("/cases", [])] * 2 == seen


async def test_an_answer_without_a_body_stays_without(stand_in: StandIn, base: str) -> None:
    async def answer(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            await answered(send, b"x" * 100)
        else:
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    stand_in.answer = answer
    head = await said_back(base, spoken("HEAD /cases HTTP/1.1"))
    gone = await said_back(base, spoken("DELETE /cases HTTP/1.1"))

    assert (200, True, 204) == (status_of(head), b"content-length: 100" in head, status_of(gone))
    assert head.endswith(b"\r\n\r\n")
    assert gone.endswith(b"\r\n\r\n")


async def test_a_service_may_answer_below_a_path(stand_in: StandIn) -> None:
    async with (
        serving(stand_in) as services,
        fronted(f"{services}/behind/") as (base, _),
        AsyncClient(base_url=base, trust_env=False) as client,
    ):
        await client.get("/cases?open=yes")

    assert [b"/behind/cases?open=yes"] == [asked.target for asked in stand_in.asked]


def test_the_length_of_a_body_is_passed_on_whatever_the_connection_is_said_to_name() -> None:
    headers = [(b"Connection", b"content-length , Accept"), (b"Content-Length", b"3"), (b"accept", b"a"), (b"X", b"1")]

    assert [(b"content-length", b"3"), (b"x", b"1")] == end_to_end(headers, without=b"host")
