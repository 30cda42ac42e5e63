"""The import contracts hold, every one of them is shown to bite, and what they name means something."""

from collections.abc import Iterable
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from tests.house import contracts, locks
from tests.house.tree import CODE, REPOSITORY

Edge = tuple[str, str]

ILLEGAL: Final[dict[str, tuple[Edge, ...]]] = {
    "one-way": (
        ("infra.trespasser", "services.intake"),
        ("schemas.trespasser", "infra.decider"),
    ),
    "services-apart": (("services.intake.trespasser", "services.audit"),),
    "demo-is-a-client": (
        ("demo.trespasser", "services.audit"),
        ("demo.trespasser", "infra.decider"),
    ),
    "demo-is-started-only": (("services.intake.trespasser", "demo"),),
    "pure-core": (
        ("infra.decider", "os"),
        ("schemas.trespasser", "random"),
        ("services.intake.access", "sqlalchemy"),
        ("services.intake.domain.trespasser", "time"),
        ("services.intake.reactions", "asyncio"),
    ),
    "psycopg": (("services.intake.trespasser", "psycopg"),),
    "tzdata": (("services.intake.trespasser", "tzdata"),),
}
"""For each contract the imports it has to report. One that protects a library has to report any stranger to it."""

CONTRACTS: Final = {contract["id"]: contract for contract in contracts.contracts(REPOSITORY)}


def illegal(name: str) -> tuple[Edge, ...]:
    """The imports that a contract has to report."""
    if name in ILLEGAL:
        return ILLEGAL[name]
    return tuple(("services.intake.trespasser", library) for library in CONTRACTS[name]["protected_modules"])


def legal() -> Iterable[Edge]:
    """Imports that the contracts speak of and allow; without them a contract would be about nothing."""
    for contract in CONTRACTS.values():
        for importer in contract.get("allowed_importers", ()):
            yield from ((importer, imported) for imported in contract["protected_modules"])
        if contract.get("unmatched_ignore_imports_alerting") != "none":
            for expression in contract.get("ignore_imports", ()):
                importer, _, imported = expression.partition(" -> ")
                yield importer, imported


def planted(root: Path, edges: Iterable[Edge]) -> Path:
    """A throw-away tree with every module that the contracts name and these imports; `*` stands for intake."""
    edges = [(importer.replace("*", "intake"), imported.replace("*", "intake")) for importer, imported in edges]
    named = {name.replace("*", "intake") for contract in CONTRACTS.values() for name in contracts.modules(contract)}
    named = {name for name in (*CODE, *named, *chain.from_iterable(edges)) if name.partition(".")[0] in CODE}
    for name in named:
        is_package = name in CODE or any(other.startswith(f"{name}.") for other in named)
        path = root.joinpath(*name.split("."), *(("__init__",) if is_package else ())).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"import {imported}\n" for importer, imported in edges if importer == name), "utf-8")
    for folder in {parent for name in named for parent in Path(*name.split(".")).parents[:-1]}:
        (root / folder / "__init__.py").touch()
    (root / "pyproject.toml").write_text((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def trespassed(tmp_path_factory: pytest.TempPathFactory) -> contracts.Verdict:
    """What is said of a tree with every illegal import at once; contracts report each by itself."""
    edges = [*legal(), *(edge for name in CONTRACTS for edge in illegal(name))]
    return contracts.judged(planted(tmp_path_factory.mktemp("trespassed"), edges))


def test_the_contracts_hold() -> None:
    verdict = contracts.judged(REPOSITORY)

    assert verdict.is_clean, verdict.output


def test_a_tree_with_legal_imports_alone_is_clean(tmp_path: Path) -> None:
    verdict = contracts.judged(planted(tmp_path, legal()))

    assert verdict.is_clean, verdict.output


@pytest.mark.parametrize("name", CONTRACTS)
def test_each_contract_reports_an_illegal_import(name: str, trespassed: contracts.Verdict) -> None:
    expected = {f"{importer} -> {imported}" for importer, imported in illegal(name)}

    assert expected <= trespassed.broken.get(name, frozenset()), trespassed.output


def test_every_service_is_kept_apart() -> None:
    assert [] == contracts.unlisted_services(REPOSITORY)


def test_every_wildcard_matches_something() -> None:
    assert [] == contracts.idle_wildcards(REPOSITORY)


def test_every_forbidden_name_exists() -> None:
    assert [] == contracts.unknown_names(REPOSITORY, list(packages_distributions()))


def test_every_dependency_is_kept_out_of_the_core_and_has_its_importers() -> None:
    assert [] == contracts.unguarded_dependencies(REPOSITORY, locks.import_names(REPOSITORY))


PYPROJECT: Final = """
[[tool.importlinter.contracts]]
id = "services-apart"
modules = ["services.intake", "services.*.gates"]
[[tool.importlinter.contracts]]
id = "pure-core"
forbidden_modules = ["tiem", "click"]
[[tool.importlinter.contracts]]
id = "click"
protected_modules = ["click"]
"""


def test_a_service_a_wildcard_a_name_and_a_dependency_that_escape_are_reported(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (tmp_path / "services" / "gate").mkdir(parents=True)
    (tmp_path / "services" / "gate" / "__init__.py").touch()

    assert 1 == len(contracts.unlisted_services(tmp_path))
    assert 1 == len(contracts.idle_wildcards(tmp_path))
    assert 1 == len(contracts.unknown_names(tmp_path, ["click"]))
    assert 2 == len(contracts.unguarded_dependencies(tmp_path, ["click", "rich"]))
