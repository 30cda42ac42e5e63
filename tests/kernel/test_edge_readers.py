"""Who is asking: a token of this installation that still holds, or nobody; and what nobody may see is not there."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from infra.web.issuer import Client, Issuer
from tests.kernel.parish.journals import NOW, SITE, entries
from tests.kernel.parish.town import ISSUER, Town

SAM = Client(id="wrk_sam", roles=("case-manager",), agency="partnership", secret="invented")


def signed(edge: Town, **changes: Any) -> str:
    """A token as the issuer gives it, but for these claims; None takes one out."""
    now = int(NOW.timestamp())
    claims = {"iss": ISSUER, "aud": "cordon", "sub": "wrk_sam", "roles": ["case-manager"], "agency": "partnership"}
    whole: dict[str, Any] = claims | {"site": SITE, "iat": now, "exp": now + 900} | changes
    left = {name: value for name, value in whole.items() if value is not None}
    header = {"alg": "Ed25519", "kid": "demonstration"}
    return jwt.encode(header, left, edge.issuer.keys().keys[0], algorithms=["Ed25519"])


async def unknown(edge: Town, authorization: str | None) -> str:
    """The code with which somebody is not known."""
    headers = [] if authorization is None else [(b"authorization", authorization.encode("latin-1"))]
    answer = await edge.client.get("/halls", headers=headers)

    assert (401, "Bearer") == (answer.status_code, answer.headers["www-authenticate"])

    return str(answer.json()["code"])


async def test_a_token_of_this_installation_is_known(edge: Town) -> None:
    answers = [
        await edge.client.get("/halls", headers={"authorization": f"{scheme} {signed(edge)}"})
        for scheme in ("Bearer", "bearer", "BEARER", "Bearer  ")
    ]

    assert [200] * 4 == [answer.status_code for answer in answers]


async def test_without_a_token_nobody_is_known(edge: Town) -> None:
    given = (None, "", "Bearer", "Basic d3JrX3NhbTo=", signed(edge), f"Token {signed(edge)}")

    assert {"token-missing"} == {await unknown(edge, authorization) for authorization in given}


async def test_a_token_that_cannot_be_read_is_refused(edge: Town) -> None:
    header, payload, signature = signed(edge).split(".")
    other = "A" if signature[10] != "A" else "B"
    garbled = {
        "cut": f"{header}.{payload}",
        "empty": " ",
        "a word": "password",
        "dots": "..",
        "changed": f"{header}.{payload}.{signature[:10]}{other}{signature[11:]}",
        "another payload": f"{header}.{encoded({'sub': 'wrk_eve'})}.{signature}",
        "a list for a header": f"{encoded([])}.{payload}.{signature}",
        "a number for a header": f"{encoded(1)}.{payload}.{signature}",
        "no algorithm": f"{encoded({'alg': 'none'})}.{payload}.",
        "an unknown one": f"{encoded({'alg': ['Ed25519'], 'kid': {}})}.{payload}.{signature}",
        "deep": f"{urlsafe_b64encode(b'[' * 9_000).decode()}.{payload}.{signature}",
        "long": f"{header}.{payload * 50}.{signature}",
        "not ASCII": "\u00e9.\u00e9.\u00e9",
    }

    assert dict.fromkeys(garbled, "token-malformed") == {
        why: await unknown(edge, f"Bearer {token}") for why, token in garbled.items()
    }


async def test_a_token_of_somebody_else_is_refused(edge: Town) -> None:
    stranger = Issuer(ISSUER, SITE, edge.clock, {})
    header = {"alg": "HS256", "kid": "demonstration"}
    public = json.dumps(edge.issuer.keys().keys[0].as_dict(private=False)).encode()
    claims = {"iss": ISSUER, "aud": "cordon", "sub": "wrk_sam", "roles": [], "agency": "x", "site": SITE, "exp": 9**10}
    foreign = {
        "another key": stranger.token(SAM),
        "the public key as a secret": jwt.encode(header, claims, OctKey.import_key(public), algorithms=["HS256"]),
        "another issuer": signed(edge, iss="https://elsewhere.example.org"),
        "another audience": signed(edge, aud="payroll"),
        "many audiences": signed(edge, aud=["cordon", "payroll"]),
        "another site": signed(edge, site="southmere"),
    }

    assert isinstance(edge.issuer.keys().keys[0], OKPKey)
    assert dict.fromkeys(foreign, "token-malformed") == {
        why: await unknown(edge, f"Bearer {token}") for why, token in foreign.items()
    }


async def test_a_token_that_lacks_something_is_refused(edge: Town) -> None:
    names = ("iss", "aud", "sub", "roles", "agency", "site", "exp")
    lacking = {f"no {name}": signed(edge, **{name: None}) for name in names}
    mistyped = {
        "sub": signed(edge, sub=7),
        "roles": signed(edge, roles="case-manager"),
        "exp": signed(edge, exp="tomorrow"),
        "site": signed(edge, site=[SITE]),
    }
    answers = {why: await unknown(edge, f"Bearer {token}") for why, token in (lacking | mistyped).items()}

    assert dict.fromkeys([*lacking, *mistyped], "token-malformed") == answers


async def test_a_token_expires_to_the_second(edge: Town) -> None:
    headers = {"authorization": f"Bearer {edge.issuer.token(SAM, timedelta(minutes=5))}"}
    edge.clock.advance(timedelta(minutes=5) - timedelta(seconds=1))
    last = await edge.client.get("/halls", headers=headers)
    edge.clock.advance(timedelta(seconds=1))

    assert 200 == last.status_code
    assert "token-expired" == await unknown(edge, headers["authorization"])


async def test_a_role_nobody_has_heard_of_gives_nothing(edge: Town) -> None:
    await edge.book("nave")
    headers = {"authorization": f"Bearer {signed(edge, roles=['bishop', 7, None, ['case-manager']])}"}

    assert 404 == (await edge.client.get("/halls/nave", headers=headers)).status_code


async def test_nobody_is_known_before_the_body_is_looked_at(edge: Town) -> None:
    answer = await edge.client.post("/halls/nave/bookings", content=b"{", headers={"idempotency-key": "k"})

    assert (401, "token-missing") == (answer.status_code, answer.json()["code"])
    assert [] == entries(edge.journal)


async def test_what_is_not_there_and_what_is_not_yours_look_the_same(edge: Town) -> None:
    await edge.book("vestry", worker="wrk_lea")
    seen = await edge.ask("GET", "/halls/vestry", worker="wrk_lea")
    answers = [
        await edge.ask("GET", "/halls/vestry"),
        await edge.ask("GET", "/halls/chapel"),
        await edge.ask("GET", "/nowhere"),
        await edge.ask("POST", "/halls/vestry/bookings", b'{"person":"per-b"}'),
        await edge.ask("GET", "/services/parish/messages"),
        await edge.ask("GET", "/services/chapel/messages", worker="sexton"),
    ]

    assert 200 == seen.status_code
    assert 1 == len({(answer.status_code, answer.content) for answer in answers})
    assert 1 == len({tuple(sorted(answer.headers.items())) for answer in answers})
    assert 404 == answers[0].status_code


def encoded(part: object) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
