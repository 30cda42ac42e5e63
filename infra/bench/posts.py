"""Which processes the way from report to notice has, and the settings of each."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from infra.bench.bare_station import PREFIX
from infra.bench.hops import NAMES
from infra.bench.station import LOOPBACK, Post
from infra.bench.stores import Stores
from infra.entropy import SystemEntropy
from infra.sealing.keys import init_keys
from infra.settings import Settings
from infra.web.server import listening

ISSUER: Final = "https://id.example.org"
SECRET_BYTES: Final = 24


class Posts:
    """Everything under one directory; databases of their own, made here and used by the processes alone."""

    def __init__(self, stores: Stores, directory: Path, site: str, servers: str | None) -> None:
        self._stores: Final = stores
        self._directory: Final = directory
        keys = directory / "keys"
        init_keys(keys)
        peers = {name: f"http://{LOOPBACK}:{_free_port()}" for name in NAMES}
        self._settings: Final = Settings(
            data=directory,
            site=site,
            database=stores.template,
            keyring=f"sqlite:///{directory / 'keyring.sqlite'}",
            keys=str(keys),
            issuer=ISSUER,
            issuer_keys=str(directory / "issuer-keys.json"),
            bus="kafka" if servers else "local",
            kafka=servers or "",
            peers=",".join(f"{name}={url}" for name, url in peers.items()),
            token_url=f"{peers[NAMES[0]]}/demo/token",
            client_secret=SystemEntropy().bytes(SECRET_BYTES).hex(),
        )

    def apart(self) -> Sequence[Post]:
        """A process for each service."""
        return [self._post(name) for name in NAMES]

    def together(self) -> Sequence[Post]:
        """One process for all of them."""
        return [self._post(*NAMES)]

    def by_hand(self) -> Sequence[Post]:
        """A process for each hop of it by hand."""
        return [self._post(PREFIX + name) for name in NAMES]

    def _post(self, *names: str) -> Post:
        for name in names:
            self._stores.open(name.replace("-", "_"))
        return Post(names=names, settings=self._settings, log=self._directory / f"{names[0]}.log")


def _free_port() -> int:
    with listening(LOOPBACK, 0) as drawn:
        port: int = drawn.getsockname()[1]
        return port
