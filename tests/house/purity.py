"""The pure core: what is said, decided and reacted with runs the same everywhere and always, since it asks nobody.

import-linter sees modules; this sees names and calls, and lists what may be imported instead of what may not.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.house.tree import CODE, found, name_of, parsed, python_files

_CORE: Final = re.compile(
    r"schemas/.+|infra/decider\.py|services/[a-z_]+/(?:domain/.+|domain\.py|reactions\.py|access\.py)|"
    r"services/[a-z_]+/(?:reactions|access)/.+"
)

_FROM_PYTHON: Final = frozenset(
    {"abc", "base64", "bisect", "collections", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools"}
    | {"hashlib", "heapq", "hmac", "itertools", "math", "operator", "re", "string", "textwrap", "tomllib", "types"}
    | {"typing", "unicodedata", "uuid"}
)
_FROM_CORDON: Final = frozenset({"msgspec", "schemas"})
_SHAPES_OF_THE_KERNEL: Final = frozenset({"infra.decider", "infra.service", "infra.web.reader", "infra.working_days"})
"""What services are declared in, who is asking, and the calendar: all of it is given its arguments and asks nobody."""

_EXCEPTIONS: Final[Mapping[str, frozenset[str]]] = {
    # The catalogue is TOML beside the code: read once, packaged with it, the same on every machine.
    "schemas/catalogue/__init__.py": frozenset({"importlib.resources", "read_text"}),
    # So are the agencies of the site.
    "schemas/agencies/__init__.py": frozenset({"importlib.resources", "read_text"}),
    # The registry finds the classes that the modules declare.
    "schemas/vocabulary.py": frozenset({"inspect"}),
}

_CALLS: Final[Mapping[str, str]] = {
    "eval": "code that can be read",
    "exec": "code that can be read",
    "input": "a field of the command",
    "now": "`now` of the command, or of what is known",
    "open": "what the command or the state carries",
    "print": "an event, or nothing",
    "read_bytes": "what the command or the state carries",
    "read_text": "what the command or the state carries",
    "today": "`now` of the command, or of what is known",
    "utcnow": "`now` of the command, or of what is known",
    "uuid1": "schemas.ids.derive",
    "uuid4": "schemas.ids.derive",
    "write_bytes": "an event",
    "write_text": "an event",
}
_ONLY_AS_A_NAME: Final = frozenset({"eval", "exec", "input", "open", "print"})
"""Our own things may have methods of these names: a case is opened."""


def core_files(root: Path) -> list[Path]:
    """The files that have to be pure."""
    return [path for path in python_files(root, *CODE) if _CORE.fullmatch(path.relative_to(root).as_posix())]


def impure_imports(root: Path) -> list[str]:
    """Imports of the core beyond its list: itself, msgspec and the part of Python that only computes."""
    return [
        found(root, path, line, f"the core does not import `{name}`: a fact it needs arrives in the command")
        for path in core_files(root)
        for line, name in _imports(parsed(path))
        if not _may_import(path.relative_to(root).as_posix(), name)
    ]


def _imports(module: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=package, names=names, level=level):
                yield from ((node.lineno, f"{'.' * level}{package or ''}.{alias.name}") for alias in names)
            case _:
                pass


def _may_import(place: str, name: str) -> bool:
    allowed = _FROM_PYTHON | _FROM_CORDON | _EXCEPTIONS.get(place, frozenset())
    if place.startswith("services/"):
        own = ".".join(place.split("/")[:2])
        allowed |= _SHAPES_OF_THE_KERNEL | {f"{own}.{part}" for part in ("access", "domain", "reactions")}
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in allowed)


def impure_calls(root: Path) -> list[str]:
    """Clock, chance, input and output asked for by the core, and anything that waits."""
    return [finding for path in core_files(root) for finding in _impure_calls(root, path)]


def _impure_calls(root: Path, path: Path) -> Iterator[str]:
    excepted = _EXCEPTIONS.get(path.relative_to(root).as_posix(), frozenset())
    for node in ast.walk(parsed(path)):
        match node:
            case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
                yield found(root, path, node.lineno, "the core does not wait: no `async`, no `await`")
            case ast.Call(func=called) if (name := name_of(called)) in _CALLS and name not in excepted:
                if isinstance(called, ast.Name) or name not in _ONLY_AS_A_NAME:
                    yield found(root, path, node.lineno, f"the core does not call `{name}`; instead: {_CALLS[name]}")
            case _:
                pass


def thawed_shapes(root: Path) -> list[str]:
    """Shapes of the core that can be changed after they were made."""
    return [
        found(root, path, node.lineno, f"`{node.name}` can be changed: frozen=True")
        for path in core_files(root)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef) and _is_thawed(node)
    ]


def _is_thawed(node: ast.ClassDef) -> bool:
    dataclasses = [decorator for decorator in node.decorator_list if name_of(decorator) == "dataclass"]
    if any(not (isinstance(made, ast.Call) and _is_frozen(made.keywords)) for made in dataclasses):
        return True
    return any(name_of(parent) == "Struct" for parent in node.bases) and not _is_frozen(node.keywords)


def _is_frozen(keywords: list[ast.keyword]) -> bool:
    return any(
        keyword.arg == "frozen" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in keywords
    )


def called_defaults(root: Path) -> list[str]:
    """Default arguments that are calls: made once, when the file is read, and then shared by every caller."""
    return [
        found(root, path, default.lineno, "a default argument is no call: default to None, or ask for it")
        for path in python_files(root, *CODE)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for default in (*node.args.defaults, *node.args.kw_defaults)
        if default is not None and any(isinstance(part, ast.Call) for part in ast.walk(default))
    ]
