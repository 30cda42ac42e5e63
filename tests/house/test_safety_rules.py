"""The documents that say where a rule is held tell the truth: each rule once, each place and each test there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.house.tree import REPOSITORY, found, parsed

RULES: Final = REPOSITORY / "docs" / "safety-rules.md"
DOCUMENTS: Final = (RULES, REPOSITORY / "docs" / "protocol.md")
COLUMNS: Final = 5
HELD, SHOWN, NOT_YET = range(2, COLUMNS)

_PLACE: Final = re.compile(r"`((?:infra|schemas|scripts|services|tests|demo|docs)/[\w./-]+)(?:::(\w+))?`")
_ROW: Final = re.compile(r"^\| (SR-\d+) \|")


def rows(text: str) -> dict[str, list[str]]:
    """The cells of each rule's row, by its number. Raises AssertionError for a rule that stands there twice."""
    table: dict[str, list[str]] = {}
    for line in text.splitlines():
        number = _ROW.match(line)
        if number:
            assert number[1] not in table, f"{number[1]} stands there twice"
            table[number[1]] = [cell.strip() for cell in line.strip().strip("|").split("|")]
    return table


def names(module: ast.Module) -> set[str]:
    """Every function, class and constant of a file, also those of its classes."""
    return set(_names(module))


def _names(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                yield name
            case _:
                pass


def lost_names(root: Path, document: Path) -> list[str]:
    """Places of a document that are not there: a path, or the name in a Python file."""
    return [
        found(root, document, number, f"there is no `{place}{'::' if name else ''}{name}`")
        for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), 1)
        for place, name in _PLACE.findall(line)
        if not (root / place).exists() or (name and name not in names(parsed(root / place)))
    ]


def test_every_safety_rule_stands_there_once_and_in_order() -> None:
    assert [f"SR-{number}" for number in range(1, 28)] == list(rows(RULES.read_text(encoding="utf-8")))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_place_that_is_named_is_there(document: Path) -> None:
    findings = lost_names(REPOSITORY, document)

    assert [] == findings, "\n".join(findings)


def test_a_rule_is_held_and_shown_or_says_that_it_is_not_built() -> None:
    for number, cells in rows(RULES.read_text(encoding="utf-8")).items():
        assert COLUMNS == len(cells), number

        is_held = "::" in cells[HELD]
        is_shown = "`tests/" in cells[SHOWN]

        assert is_held or "Not built" in cells[NOT_YET], f"{number}: say where it is held, or that it is not built"
        assert is_shown or cells[NOT_YET], f"{number}: name a test, or say what is missing"


def test_a_test_that_is_named_is_one() -> None:
    for number, cells in rows(RULES.read_text(encoding="utf-8")).items():
        shown = _PLACE.findall(cells[SHOWN])

        assert [] == [place for place, name in shown if not name.startswith("test_")], number


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("| SR-1 | held by `infra/gate.py::opened` and `infra/gate.py` |", 0),
        ("| SR-1 | held by `infra/gate.py::shut` |", 1),
        ("| SR-1 | shown by `tests/test_gate.py::test_it_opens` |", 1),
    ],
)
def test_a_place_that_is_not_there_is_reported(text: str, count: int, tmp_path: Path) -> None:
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "gate.py").write_text("def opened(): ...\n", encoding="utf-8")
    document = tmp_path / "rules.md"
    document.write_text(text, encoding="utf-8")

    assert count == len(lost_names(tmp_path, document))


def test_a_rule_that_stands_there_twice_is_reported() -> None:
    with pytest.raises(AssertionError, match="SR-1 stands there twice"):
        rows("| SR-1 | a |\n| SR-1 | b |\n")
