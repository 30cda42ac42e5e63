"""A real Apache Kafka as a child process, made of its Maven artifacts: for tests, the demo and benchmarks.

One node that is broker and controller at once, on the loopback address alone. What it acknowledges survives its being
killed, not a loss of power; a real site has a cluster of its own.
"""

import asyncio
import fcntl
import os
import socket
import subprocess
import time
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from infra.bus.kafka.client import Kafka
from infra.bus.kafka.cluster import UnreachableError, brokers
from infra.deploy.artifacts import JARS, CannotStartError, artifacts, last_lines, run_to_end
from infra.deploy.keeper import Keeper

__all__ = ["Broker", "CannotStartError"]

LOOPBACK: Final = "127.0.0.1"
START_SECONDS_MAX: Final = 120
STOP_SECONDS_MAX: Final = 30
LOOK_SECONDS: Final = 0.05

_LOGGING: Final = Path(__file__).with_name("log4j2.properties")
_JVM: Final = (
    "-Xms64M",
    "-Xmx384M",
    # A node that serves one machine: started often and for a short time, beside what it serves.
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
    "-Djava.awt.headless=true",
    f"-Dlog4j.configurationFile={_LOGGING}",
)
_PORTS: Final = range(12_000, 32_000)
"""Below those from which Linux and macOS take one for an outgoing connection. From among those a client that tries to
reach a stopped node could be given the node's own, and the node would not get it back.
"""
_SETTINGS: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{address}:{controller}
listeners=PLAINTEXT://{address}:{port},CONTROLLER://{address}:{controller}
advertised.listeners=PLAINTEXT://{address}:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={logs}
# A topic is made with the settings it needs, or not at all.
auto.create.topics.enable=false
# Kafka's own topics: by default three copies of fifty partitions, which one node neither can nor need have.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=3
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
transaction.max.timeout.ms=60000
log.cleaner.dedupe.buffer.size=2097152
# After it was killed it waits until its former self is given up: three seconds, not nine.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=1000
"""


class Broker:
    """One Kafka node that keeps everything in `directory`: its records, its settings, and what it says (`broker.log`).

    It answers at `servers`, the same for as long as this object lives, and may be stopped or killed and started again
    on what it has. A second object on the same directory, later, goes on with it at other ports. `settings` are
    further lines of its `server.properties`. Every method blocks for seconds: in an event loop, `asyncio.to_thread`.
    """

    def __init__(self, directory: Path, *, jars: Path = JARS, settings: Sequence[str] = ()) -> None:
        self.directory: Final = directory.resolve()
        self._jars: Final = jars
        self._settings: Final = tuple(settings)
        self._port, self._controller = _free_ports()
        self._node: subprocess.Popen[bytes] | None = None
        self._keeper: Keeper | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def servers(self) -> str:
        """Where clients begin: `host:port`."""
        return f"{LOOPBACK}:{self._port}"

    @property
    def pid(self) -> int:
        """The node's process. Raises LookupError when it was not started, or was ended."""
        if self._node is None:
            raise LookupError("there is no process of this broker")
        return self._node.pid

    def start(self) -> None:
        """Start it, and return once it answers; nothing if it runs.

        Raises CannotStartError with the last lines of what it said if it ends, or does not answer in time.
        """
        if self._node is not None and self._node.poll() is None:
            return
        self._forget()
        environment = {**os.environ, "CLASSPATH": f"{artifacts(self._jars)}/*"}
        self.directory.mkdir(parents=True, exist_ok=True)
        with self._locked() as lock, self._said.open("ab") as said:
            self._configuration.write_text(self._written())
            if not (self._logs / "meta.properties").exists():
                self._format(environment)
            self._node = subprocess.Popen(  # noqa: S603 - words of our own
                ["java", *_JVM, "kafka.Kafka", str(self._configuration)],  # noqa: S607 - the one that why_not looked at
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=environment,
                pass_fds=[lock.fileno()],
                start_new_session=True,  # Ctrl-C is for us, who then stop it in order
            )
        with ExitStack() as unless_ready:
            unless_ready.callback(self.kill)
            self._keeper = Keeper(self._node)
            self._wait_until_ready(self._node)
            unless_ready.pop_all()

    def stop(self) -> None:
        """End it in order, as for maintenance; by force where that takes too long. Nothing if it does not run."""
        if self._node is None:
            return
        self._node.terminate()
        try:
            self._node.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._node.kill()
            self._node.wait()
        self._forget()

    def kill(self) -> None:
        """End it as an accident would: nothing is finished, nothing is closed. Nothing if it does not run."""
        if self._node is None:
            return
        self._node.kill()
        self._node.wait()
        self._forget()

    @property
    def _configuration(self) -> Path:
        return self.directory / "server.properties"

    @property
    def _logs(self) -> Path:
        return self.directory / "logs"

    @property
    def _said(self) -> Path:
        return self.directory / "broker.log"

    def _locked(self) -> IO[str]:
        """A lock on the directory, which the node inherits and so holds for as long as it runs. Kafka has one too, but
        looks at it after it has written to the log of its own settings, of which the node at work then dies slowly.
        """
        lock = (self.directory / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise CannotStartError(f"another Kafka is at work in {self.directory}") from None
        return lock

    def _written(self) -> str:
        settings = _SETTINGS.format(address=LOOPBACK, port=self._port, controller=self._controller, logs=self._logs)
        return "\n".join((settings, *self._settings, ""))

    def _format(self, environment: dict[str, str]) -> None:
        """Make the directory a node's. The cluster's id, 16 bytes, has the port in it: a client or a node that meets
        another one where it expected this one is told so.
        """
        cluster = urlsafe_b64encode(f"cordonkafka{self._port}".encode()).decode().rstrip("=")
        words = ["java", *_JVM, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._configuration)]
        run_to_end(words, START_SECONDS_MAX, "Kafka cannot make its directory", environment)

    def _wait_until_ready(self, node: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS_MAX
        with ThreadPoolExecutor(1) as aside:  # the caller's thread may have an event loop at work
            while not self._listens() or not aside.submit(asyncio.run, self._is_ready()).result():
                if (code := node.poll()) is not None:
                    raise CannotStartError(f"Kafka ended with {code} while starting: {self._last_said()}")
                if time.monotonic() > deadline:
                    raise CannotStartError(f"Kafka is not ready after {START_SECONDS_MAX} seconds: {self._last_said()}")
                time.sleep(LOOK_SECONDS)

    def _listens(self) -> bool:
        try:
            socket.create_connection((LOOPBACK, self._port), timeout=1).close()
        except OSError:
            return False
        return True

    async def _is_ready(self) -> bool:
        """Whether it has joined its cluster: that its port is open says too little."""
        try:
            return await brokers(Kafka(self.servers), seconds_max=5) == 1
        except UnreachableError:
            return False

    def _last_said(self) -> str:
        return last_lines(self._said.read_text(errors="replace"))

    def _forget(self) -> None:
        if self._keeper is not None:
            self._keeper.let_go()
            self._keeper = None
        self._node = None


def _free_ports() -> tuple[int, int]:
    """Two ports that nobody listens on. Where to look first is left to the system, which gives everybody another."""
    found: list[int] = []
    with ExitStack() as held:
        while len(found) < 2:  # noqa: PLR2004 - as many as are returned
            drawn = held.enter_context(socket.socket())
            drawn.bind((LOOPBACK, 0))
            port = _PORTS[drawn.getsockname()[1] % len(_PORTS)]
            bound = held.enter_context(socket.socket())
            try:
                bound.bind((LOOPBACK, port))
            except OSError:
                continue
            found.append(port)
    return found[0], found[1]
