"""A server in a process of its own that is told to end at a chosen moment, and what it leaves behind."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from tests.house.tree import REPOSITORY
from tests.story.served import Served

SECONDS_MAX: Final = 30.0
LOOK_SECONDS: Final = 0.02
EXAMPLES: Final = REPOSITORY / "schemas/published/examples"


class Ending(Served):
    """A server of the demonstration that can be told to end."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self.data: Final = data

    def until_ready(self) -> None:
        """Wait until every service of it is at work."""
        until(lambda: self.ready() == (200, {}))

    def signal(self, number: int = signal.SIGTERM) -> float:
        """Send it a signal. Returns when that was, by the monotonic clock."""
        assert self._process is not None
        os.kill(self._process.pid, number)
        return time.monotonic()

    def token(self, client: str) -> str:
        """A token of this client."""
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": self.secrets()[client]}
        answer = httpx.post(f"{self.base}/demo/token", data=form, trust_env=False, timeout=SECONDS_MAX)
        return str(answer.json()["access_token"])

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        assert self._process is not None
        return self._process.poll() is None

    def exit_code(self) -> int:
        """Wait for its end."""
        assert self._process is not None
        return self._process.wait(SECONDS_MAX)

    def ready(self) -> tuple[int, dict[str, dict[str, str]]]:
        """What it says of its readiness: the status, and what is amiss, by service."""
        answer = httpx.get(f"{self.base}/health/readiness", trust_env=False, timeout=SECONDS_MAX)
        return answer.status_code, {name: codes for name, codes in answer.json()["stopped"].items() if codes}

    def until_it_takes_nobody(self) -> None:
        """Wait until it lets no new client in: it has begun to end."""
        place = urlsplit(self.base)
        assert place.hostname is not None
        assert place.port is not None
        address = place.hostname, place.port

        def refuses() -> bool:
            with closing(socket.socket()) as client:
                return client.connect_ex(address) != 0

        until(refuses)

    def said_ended(self) -> list[str]:
        """The services that said in their log that they ended, after all of them had last said that they started."""
        lines = [json.loads(line) for line in (self.data / "cordon.log").read_text().splitlines()]
        said = [(line["event"], line["service"]) for line in lines if line["event"] in {"started", "ended"}]
        last = max(place for place, (event, _) in enumerate(said) if event == "started")
        return [service for event, service in said[last:] if event == "ended"]

    @contextmanager
    def locked(self, service: str) -> Iterator[Callable[[], None]]:
        """Nobody else can write to this service's journal meanwhile. Yields how to let go before the end."""
        connection = sqlite3.connect(self.data / f"{service}.sqlite", isolation_level=None, check_same_thread=False)
        with closing(connection):
            connection.execute("BEGIN IMMEDIATE")

            def let_go() -> None:
                connection.execute("ROLLBACK")

            yield let_go

    def kept(self, service: str, kind: str) -> list[dict[str, Any]]:
        """What the records of this kind say, in a service's journal, from the first on."""
        with closing(sqlite3.connect(self.data / f"{service}.sqlite")) as connection:
            rows = connection.execute("SELECT record FROM journal WHERE type = ? ORDER BY sequence", (kind,))
            return [json.loads(record)["data"] for (record,) in rows]

    def place(self, service: str, source: str) -> int:
        """How far a service has heard another."""
        with closing(sqlite3.connect(self.data / f"{service}.sqlite")) as connection:
            (number,) = connection.execute("SELECT number FROM heard WHERE source = ?", (source,)).fetchone()
            return int(number)

    def head(self, service: str) -> int:
        """How far a service has spoken."""
        with closing(sqlite3.connect(self.data / f"{service}.sqlite")) as connection:
            return int(connection.execute("SELECT number FROM head").fetchone()[0])

    def verified(self) -> str:
        """What `cordon verify` says of what it left behind."""
        told = subprocess.run(
            [sys.executable, "-m", "services", "verify", str(self.data)],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
        return told.stdout.splitlines()[-1]


INTACT: Final = "Intact: every record is in its place and every chain holds."


def until(holds: Callable[[], object]) -> None:
    """Wait for it. Raises AssertionError where it never comes."""
    deadline = time.monotonic() + SECONDS_MAX
    while not holds():
        assert time.monotonic() < deadline, "never came true"
        time.sleep(LOOK_SECONDS)


def example(kind: str, id: str) -> dict[str, Any]:
    """The published example of a report, as another event."""
    event: dict[str, Any] = json.loads((EXAMPLES / f"{kind}.json").read_text())
    return event | {"id": id}
