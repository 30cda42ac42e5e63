"""Reads docker-compose.yml as Compose does, as far as this file uses it, and says what is wrong with one.

Each checker takes the parsed file to findings, `where: what`. There may be no Docker where tests run.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml  # type: ignore[import-untyped]  # it brings no stubs
from sqlalchemy import make_url

from infra.settings import PREFIX
from services.__main__ import all_services
from tests.house.tree import REPOSITORY

Composed = Mapping[str, Any]

FILE: Final = "docker-compose.yml"
SERVICES: Final = tuple(service.name for service in all_services())
LISTENING: Final = (*SERVICES, "front", "issuer")
"""Containers of ours that answer on a port; the image's own health check is for them."""
ONCE: Final = ("keys", "topics", "play")
"""Containers that end when their work is done."""
OF_OTHERS: Final = ("kafka", "postgres")
NOT_SECRET: Final = frozenset({"CORDON_FRONT_PORT"})
"""What may have a default."""

_VARIABLE: Final = re.compile(r"\$\{(?P<name>\w+)(?P<how>:?[-?+])?(?P<rest>[^}]*)\}")
_PINNED: Final = re.compile(r"[\w./-]+:\d[\w.-]*@sha256:[0-9a-f]{64}")


def composed(root: Path = REPOSITORY) -> Composed:
    """The file as it is parsed: anchors merged, nothing substituted."""
    parsed: Composed = yaml.safe_load((root / FILE).read_text(encoding="utf-8"))
    return parsed


def containers(file: Composed) -> Mapping[str, Any]:
    """What Compose calls services, which are not all services of ours."""
    found: Mapping[str, Any] = file["services"]
    return found


def substituted(text: str, given: Mapping[str, str]) -> str:
    """The text with its variables filled in. Raises KeyError for one that must have a value, and has none."""

    def value(match: re.Match[str]) -> str:
        said = given.get(match["name"], "")
        if not said and match["how"] != ":-":
            raise KeyError(match["name"])
        return said or match["rest"]

    return _VARIABLE.sub(value, text)


def variables(file: Composed) -> Iterator[re.Match[str]]:
    """Every `${...}` of the file, wherever it stands."""
    for _, text in _texts(file):
        yield from _VARIABLE.finditer(text)


def environment(container: Mapping[str, Any], given: Mapping[str, str], root: Path = REPOSITORY) -> dict[str, str]:
    """What the processes of a container find in their environment, beside what the image says."""
    found: dict[str, str] = {}
    for name in container.get("env_file", ()):
        lines = (root / name).read_text(encoding="utf-8").splitlines()
        found |= dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return found | {name: substituted(text, given) for name, text in container.get("environment", {}).items()}


def mounts(container: Mapping[str, Any]) -> dict[str, tuple[str, bool]]:
    """Where something is mounted -> what, and whether it may be written to. A variable stands for its name."""
    found = {}
    for volume in container.get("volumes", ()):
        source, place, *options = _VARIABLE.sub(lambda match: match["name"], volume).split(":")
        found[place] = (source, "ro" not in options)
    return found


def literal_secrets(file: Composed) -> list[str]:
    """Secrets that stand in the file, in whole or in part, and variables that somebody could forget to set."""
    findings = [
        f"{match['name']}: no default, and a word on what to do"
        for match in variables(file)
        if match["name"] not in NOT_SECRET and (match["how"] != ":?" or not match["rest"])
    ]
    for where, text in _texts(file):
        said = _VARIABLE.sub("", text)
        is_secret = re.search(r"PASSWORD|SECRET", where) and not re.search(r"SECRETS$", where)
        if is_secret and said:
            findings.append(f"{where}: a secret that is no variable")
        if re.search(r"://[^/@]*:[^/@]+@", said) or re.search(r"(?<!\w)(?:{})=[^,\s]".format("|".join(SERVICES)), said):
            findings.append(f"{where}: a password that is no variable")
        if re.search(r"\b[0-9a-f]{16,}\b", re.sub(r"@sha256:[0-9a-f]{64}$", "", said)):
            findings.append(f"{where}: this looks like a secret")
    return findings


def loose_images(file: Composed) -> list[str]:
    """Images of others that may be another tomorrow."""
    return [
        f"{name}: {container['image']} is not pinned by version and digest"
        for name, container in containers(file).items()
        if "build" not in container and not _PINNED.fullmatch(container["image"])
    ]


