"""The lock files: they hold what pyproject.toml asks for, by hash, and each dependency says why it is there."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from itertools import pairwise
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import found

LOCKS: Final[Mapping[str, tuple[str, ...]]] = {
    "requirements.lock": ("build",),
    "requirements-test.lock": ("build", "test"),
}
"""Lock file -> the extras that it locks besides the dependencies themselves."""

_PIN: Final = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]+\])?==(?P<version>[^ ;\\]+)", re.MULTILINE)


def dependencies(root: Path, *extras: str) -> list[Requirement]:
    """What pyproject.toml asks for: to run, and for these extras."""
    return [Requirement(one) for one in _asked(root, *extras)]


def _asked(root: Path, *extras: str) -> list[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *(one for extra in extras for one in project["optional-dependencies"][extra])]


def import_names(root: Path) -> list[str]:
    """The names under which the dependencies that Cordon runs with are imported."""
    wanted = {canonicalize_name(requirement.name) for requirement in dependencies(root)}
    return sorted(
        name
        for name, distributions in packages_distributions().items()
        if not name.startswith("_") and wanted & {canonicalize_name(distribution) for distribution in distributions}
    )


def loose_locks(root: Path) -> list[str]:
    """Dependencies that a lock file lacks or pins elsewhere, pins without a hash, and locks that disagree."""
    return [finding for name, extras in LOCKS.items() for finding in _loose(root, root / name, extras)]


def _loose(root: Path, lock: Path, extras: tuple[str, ...]) -> Iterator[str]:
    text = lock.read_text(encoding="utf-8")
    pins = {canonicalize_name(match["name"]): match["version"] for match in _PIN.finditer(text)}
    for requirement in dependencies(root, *extras):
        version = pins.get(canonicalize_name(requirement.name))
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            yield found(root, lock, 1, f"{requirement} is asked for, {version} is locked: make lock")
    starts = [match.start() for match in _PIN.finditer(text)]
    for start, end in pairwise([*starts, len(text)]):
        if "--hash=sha256:" not in text[start:end]:
            yield found(root, lock, text.count("\n", 0, start) + 1, "a pin without a hash: make lock")


def unexplained_dependencies(root: Path) -> list[str]:
    """Dependencies in pyproject.toml without the reason why they are there."""
    path = root / "pyproject.toml"
    asked = {f'"{one}",' for one in _asked(root, "build", "test")}
    return [
        found(root, path, number, f"{line.strip()} say beside it what it is there for")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if line.strip().partition(" ")[0] in asked and not re.search(r",\s+# \S", line)
    ]
