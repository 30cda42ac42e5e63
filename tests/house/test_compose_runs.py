"""What the containers do, shown without Docker: secrets, roles, keys, services that start on what they are given."""

import base64
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import msgspec
import psycopg
import pytest

from demo.client import Api
from demo.clients import COORDINATOR, POLICE
from infra.sealing.compartments import HOLDERS
from services.cli.demo import CREDENTIALS
from tests.broker import one_broker
from tests.house.compose import SERVICES, composed, containers, environment, variables
from tests.house.contained import LOOK_SECONDS, SCRIPTS, Machine, Postgres, postgres, prepared
from tests.house.tree import REPOSITORY

OF_THE_PLACE: Final = frozenset(
    f"KAFKA_{name}"
    for name in ("ADVERTISED_LISTENERS", "CONTROLLER_QUORUM_VOTERS", "HEAP_OPTS", "LISTENERS", "LOG_DIRS")
)
"""Settings of Kafka's container that are about the container."""
HEARD_SECONDS_MAX: Final = 30.0
CHOSEN: Final = ("CORDON_ISSUER", "CORDON_ISSUER_DIRECTORY", "CORDON_TOKEN_URL")
"""What a site of its own has to say for itself."""
SERVED: Final = ("intake", "casework")
STARTED: Final = ("issuer", *SERVED, "front")


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return prepared(tmp_path_factory.mktemp("prepared") / ".env", "--demo")


@pytest.fixture(scope="module")
def server(given: dict[str, str]) -> Iterator[Postgres]:
    with postgres(given) as server:
        yield server


def test_what_is_prepared_is_all_that_the_file_asks_for_and_never_the_same_twice(
    given: dict[str, str], tmp_path: Path
) -> None:
    asked = {match["name"] for match in variables(composed())} - {"CORDON_FRONT_PORT"}
    another = prepared(tmp_path / "another")

    assert asked == given.keys() == another.keys()
    assert dict.fromkeys(CHOSEN, "") == {name: another[name] for name in CHOSEN}
    secrets = [said[name] for said in (given, another) for name in asked - {*CHOSEN}]
    assert len(secrets) == len(set(secrets))
    assert 0o600 == (tmp_path / "another").stat().st_mode & 0o777
    assert all(len(secret) >= 22 for secret in secrets)


def test_what_was_prepared_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("POSTGRES_PASSWORD=gate\n", encoding="utf-8")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        prepared(tmp_path / ".env", "--demo")

    assert "never overwritten" in refused.value.stderr
    assert "POSTGRES_PASSWORD=gate\n" == (tmp_path / ".env").read_text(encoding="utf-8")
    assert [".env"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize("name", SERVICES)
def test_a_role_connects_to_its_own_database_and_the_keyring_and_to_no_other(
    name: str, server: Postgres, given: dict[str, str]
) -> None:
    password = given[f"{name.upper()}_PASSWORD"]
    for database in (name, "keyring"):
        with server.connect(database, name, password) as connection:
            assert (database,) == connection.execute("SELECT current_database()").fetchone()
    for database in {*SERVICES, "postgres", "template1"} - {name}:
        with (
            pytest.raises(psycopg.OperationalError, match="permission denied for database"),
            server.connect(database, name, password),
        ):
            pass


def test_nobody_connects_without_his_password(server: Postgres, given: dict[str, str]) -> None:
    for password in ("", given["AUDIT_PASSWORD"]):
        with pytest.raises(psycopg.OperationalError, match="password"), server.connect("intake", "intake", password):
            pass


def test_the_keyring_is_everybodys_and_is_nobodys_elsewhere(server: Postgres, given: dict[str, str]) -> None:
    with server.connect("keyring", "intake", given["INTAKE_PASSWORD"]) as connection:
        connection.execute("CREATE TABLE gate (open boolean)")
    with server.connect("keyring", "audit", given["AUDIT_PASSWORD"]) as connection:
        connection.execute("INSERT INTO gate VALUES (true)")
        connection.execute("DROP TABLE gate")
    with server.connect("audit", "audit", given["AUDIT_PASSWORD"]) as connection:
        row = connection.execute("SELECT current_user, pg_has_role('keyring', 'USAGE')").fetchone()

    assert ("audit", False) == row


def test_a_role_is_no_superuser_and_makes_neither_databases_nor_roles(server: Postgres, given: dict[str, str]) -> None:
    with server.connect("audit", "audit", given["AUDIT_PASSWORD"]) as connection:
        rows = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolcanlogin"
            " AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)"
        ).fetchall()

    assert [("postgres",)] == rows


