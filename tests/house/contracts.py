"""Runs import-linter over a tree, and checks what it does not: that what its contracts name means something.

import-linter passes in silence a forbidden name that nobody imports, a wildcard that matches nothing and a service
that is listed nowhere; a protected or listed module that does not exist it reports by itself.
"""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.house.docstrings import service_folders

WIDE: Final = frozenset({"msgspec"})
"""Dependencies that may be imported everywhere, the core included."""

_IMPORT: Final = re.compile(r"([\w.]+ -> [\w.]+) \(l")
_NEXT_SECTION: Final = re.compile(r"\n[^\n]+\n-{3,}\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What import-linter found: for each broken contract the imports it names, and its output as it stands."""

    is_clean: bool
    broken: Mapping[str, frozenset[str]]
    output: str


def contracts(root: Path) -> list[dict[str, Any]]:
    """The contracts of a tree, as they stand in its pyproject.toml."""
    configuration = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return list(configuration["tool"]["importlinter"]["contracts"])


def judged(root: Path) -> Verdict:
    """What import-linter says of a tree, by the contracts in its pyproject.toml."""
    command = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache', '--no-logo'])"
    ran = subprocess.run(
        [sys.executable, "-c", command],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "COLUMNS": "1000", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = ran.stdout.partition("Broken contracts")[2]
    sections = {contract["id"]: said.partition(f"\n{contract['name']}\n")[2] for contract in contracts(root)}
    return Verdict(
        is_clean=ran.returncode == 0,
        broken={
            name: frozenset(_IMPORT.findall(_NEXT_SECTION.split(section.partition("\n")[2], maxsplit=1)[0]))
            for name, section in sections.items()
            if section
        },
        output=ran.stdout + ran.stderr,
    )


def unlisted_services(root: Path) -> list[str]:
    """Services that the contract between services does not know."""
    apart = next(contract for contract in contracts(root) if contract["id"] == "services-apart")
    return [
        f"pyproject.toml:1: services.{folder.name} is missing in the contract services-apart"
        for folder in service_folders(root)
        if f"services.{folder.name}" not in apart["modules"]
    ]


def idle_wildcards(root: Path) -> list[str]:
    """Wildcards that match no module: a contract about nothing."""
    return [
        f"pyproject.toml:1: `{name}` in the contract {contract['id']} matches nothing"
        for contract in contracts(root)
        for name in modules(contract)
        if "*" in name and not _matches(root, name)
    ]


def modules(contract: Mapping[str, Any]) -> Iterator[str]:
    for key in ("allowed_importers", "forbidden_modules", "modules", "protected_modules", "source_modules"):
        yield from contract.get(key, ())


def _matches(root: Path, name: str) -> list[Path]:
    place = name.replace(".", "/")
    return [*root.glob(f"{place}.py"), *root.glob(f"{place}/__init__.py")]


def unknown_names(root: Path, importable: Sequence[str]) -> list[str]:
    """Forbidden names that are neither Python's nor a dependency's: misspelled, they would forbid nothing."""
    known = {*sys.stdlib_module_names, *importable}
    return [
        f"pyproject.toml:1: `{name}` in the contract {contract['id']} is no module that there is"
        for contract in contracts(root)
        for name in contract.get("forbidden_modules", ())
        if name.partition(".")[0] not in known and not (root / name.replace(".", "/")).exists()
    ]


def unguarded_dependencies(root: Path, import_names: Sequence[str]) -> list[str]:
    """Dependencies that the core may import, or that no contract gives an importer."""
    pure = next(contract for contract in contracts(root) if contract["id"] == "pure-core")
    others = [contract for contract in contracts(root) if contract["id"] != "pure-core"]
    own = {name for contract in others for name in modules(contract)}
    return [
        *(
            f"pyproject.toml:1: {name} is not forbidden in the contract pure-core"
            for name in import_names
            if name not in WIDE and name not in pure["forbidden_modules"]
        ),
        *(
            f"pyproject.toml:1: {name} has no contract that says who imports it"
            for name in import_names
            if name not in WIDE and name not in own
        ),
    ]
