"""Small tails: medians hardly differ between good and bad code, the longest files and functions do."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.house.tree import CODE, found, parsed, python_files

FILE_LINES_MAX: Final = 400
FUNCTION_LINES_MAX: Final = 60

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def long_files(root: Path) -> list[str]:
    """Files that cannot be read in one sitting."""
    return [
        found(root, path, lines, f"a file has at most {FILE_LINES_MAX} lines: split it where a second subject appears")
        for path in python_files(root, *CODE, "tests", "scripts")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES_MAX
    ]


def long_functions(root: Path) -> list[str]:
    """Functions that do more than one thing, measured without their docstring."""
    return [
        found(root, path, function.lineno, f"`{function.name}` has {lines} lines, at most {FUNCTION_LINES_MAX}")
        for path in python_files(root, *CODE, "tests", "scripts")
        for function in _functions(parsed(path))
        if (lines := _lines(function)) > FUNCTION_LINES_MAX
    ]


def _functions(tree: ast.AST) -> list[_Function]:
    return [node for node in ast.walk(tree) if isinstance(node, _Function)]


def _lines(function: _Function) -> int:
    """The lines of its own: functions inside it, as routes inside a router's factory, are measured by themselves."""
    own = _extent(function) - sum(_extent(inner) for inner in _outermost(function))
    return own if ast.get_docstring(function, clean=False) is None else own - _extent(function.body[0])


def _outermost(node: ast.AST) -> Iterator[_Function]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Function):
            yield child
        else:
            yield from _outermost(child)


def _extent(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1