@pytest.fixture(scope="module")
def machine(given: dict[str, str], server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    machine = Machine(root=tmp_path_factory.mktemp("machine"), given=given, postgres=server)
    machine.deal_keys(SERVED)
    with machine.running(STARTED):
        yield machine


def api(machine: Machine, client: str) -> Api:
    secrets = msgspec.json.decode((machine.volume("data-demo") / CREDENTIALS).read_bytes(), type=dict[str, str])
    return Api(machine.base("front"), client, secrets[client], token_url=f"{machine.base('issuer')}/demo/token")


def test_each_service_is_dealt_the_keys_that_it_may_hold_and_once(machine: Machine) -> None:
    before = {path: path.read_bytes() for path in machine.root.glob("keys*/*") if path.is_file()}
    machine.deal_keys(["casework"])
    held = {name: {path.stem for path in machine.volume(f"keys-{name}").glob("*.private")} for name in SERVED}

    assert {name: {what for what, who in HOLDERS.items() if name in who} for name in SERVED} == held
    assert before == {path: path.read_bytes() for path in machine.root.glob("keys*/*") if path.is_file()}


def test_a_report_comes_in_by_the_front_and_is_heard_by_another_service(machine: Machine) -> None:
    """Kept in PostgreSQL, sealed by the keyring, with the issuer's tokens; for want of Kafka casework asks intake."""
    event = (REPOSITORY / "schemas/published/examples/police.referral-made.v1.json").read_bytes()
    with api(machine, POLICE) as police, api(machine, COORDINATOR) as coordinator:
        receipt = police.tell(msgspec.json.decode(event))
        deadline = time.monotonic() + HEARD_SECONDS_MAX
        while not (cases := coordinator.get("/cases")["cases"]) and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)

    assert "accepted" == receipt["receipt"]
    assert 1 == len(cases)


def test_without_kafka_a_service_lives_and_says_what_is_wrong_with_it(machine: Machine) -> None:
    answer = httpx.get(f"{machine.base('intake')}/health/readiness", trust_env=False)

    assert 503 == answer.status_code
    assert "unreachable" in answer.json()["stopped"]["intake"].values()


def test_the_issuer_says_what_it_is_and_gives_nothing_to_a_stranger(machine: Machine) -> None:
    base = machine.base("issuer")
    form = {"grant_type": "client_credentials", "client_id": "intake", "client_secret": "gate"}

    assert "demonstration" in httpx.get(base, trust_env=False).json()["what"]
    assert 401 == httpx.post(f"{base}/demo/token", data=form, trust_env=False).status_code
    assert 404 == httpx.get(f"{base}/docs", trust_env=False).status_code


def test_no_secret_is_in_what_the_processes_say(machine: Machine, given: dict[str, str]) -> None:
    said = "".join((machine.root / f"{name}.log").read_text(encoding="utf-8") for name in STARTED)
    secrets = {name: value for name, value in given.items() if name not in CHOSEN}

    assert said
    assert [] == [name for name, value in secrets.items() if value in said]


def test_kafka_takes_the_settings_of_its_container_and_the_topics_are_made_on_it(given: dict[str, str]) -> None:
    """As its image turns variables into properties. Where it listens and keeps its records is this machine's."""
    said = environment(containers(composed())["kafka"], given)
    settings = [
        f"{name.removeprefix('KAFKA_').lower().replace('_', '.')}={value}"
        for name, value in said.items()
        if name.startswith("KAFKA_") and name not in OF_THE_PLACE
    ]
    with one_broker(*settings) as broker:
        ran = subprocess.run(
            [sys.executable, "-m", "services", *containers(composed())["topics"]["command"]],
            cwd=REPOSITORY,
            env={**environment(containers(composed())["topics"], given), "CORDON_KAFKA": broker.servers},
            check=False,
            capture_output=True,
            text=True,
        )

    assert 0 == ran.returncode, ran.stdout + ran.stderr
    assert all(f"cordon.northmere.{name}" in ran.stdout for name in SERVICES)
    assert 16 == len(base64.urlsafe_b64decode(said["CLUSTER_ID"] + "=="))


def test_the_scripts_are_those_that_the_containers_run() -> None:
    assert {"demo.env", "keys.sh", "prepare.sh", "roles.sql", "site.env"} == {path.name for path in SCRIPTS.iterdir()}
