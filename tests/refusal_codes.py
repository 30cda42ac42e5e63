"""The codes a service can say no with, read from its source: what it raises, and what its policies return."""

import ast
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

from infra.decider import Policies

REPOSITORY: Final = Path(__file__).resolve().parents[1]


def codes_of(service: str, *deciders: ModuleType) -> set[str]:
    """Every `Rejected("…")` of the service, and every code that a policy of these deciders returns."""
    raised: set[str] = set()
    for path in sorted((REPOSITORY / "services" / service).rglob("*.py")):
        raised.update(_raised(ast.parse(path.read_text(encoding="utf-8"))))
    return raised.union(*(_returned(decider) for decider in deciders))


def _raised(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Name(id="Rejected"), args=[ast.Constant(value=str(code)), *_]):
                yield code
            case _:
                pass


def _returned(decider: ModuleType) -> set[str]:
    policies: Policies = decider.POLICIES
    names = {policy.__name__ for rules in policies.values() for policy in rules}
    module = ast.parse(Path(str(decider.__file__)).read_text(encoding="utf-8"))
    rules = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name in names]
    returns = (node.value for rule in rules for node in ast.walk(rule) if isinstance(node, ast.Return) and node.value)
    return {code for value in returns for code in _codes(value)}


def _codes(value: ast.expr) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(code)):
            yield code
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*_codes(body), *_codes(orelse))
        case _:
            pass
