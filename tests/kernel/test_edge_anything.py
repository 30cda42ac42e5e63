"""Whatever is sent, however absurd, is done or refused with a problem: it is never a mistake of ours."""

import json
from typing import Any, Final
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.web.strict import REFUSALS, decoded, refuse_what_no_decoder_should_see
from schemas.rejection import Rejected
from tests.kernel.parish.routes import Booking
from tests.kernel.parish.town import Town

BOOKINGS: Final = "/halls/nave/bookings"
GOOD: Final = b'{"person":"per-a"}'

one_host = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
"""One for all examples: what was asked before must not matter."""

plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
names = st.sampled_from(["person", "hours", "guests", "name", ""]) | st.text(max_size=5)
values = st.recursive(plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4))
bodies = st.binary(max_size=200) | values.map(lambda value: json.dumps(value).encode())
headers = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)
words = st.text(min_size=1, max_size=30).filter(lambda name: name not in {".", ".."})


@one_host
@given(body=bodies)
async def test_no_body_is_a_mistake_of_ours(edge: Town, body: bytes) -> None:
    answer = await edge.ask("POST", BOOKINGS, body)

    assert answer.status_code in {201, 400, 409, 422}


@one_host
@given(name=words, value=words)
async def test_no_address_is_a_mistake_of_ours(edge: Town, name: str, value: str) -> None:
    path = f"/halls/{quote(name.encode('utf-8', 'replace'), safe='')}"
    query = quote(value.encode("utf-8", "replace"))
    answers = [
        await edge.ask("GET", path),
        await edge.ask("GET", f"/halls?hours_min={query}&person={query}"),
        await edge.ask("POST", f"{path}/bookings", GOOD),
    ]

    assert {answer.status_code for answer in answers} <= {200, 201, 404, 409, 422}


@one_host
@given(
    sent=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("authorization", "idempotency-key", "if-match", "purpose", "content-type", "accept"), headers
        ),
    )
)
async def test_no_header_is_a_mistake_of_ours(edge: Town, sent: dict[str, Any]) -> None:
    answer = await edge.ask("POST", BOOKINGS, GOOD, **sent)

    assert answer.status_code in {201, 400, 401, 409, 412, 422}


@given(body=bodies)
def test_decoding_gives_a_value_or_a_refusal(body: bytes) -> None:
    try:
        outcome = decoded(body, Booking).person
    except Rejected as refusal:
        outcome = REFUSALS[refusal.code]

    assert outcome


@given(value=values)
def test_what_is_well_formed_and_flat_enough_reaches_the_decoder(value: object) -> None:
    raw = json.dumps(value).encode()
    if b"\\u0000" not in raw:
        refuse_what_no_decoder_should_see(raw)
