"""Keeps records as they are stored today, for the day on which they will be old: `tests/history` only ever grows."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec

from scripts.story.telling import Story

REPOSITORY: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = Path("tests/history")
DIGESTS: Final = "SHA256SUMS"
"""Read by `sha256sum --check`, too."""


def keep_what_is_new(story: Story, root: Path = REPOSITORY) -> list[str]:
    """Add a file for each record of a shape that is not kept yet, and its digest. Returns their paths."""
    folder = root / FOLDER
    added = []
    for record in story.records:
        files = sorted((folder / record.type).glob("*.json"))
        if shape(record.data) in {shape(_data(path)) for path in files}:
            continue
        path = folder / record.type / f"{len(files) + 1}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(story.codec.encode(record) + b"\n")
        added.append(path)
    with (folder / DIGESTS).open("a", encoding="utf-8", newline="\n") as digests:
        digests.writelines(f"{digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in added)
    return [path.relative_to(root).as_posix() for path in added]


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return sha256(path.read_bytes()).hexdigest()


def shape(data: bytes) -> Any:
    """Which fields there are and what kind of fact it is, whatever the values: equal for records of one shape."""
    return _shape(msgspec.json.decode(data))


def _shape(value: Any) -> Any:
    match value:
        case Mapping():
            return frozenset((name, one if name == "kind" else _shape(one)) for name, one in value.items())
        case str():
            return "text"
        case Iterable():
            return frozenset(_shape(one) for one in value)
        case _:
            return type(value).__name__


def _data(path: Path) -> bytes:
    return bytes(msgspec.json.decode(path.read_bytes(), type=dict[str, msgspec.Raw])["data"])
