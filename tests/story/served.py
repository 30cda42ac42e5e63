"""A server as a process of its own, that can be killed and started again on the same data, and is gone at the end."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx
import msgspec

from tests.house.tree import REPOSITORY

CREDENTIALS: Final = "demo-clients.json"
START_SECONDS_MAX: Final = 60.0
END_SECONDS_MAX: Final = 20.0
LOOK_SECONDS: Final = 0.05


class Served:
    """`cordon demo --no-play` on a free port. What it says stands in `said` in its data directory."""

    def __init__(self, data: Path, *options: str) -> None:
        self._data: Final = data
        self._options: Final = options
        self._port: Final = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.base: Final = f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(END_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill()

    def start(self) -> None:
        """Start it on what is there, and return once it answers."""
        self._data.mkdir(parents=True, exist_ok=True)
        with (self._data / "said").open("ab") as said:
            arguments = ["--no-play", "--data", str(self._data), "--port", str(self._port), *self._options]
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services", "demo", *arguments],
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env={**without_kafka(), "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the server did not start: {(self._data / 'said').read_text()}")
            time.sleep(LOOK_SECONDS)

    def kill(self) -> None:
        """`kill -9`: nothing is finished, nothing is closed."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def kill_service(self, name: str) -> None:
        """`kill -9` for one service that runs apart; whoever started it starts it again."""
        os.kill(int((self._data / f"{name}.pid").read_text()), signal.SIGKILL)

    def secrets(self) -> dict[str, str]:
        """The secrets of the demonstration's clients, by their id."""
        return msgspec.json.decode((self._data / CREDENTIALS).read_bytes(), type=dict[str, str])

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.base}/health/liveness", trust_env=False, timeout=1).is_success
        except httpx.TransportError:
            return False


def without_kafka() -> dict[str, str]:
    """The environment, but that a Kafka of others is not used: on it would be the topics of other tests' sites."""
    return {name: value for name, value in os.environ.items() if name != "KAFKA_BOOTSTRAP_SERVERS"}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
