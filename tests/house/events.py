"""The event and report classes that a tree declares, read from its syntax, so that a canary needs no imports."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.house.tree import found, name_of, parsed, python_files

_ROOTS: Final = frozenset({"Event", "Private", "Message", "Report"})
EXAMPLES: Final = "schemas/published/examples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A class with a wire name. `is_shared` where it leaves its service; `is_told` where it has a docstring."""

    path: Path
    line: int
    name: str
    wire_name: str
    is_shared: bool
    is_told: bool


def declared_classes(root: Path) -> list[Declared]:
    """Every class of `schemas` that is an event or a report and has a wire name."""
    classes = [
        (path, node)
        for path in python_files(root, "schemas")
        for node in parsed(path).body
        if isinstance(node, ast.ClassDef)
    ]
    kinds = _kinds([node for _, node in classes])
    return [
        Declared(
            path=path,
            line=node.lineno,
            name=node.name,
            wire_name=wire_name,
            is_shared="Message" in kinds[node],
            is_told=ast.get_docstring(node) is not None,
        )
        for path, node in classes
        if kinds[node] and (wire_name := _wire_name(node))
    ]


def _kinds(classes: list[ast.ClassDef]) -> dict[ast.ClassDef, frozenset[str]]:
    """Which of the root classes each class comes from, over as many steps as it takes."""
    kinds = {node: frozenset(name_of(base) for base in node.bases) & _ROOTS for node in classes}
    for _ in classes:
        by_name = {node.name: kind for node, kind in kinds.items() if kind}
        grown = {
            node: kind.union(*(by_name.get(name_of(base), frozenset()) for base in node.bases))
            for node, kind in kinds.items()
        }
        if grown == kinds:
            break
        kinds = grown
    return kinds


def _wire_name(node: ast.ClassDef) -> str:
    """`TYPE` of an event, the tag of a report; empty for a class that only others build on."""
    for keyword in node.keywords:
        if keyword.arg == "tag" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id="TYPE"), value=ast.Constant(value=str(name))):
                return name
            case ast.Assign(targets=[ast.Name(id="TYPE")], value=ast.Constant(value=str(name))):
                return name
            case _:
                pass
    return ""


def examples(root: Path) -> list[str]:
    """Shared events without a golden example, and examples that no class stands behind."""
    return list(_examples(root))


def _examples(root: Path) -> Iterator[str]:
    declared = declared_classes(root)
    shown = {path.stem: path for path in sorted((root / EXAMPLES).glob("*.json"))}
    for event in declared:
        if event.is_shared and event.wire_name not in shown:
            yield found(root, event.path, event.line, f"no example: {EXAMPLES}/{event.wire_name}.json")
    for orphan in sorted(shown.keys() - {event.wire_name for event in declared}):
        yield found(root, shown[orphan], 1, "an example of nothing that can be said")
