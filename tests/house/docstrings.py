"""What has to be said in words: what a file is for, what a service promises, and the fact that an event states."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.house.events import declared_classes
from tests.house.tree import CODE, found, parsed, python_files

MODULE_DOCSTRING_LINES_MAX: Final = 5
SERVICE_LINES: Final = ("Hears:", "Decides:", "Says:", "Never:")

NO_SERVICES: Final = frozenset({"cli"})
"""Folders of `services` that decide nothing: the parts of the command."""


def service_folders(root: Path) -> list[Path]:
    """The folder of each service."""
    return [
        path
        for path in sorted((root / "services").glob("*"))
        if path.is_dir() and any(path.glob("*.py")) and path.name not in NO_SERVICES
    ]


def module_docstrings(root: Path) -> list[str]:
    """Files that do not say what they are for. An empty `__init__.py` has nothing to say."""
    return list(_module_docstrings(root))


def _module_docstrings(root: Path) -> Iterator[str]:
    promising = service_folders(root)
    for path in python_files(root, *CODE):
        module = parsed(path)
        if not module.body:
            if path.name != "__init__.py":
                yield found(root, path, 1, "an empty file: remove it")
            continue
        said = ast.get_docstring(module)
        if said is None:
            yield found(root, path, 1, "begin with what it is for and why it stands here")
        elif path.parent not in promising and _lines(said) > MODULE_DOCSTRING_LINES_MAX:
            yield found(root, path, 1, f"a module's docstring has at most {MODULE_DOCSTRING_LINES_MAX} lines")


def _lines(text: str) -> int:
    return len([line for line in text.splitlines() if line.strip()])


def service_docstrings(root: Path) -> list[str]:
    """Services that do not say what they hear, decide, say and never do, in this order."""
    return [
        found(root, folder / "__init__.py", 1, f"a service says {' / '.join(SERVICE_LINES)} in its docstring")
        for folder in service_folders(root)
        if _four_lines(folder / "__init__.py") != SERVICE_LINES
    ]


def _four_lines(path: Path) -> tuple[str, ...]:
    said = ast.get_docstring(parsed(path)) if path.exists() else None
    words = [line.split(maxsplit=1) for line in (said or "").splitlines()]
    return tuple(line[0] for line in words if len(line) > 1 and line[0] in SERVICE_LINES)


def event_docstrings(root: Path) -> list[str]:
    """Events and reports that do not say in the domain's words what has happened."""
    return [
        found(root, event.path, event.line, f"`{event.name}`: say the fact in the domain's words")
        for event in declared_classes(root)
        if not event.is_told
    ]
