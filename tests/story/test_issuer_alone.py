"""`cordon demo-issuer`: it comes up for nothing but the demonstration, and `cordon play` finds what it made."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result
from httpx import ASGITransport, AsyncClient

from infra.clock import SystemClock
from infra.web.issuer import WHAT_IT_IS, Client, Issuer, standing_alone
from infra.web.tokens import Tokens
from services.__main__ import cordon
from services.cli.demo import ISSUER
from services.cli.demo_issuer import SECRETS


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A command says how its process logs; whoever runs the tests has said so, too."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *words: str, **variables: str) -> Result:
    """What comes of starting it where it cannot come up."""
    said = {"CORDON_DATA": str(tmp_path / "data"), "CORDON_ISSUER_KEYS": str(tmp_path / "keys.json"), **variables}
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    return CliRunner().invoke(cordon, ["demo-issuer", "--port", "0", *words])


def test_it_listens_beyond_this_machine_only_when_it_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = started(tmp_path, monkeypatch, "--address", "0.0.0.0")  # noqa: S104 - it is refused

    assert 2 == ended.exit_code
    assert "can be anybody in the story" in ended.output


def test_it_does_not_come_up_where_anybody_elses_tokens_are_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = started(tmp_path, monkeypatch, CORDON_ISSUER="https://identity.example.org")

    assert 2 == ended.exit_code
    assert "names another" in ended.output
    assert not (tmp_path / "keys.json").exists()


@pytest.mark.parametrize("secrets", ["", "intake=gate", "intake=,casework=gate"])
def test_it_needs_a_secret_for_every_service(secrets: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = started(tmp_path, monkeypatch, **{SECRETS: secrets})

    assert 2 == ended.exit_code
    assert f"{SECRETS} has no secret for" in ended.output
    assert "gate" not in ended.output


def test_it_has_to_know_where_the_services_look_for_its_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "CORDON_ISSUER_KEYS must say" in started(tmp_path, monkeypatch, CORDON_ISSUER_KEYS="").output


async def test_standing_alone_it_gives_tokens_and_says_what_it_is() -> None:
    known = {"intake": Client(id="intake", roles=("service",), agency="northmere-change", secret="gate")}
    issuer = Issuer(ISSUER, "northmere", SystemClock(), known)
    form = {"grant_type": "client_credentials", "client_id": "intake", "client_secret": "gate"}
    async with AsyncClient(transport=ASGITransport(standing_alone(issuer)), base_url="http://issuer") as client:
        said = (await client.get("/")).json()
        granted = (await client.post("/demo/token", data=form)).json()
        refused = await client.post("/demo/token", data={**form, "client_secret": "fence"})
        too_long = await client.post("/demo/token", data={**form, "client_secret": "g" * 5_000})
    tokens = Tokens(ISSUER, "northmere", SystemClock(), issuer.keys)

    assert {"issuer": ISSUER, "what": WHAT_IT_IS} == said
    assert "intake" == tokens.reader(f"Bearer {granted['access_token']}").id
    assert (401, "client-unknown") == (refused.status_code, refused.json()["code"])
    assert 413 == too_long.status_code
