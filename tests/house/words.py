"""Words that hide a missing idea, marks of unfinished work, and what only the machine of its writer would know."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.house.tree import CODE, found, parsed, python_files, text_files

_INSTEAD: Final[Mapping[str, str]] = {
    "base": "the idea its heirs share, or a protocol",
    "common": "the one thing that is common",
    "data": "what the data says",
    "dto": "the thing itself: a command, an event, an answer",
    "helper": "what it helps to do",
    "helpers": "what they help to do",
    "impl": "how it differs from the others",
    "info": "what one is informed of",
    "manager": "decider, writer, keyring: what it does",
    "misc": "one file for each thing",
    "service": "what it does; a service is a value, infra.service.Service",
    "util": "the thing the functions are about",
    "utils": "the thing the functions are about",
}

_OF_THE_DOMAIN: Final = frozenset({"case_manager", "practice_manager", "personal_data"})
"""Names of people and things that practitioners call so."""

_ARE_THE_IDEA: Final = frozenset({"infra/service.py", "infra/service.py:Service"})
_FILE_OF_A_SERVICE: Final = re.compile(r"services/[a-z_]+/service\.py")

# Spelled in two halves, so that this file may be searched like every other.
_UNFINISHED: Final = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
_MACHINE: Final = re.compile(
    r"(?<![\w.~/-])/(?:wo" + r"rk|ro" + r"ot|home/[a-z]\w*|Users/\w+)(?=[/\s\"'`),;:]|$)|/tmp/ba" + r"sh_"
)
_ELSEWHERE: Final = re.compile(r"\.\./sha" + r"red\b|\bsha" + r"red/(?:design|engineering|hooks|practice)\b")
_REGISTRY: Final = re.compile(
    r"https?://(?!127\.0\.0\.1|localhost)|pypi\.|pythonhosted|(?<!emit-)index-url|find-links|npmjs|crates\.io|maven\.(?:org|apache)",
)
_BUILD: Final = ("pyproject.toml", "Makefile", "*.lock", "scripts/*", ".ci/*", "Dockerfile*", "docker-compose*")


def banned_names(root: Path) -> list[str]:
    """Files, folders and classes named for nothing in particular."""
    return [*_banned_files(root), *_banned_classes(root)]


def _banned_files(root: Path) -> Iterator[str]:
    for path in python_files(root, *CODE, "tests", "scripts"):
        place = path.relative_to(root)
        for part in {place.stem, *place.parent.parts[1:]}:
            if place.as_posix() in _ARE_THE_IDEA or _FILE_OF_A_SERVICE.fullmatch(place.as_posix()):
                continue
            if part not in _OF_THE_DOMAIN and (word := part.rpartition("_")[2]) in _INSTEAD:
                yield found(root, path, 1, f"`{part}` hides an idea; name it for {_INSTEAD[word]}")


def _banned_classes(root: Path) -> Iterator[str]:
    for path in python_files(root, *CODE, "tests", "scripts"):
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.ClassDef):
                continue
            words = re.sub(r"(?<!^)(?=[A-Z][a-z])", "_", node.name).lower()
            is_idea = f"{path.relative_to(root).as_posix()}:{node.name}" in _ARE_THE_IDEA or words in _OF_THE_DOMAIN
            if not is_idea and (word := words.rpartition("_")[2]) in _INSTEAD:
                yield found(root, path, node.lineno, f"`{node.name}` hides an idea; name it for {_INSTEAD[word]}")


def unfinished_marks(root: Path) -> list[str]:
    """Marks of work put off: do it, or file it where work is planned."""
    return _lines_with(root, _UNFINISHED, "do it now or plan it, but leave no mark")


def machine_paths(root: Path) -> list[str]:
    """Paths that exist on one machine only, and places outside the repository."""
    return [
        *_lines_with(root, _MACHINE, "a path of one machine: make it relative, a setting or a temporary folder"),
        *_lines_with(root, _ELSEWHERE, "outside the repository: say here what has to be known"),
    ]


def registry_hosts(root: Path) -> list[str]:
    """Hosts in what installs and builds: where packages come from is the business of whoever installs."""
    return [
        found(root, path, number, "no hosts in build files: pip knows where to look")
        for pattern in _BUILD
        for path in sorted(root.glob(pattern))
        if path.is_file()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if _REGISTRY.search(line)
    ]


def _lines_with(root: Path, pattern: re.Pattern[str], instead: str) -> list[str]:
    return [
        found(root, path, number, f"`{match.group()}`: {instead}")
        for path in text_files(root)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := pattern.search(line))
    ]
