"""A service of the village in a process of its own, so that it can be killed and frozen.

`python -m tests.kafka.apart NAME KEYS PORT`: the public keys of the issuer in a file, all else in `CORDON_` variables.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Final

from infra.clock import ManualClock
from infra.deploy.keeper import Keeper
from infra.entropy import SystemEntropy
from infra.host import Host
from infra.settings import PREFIX, Settings, from_environment
from infra.web.server import listening, serving
from infra.web.tokens import Tokens, keys_from_file
from tests.house.tree import REPOSITORY
from tests.kafka.village import ADDRESS, Village
from tests.kernel.parish.events import CODEC, SweepingPlanned
from tests.kernel.parish.journals import NOW
from tests.kernel.parish.services import ITSELF, PARISH, SEXTON

CHAPEL: Final = replace(PARISH, name="chapel")
SWEEPS: Final = replace(
    SEXTON,
    hears={"parish": SEXTON.hears["parish"], "chapel": SEXTON.hears["parish"], "sexton": ITSELF},
)
VICAR: Final = replace(SEXTON, name="vicar", hears={"sexton": (SweepingPlanned,)})
SERVICES: Final = {service.name: service for service in (PARISH, CHAPEL, SWEEPS, VICAR)}
"""Two speak, one hears both and itself, and one hears that one."""

END_SECONDS_MAX: Final = 20.0


class Apart:
    """One service's process, which may be ended, killed, frozen, and started again on what it has."""

    def __init__(self, town: Village, name: str, compare_seconds: float) -> None:
        self.name: Final = name
        self._settings: Final = town.settings(name, compare_seconds=compare_seconds)
        self._keys: Final = town.directory / "issuer.json"
        self._port: Final = town.peer_url(name).rpartition(":")[2]
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: Keeper | None = None
        self._keys.write_text(json.dumps(town.issuer.keys().as_dict(private=False)))

    def start(self) -> None:
        """Start it; nothing if it runs."""
        if self._process is not None:
            return
        self._settings.data.mkdir(exist_ok=True)
        given = {f"{PREFIX}{one.name.upper()}": str(getattr(self._settings, one.name)) for one in fields(Settings)}
        with (self._settings.data / "said.log").open("ab") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.kafka.apart", self.name, str(self._keys), self._port],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd=REPOSITORY,
                env={**os.environ, **given},
                start_new_session=True,
            )
        self._keeper = Keeper(self._process)

    def end(self) -> int:
        """Ask it to end, and wait. Returns how it ended; 0 if it did not run."""
        return self._over(signal.SIGTERM)

    def kill(self) -> None:
        """Nothing is finished, nothing is closed."""
        self._over(signal.SIGKILL)

    def freeze(self) -> None:
        """Keep it from doing anything until it is thawed: what it holds it goes on holding."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def _over(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(END_SECONDS_MAX)
        self._process.kill()
        code = self._process.wait()
        self._process = None
        if self._keeper is not None:
            self._keeper.let_go()
        return code


@contextmanager
def apart(town: Village, compare_seconds: float) -> Iterator[dict[str, Apart]]:
    """All of these services, started; none is left behind."""
    found = {name: Apart(town, name, compare_seconds) for name in SERVICES}
    try:
        for one in found.values():
            one.start()
        yield found
    finally:
        for one in found.values():
            one.kill()


async def _serve(name: str, keys: Path, port: int) -> None:
    settings = from_environment()
    clock = ManualClock(NOW)
    tokens = Tokens(settings.issuer, settings.site, clock, keys_from_file(keys))
    host = Host((SERVICES[name],), settings, tokens, clock=clock, entropy=SystemEntropy(), codec=CODEC)
    async with serving(host.app, listening(ADDRESS, port), host) as server:
        await server.told()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