def open_ports(file: Composed) -> list[str]:
    """Ports of the machine itself, but the front's on the loopback address."""
    return [
        f"{name}: {port} is open to others"
        for name, container in containers(file).items()
        for port in container.get("ports", ())
        if name != "front" or not str(port).startswith("127.0.0.1:")
    ]


def unguarded(file: Composed) -> list[str]:
    """Containers that could do more than they have to."""
    once = set(ONCE)
    findings = []
    for name, container in containers(file).items():
        wanted = {
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges:true"],
            "restart": "no" if name in once else "unless-stopped",
        }
        findings += [f"{name}: {key} is not {value}" for key, value in wanted.items() if container.get(key) != value]
        findings += [
            f"{name}: {key} gives it more"
            for key in ("cap_add", "devices", "extra_hosts", "ipc", "links", "pid", "privileged", "userns_mode")
            if key in container
        ]
    return findings


def lost_dependencies(file: Composed) -> list[str]:
    """Conditions to wait for that never come true."""
    there = containers(file)
    findings = []
    for name, container in there.items():
        for other, wanted in container.get("depends_on", {}).items():
            target = there.get(other, {})
            is_checked = "test" in target.get("healthcheck", {}) or other in LISTENING
            fits = {"service_healthy": is_checked, "service_completed_successfully": other in ONCE}
            if not fits.get(wanted["condition"], False):
                findings.append(f"{name}: {other} is never {wanted['condition']}")
            if not set(target.get("profiles", ())) <= set(container.get("profiles", ())) and wanted.get(
                "required", True
            ):
                findings.append(f"{name}: {other} is not always there")
    return findings


def open_networks(file: Composed) -> list[str]:
    """Networks on which somebody can reach what is not for him."""
    wanted = {name: {"databases", "bus", "site"} for name in SERVICES}
    wanted |= {"postgres": {"databases"}, "kafka": {"bus"}, "topics": {"bus"}, "keys": set()}
    wanted |= {name: {"site"} for name in ("front", "issuer", "play")}
    findings = [
        f"{name}: it is on {sorted(networks)}"
        for name, container in containers(file).items()
        if (networks := set(container.get("networks", ()))) != wanted.get(name)
        or (not networks and container.get("network_mode") != "none")
    ]
    return findings + [
        f"{name}: it reaches beyond this machine"
        for name in ("databases", "bus")
        if file["networks"][name] != {"internal": True}
    ]


def shared_secrets(file: Composed) -> list[str]:
    """Services that have a database, keys or a directory in common with another, or none."""
    there = containers(file)
    findings = []
    for name in SERVICES:
        given = {match["name"]: f"of-{match['name']}" for match in variables(file)}
        said, mounted = environment(there[name], given), mounts(there[name])
        database, keyring = (make_url(said[f"{PREFIX}{key}"].format(service=name)) for key in ("DATABASE", "KEYRING"))
        own = f"of-{name.upper()}_PASSWORD"
        told = {
            "database": ((database.database, database.username, database.password), (name, name, own)),
            "keyring": ((keyring.database, keyring.username, keyring.password), ("keyring", name, own)),
            "client secret": (said[f"{PREFIX}CLIENT_SECRET"], f"of-{name.upper()}_CLIENT_SECRET"),
            "keys": (mounted.get(said[f"{PREFIX}KEYS"]), (f"keys-{name}", False)),
            "directory": (mounted.get(said[f"{PREFIX}DATA"]), (f"data-{name}", True)),
        }
        findings += [f"{name}: its {what} is not its own" for what, (is_, wanted) in told.items() if is_ != wanted]
    for name, container in there.items():
        for source, _ in mounts(container).values():
            if source.startswith("keys") and name not in {"keys", source.removeprefix("keys-")}:
                findings.append(f"{name}: {source} is not for it")
    return findings


def _texts(file: object, where: str = "") -> Iterator[tuple[str, str]]:
    """Every text of the file, with the names on the way to it."""
    match file:
        case str():
            yield where, file
        case Mapping():
            for name, inner in file.items():
                yield from _texts(inner, f"{where}/{name}")
        case list():
            for inner in file:
                yield from _texts(inner, where)
        case _:
            return
