"""What the checkers share: which files of a tree are ours, and how a finding is said.

A checker is a function from the root of a tree to findings, `path:line: what is wrong, and what to do instead`. The
same function judges the repository and the throw-away trees of its canaries.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]

CODE: Final = ("schemas", "infra", "services", "demo")
"""The packages that make up Cordon, from the purest on."""

_LEFT_BY_TOOLS: Final = frozenset({"__pycache__", "node_modules"})
_OF_OTHERS: Final = frozenset({"swagger-ui"})
"""Assets that others wrote and we serve as they are."""
_LEFT_BY_RUNS: Final = frozenset({"build", "data", "dist"})
_OURS_THOUGH_HIDDEN: Final = frozenset({".ci", ".gitignore", ".github", ".dockerignore"})
_TEXT: Final = frozenset(
    {"", ".cfg", ".css", ".csv", ".html", ".ini", ".js", ".json", ".lock", ".md", ".py", ".sh", ".sql", ".svg", ".toml"}
    | {".txt", ".yaml", ".yml"}
)


def python_files(root: Path, *packages: str) -> Iterator[Path]:
    """Every Python file below these folders of the tree, in order."""
    for package in packages:
        yield from sorted((root / package).rglob("*.py"))


def text_files(root: Path) -> Iterator[Path]:
    """Every text file that is a source of this tree, its build files and documents included, in order."""
    for path in sorted(root.iterdir()):
        if path.name not in _LEFT_BY_RUNS and path.suffix != ".egg-info":
            yield from _text_files(path)


def _text_files(path: Path) -> Iterator[Path]:
    if path.name in _LEFT_BY_TOOLS | _OF_OTHERS or (path.name.startswith(".") and path.name not in _OURS_THOUGH_HIDDEN):
        return
    if path.is_dir():
        for inner in sorted(path.iterdir()):
            yield from _text_files(inner)
    elif path.suffix in _TEXT:
        yield path


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def found(root: Path, path: Path, line: int, what: str) -> str:
    """A finding, as every checker says it."""
    return f"{path.relative_to(root).as_posix()}:{line}: {what}"


def name_of(node: ast.expr) -> str:
    """The last word of a name: `Message` of `schemas.event.Message`; nothing for what is not a name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=called):
            return name_of(called)
        case ast.Subscript(value=value):
            return name_of(value)
        case _:
            return ""
