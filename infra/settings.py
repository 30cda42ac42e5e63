"""Settings, each with its default and its reason; secrets come from here alone and are never shown."""

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

PREFIX: Final = "CORDON_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one installation runs. From the environment: `CORDON_` and the field's name in capitals."""

    data: Path = Path("cordon-data")
    """Where journals, keyring and keys are when they are files."""
    site: str = "northmere"
    """The partnership's area: part of every journal, topic and token."""
    database: str = ""
    """SQLAlchemy URL with `{service}` in it; empty: a SQLite file a service under `data`."""
    keyring: str = field(default="", repr=False)
    """SQLAlchemy URL of the keyring; empty: a SQLite file under `data`."""
    keys: str = ""
    """Directory of the key files; empty: `keys` under `data`."""
    issuer: str = ""
    """Whose tokens are believed: the `iss` claim."""
    issuer_keys: str = ""
    """File with the issuer's public keys (a JWK set)."""
    bus: str = "local"
    """`local`: all services in one process. `kafka`: each in a process of its own."""
    kafka: str = ""
    """The Kafka cluster's servers, `host:port` with commas between."""
    peers: str = ""
    """Where the services answer each other: a URL with `{service}` in it, or `name=URL` with commas between."""
    token_url: str = ""
    """Where a service gets the token that its peers ask for (OAuth 2 client credentials)."""
    client_id: str = ""
    """As whom it asks; empty: the service's name."""
    client_secret: str = field(default="", repr=False)
    """What it proves that with."""
    body_bytes_max: int = 1_048_576
    """A request's body: 1 MiB holds a thousand reports."""
    hear_seconds_max: float = 3.0
    """How long a decision waits to hear another service to its head before it is refused."""
    compare_seconds: float = 60.0
    """How often every listener compares itself with the source's head (rule 10)."""
    retry_seconds_max: float = 30.0
    """The longest pause between two attempts after a failure of the infrastructure."""

    def database_url(self, service: str) -> str:
        """The URL of a service's own database."""
        if self.database:
            return self.database.format(service=service)
        return f"sqlite:///{self.data / f'{service}.sqlite'}"

    def peer_url(self, service: str) -> str:
        """Where another service answers. Raises ValueError where that is not said."""
        if "{service}" in self.peers:
            return self.peers.format(service=service)
        known = dict(pair.split("=", 1) for pair in self.peers.replace(" ", "").split(",") if "=" in pair)
        if service not in known:
            raise ValueError(f"{PREFIX}PEERS does not say where {service} answers")
        return known[service]

    def keyring_url(self) -> str:
        """The URL of the keyring's database."""
        return self.keyring or f"sqlite:///{self.data / 'keyring.sqlite'}"

    def keys_directory(self) -> Path:
        """Where the key files are."""
        return Path(self.keys) if self.keys else self.data / "keys"


def from_environment() -> Settings:
    """Settings from `CORDON_…` variables. Raises ValueError that names the variable, never its value."""
    given: dict[str, Any] = {}
    for setting in fields(Settings):
        name = PREFIX + setting.name.upper()
        text = os.environ.get(name)
        if text is None:
            continue
        kind = type(getattr(Settings(), setting.name))
        try:
            given[setting.name] = kind(text)
        except ValueError:
            raise ValueError(f"{name} is not a {kind.__name__}") from None
    return Settings(**given)
