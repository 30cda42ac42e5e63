"""Whatever comes over the wire, however absurd, is refused or passed on: never our mistake, never somewhere else."""

import re
from posixpath import normpath
from typing import Final
from urllib.parse import unquote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.front.serving import StandIn, said_back, status_of
from tests.front.test_owners import ROUTES

one_front = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
"""One for all examples: what was asked before must not matter."""

VISIBLE: Final = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
FOR_SERVICES: Final = re.compile(r"/(?:services|metrics|info|health)(?:/|$)")
WORDS: Final = [word for _, _, path in ROUTES for word in path.split("/") if word and not word.startswith("{")]
TRICKS: Final = [
    "..",
    ".",
    "%2e%2e",
    "%2E.",
    "",
    "..%2f",
    "%2f",
    "services",
    "metrics",
    "%00",
    "%0a",
    "%",
    "%zz",
    ";",
    "\\",
]

tokens = st.text(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~", min_size=1, max_size=12
)
segments = st.sampled_from([*WORDS, *TRICKS]) | st.text(VISIBLE, max_size=8)
targets = st.builds(
    lambda start, path, query: f"{start}{'/'.join(path)}{query}",
    st.sampled_from(["/", "/", "/", "//", "", "http://example.org/", "*"]),
    st.lists(segments, max_size=5),
    st.sampled_from(["", "?", "?after=1"]) | st.text(VISIBLE, max_size=8).map(lambda text: f"?{text}"),
)
real = st.builds(
    lambda route, part: re.sub(r"\{\w+\}", lambda _: part, route[2]),
    st.sampled_from(ROUTES),
    st.sampled_from([*TRICKS, "a"]) | st.text(VISIBLE, max_size=8),
)
names = tokens | st.sampled_from(
    [
        "connection",
        "te",
        "expect",
        "upgrade",
        "content-encoding",
        "authorization",
        "host",
        "if-match",
        "proxy-x",
        "cookie",
    ]
)
values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=30)
methods = st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "DELETE", "CONNECT", "TRACE"]) | tokens


@one_front
@given(
    method=methods,
    target=(targets | real).filter(lambda target: target != ""),
    headers=st.lists(st.tuples(names, values), max_size=5),
    body=st.none() | st.binary(max_size=50),
)
async def test_nothing_over_the_wire_is_a_mistake_of_ours(
    stand_in: StandIn, base: str, method: str, target: str, headers: list[tuple[str, str]], body: bytes | None
) -> None:
    stand_in.asked.clear()
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "connection: close"]
    if not any(name.lower() == "host" for name, _ in headers):
        lines.append("host: front.example.org")
    if body is not None:
        lines.append(f"content-length: {len(body)}")
    answer = await said_back(base, "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b""))

    assert status_of(answer) in {100, 200, 307, 400, 404, 405, 413, 422}, answer
    for asked in stand_in.asked:
        path, _, query = target.partition("?")
        assert (method, path + (f"?{query}" if query else "")) == (asked.method, asked.target.decode())
        assert (body or b"") == asked.body
        assert not FOR_SERVICES.match(normpath(unquote(path)))
        assert not FOR_SERVICES.match(normpath(unquote(unquote(path))).replace("//", "/"))


@one_front
@given(said=st.binary(min_size=1, max_size=200))
async def test_what_is_no_request_is_refused_and_comes_to_nobody(stand_in: StandIn, base: str, said: bytes) -> None:
    answer = await said_back(base, b"\x01" + said + b"\r\n\r\n")

    assert 400 == status_of(answer)
    assert [] == stand_in.asked
