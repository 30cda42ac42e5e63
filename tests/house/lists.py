"""Extension is a file plus one line: what has a home and a list is in both, or the test that compares them fails."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.house.tree import CODE, found, name_of, parsed, python_files

HOMES: Final = frozenset({"channels", "executors", "feeds", "tactics"})
"""Packages that hold variants by their name alone; others hold them when they have a list `ALL`."""

DECISIONS: Final = "docs/adr"


def unlisted_variants(root: Path) -> list[str]:
    """Variants that their package's ALL leaves out, and packages of variants without such a list."""
    return [
        finding
        for path in python_files(root, *CODE)
        if path.name == "__init__.py"
        for finding in _unlisted_variants(root, path)
    ]


def _unlisted_variants(root: Path, package: Path) -> Iterator[str]:
    values = _assigned(parsed(package))
    if "ALL" not in values:
        if package.parent.name in HOMES:
            yield found(root, package, 1, "a package of variants lists them: ALL = (…)")
        return
    listed = _reached(values, "ALL")
    origin = _imported(parsed(package))
    files = {path.stem: path for path in sorted(package.parent.glob("*.py")) if path != package}
    shapes = {name for path in files.values() for name in _siblings(path)}
    kinds = {kind for name, path in files.items() if name not in shapes for kind in _kinds(path, listed)}
    for name, path in files.items():
        if name in shapes:
            continue
        if not any(origin.get(word) == name or word == name for word in listed):
            yield found(root, path, 1, f"`{name}` is in no list: name it in ALL of {package.parent.name}")
        for variant, line in _variants(path, kinds):
            if name in {origin.get(word) for word in listed} and variant not in listed:
                yield found(root, path, line, f"`{variant}` is in no list: name it in ALL of {package.parent.name}")


def _assigned(module: ast.Module) -> dict[str, ast.expr]:
    values: dict[str, ast.expr] = {}
    for statement in module.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                values[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                values[name] = value
            case _:
                pass
    return values


def _reached(values: dict[str, ast.expr], start: str) -> set[str]:
    """Every word that a list is made of, through the names in between: `ALL = get_args(Facts)`."""
    words: set[str] = set()
    waiting = [start]
    while waiting:
        value = values.get(waiting.pop())
        for node in ast.walk(value) if value is not None else ():
            word = node.id if isinstance(node, ast.Name) else ""
            if word and word not in words:
                words.add(word)
                waiting.append(word)
    return words


def _imported(module: ast.Module) -> dict[str, str]:
    """Name -> the file it was imported from."""
    return {
        alias.asname or alias.name: (node.module or "").rpartition(".")[2]
        for node in module.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _siblings(path: Path) -> set[str]:
    """The files of the same package that this one imports: the shape of the variants, not a variant."""
    package = path.parent.name
    return {
        words[-1]
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.module
        if len(words := node.module.split(".")) > 1 and words[-2] == package
    }


def _kinds(path: Path, listed: set[str]) -> set[str]:
    """What the listed variants of a file are: the class they are made with, or come from."""
    return {kind for name, _, kind in _made(path) if name in listed}


def _variants(path: Path, kinds: set[str]) -> list[tuple[str, int]]:
    return [(name, line) for name, line, kind in _made(path) if kind in kinds and not name.startswith("_")]


def _made(path: Path) -> Iterator[tuple[str, int, str]]:
    for statement in parsed(path).body:
        if isinstance(statement, ast.ClassDef):
            yield from ((statement.name, statement.lineno, name_of(base)) for base in statement.bases)
    for name, value in _assigned(parsed(path)).items():
        if isinstance(value, ast.Call):
            yield name, value.lineno, name_of(value)


def unlisted_decisions(root: Path) -> list[str]:
    """Decisions that the list of decisions leaves out, by title or by link, and links to none."""
    return list(_unlisted_decisions(root))


def _unlisted_decisions(root: Path) -> Iterator[str]:
    listing = root / DECISIONS / "README.md"
    if not listing.exists():
        yield f"{DECISIONS}/README.md:1: the list of decisions is missing"
        return
    listed = listing.read_text(encoding="utf-8")
    decisions = {path.name: path for path in sorted(listing.parent.glob("*.md")) if path != listing}
    for name, path in decisions.items():
        title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ").strip()
        if title not in listed or f"({name})" not in listed:
            yield found(root, path, 1, f"not listed in README.md: [{title}]({name})")
    for name in re.findall(r"\(([^()/]+\.md)\)", listed):
        if name not in decisions:
            yield found(root, listing, 1, f"lists a decision that is not there: {name}")
