"""Writes what others build on, from the classes themselves: JSON Schemas, AsyncAPI, OpenAPI and golden examples.

`python -m scripts.publish`, after every change of an event, a report or a route. It also keeps a record of each new
event as it is stored today; what is kept is never changed.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from schemas import vocabulary
from scripts import keep
from scripts.descriptions import asyncapi, json_schemas, openapi
from scripts.story import sent, told

REPOSITORY: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = Path("schemas/published")


def published() -> Mapping[str, str]:
    """Every file of the folder by its path below it, as it should be."""
    documents = {
        **{f"examples/{name}.json": example for name, example in examples().items()},
        **{f"messages/{name}.json": schema for name, schema in json_schemas.messages().items()},
        **{f"reports/{name}.json": schema for name, schema in json_schemas.reports().items()},
        "envelope.json": json_schemas.envelope(),
        "asyncapi.json": asyncapi.document(),
        "openapi.json": openapi.document(),
    }
    return {name: written(document) for name, document in sorted(documents.items())}


def examples() -> dict[str, Any]:
    """One record a message, the first of the story, and one event a kind of report, as it is sent."""
    story = told()
    first: dict[str, Any] = {}
    for record in story.records:
        if record.type in vocabulary.MESSAGES and record.type not in first:
            first[record.type] = msgspec.json.decode(story.codec.encode(record))
    return first | sent.events()


def written(document: Any) -> str:
    """JSON whose difference from the one before can be read."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def publish(root: Path = REPOSITORY) -> list[str]:
    """Write what changed and remove what nobody can say any more. Returns the paths of both."""
    wanted = {FOLDER / name: text for name, text in published().items()}
    there = {path.relative_to(root) for path in (root / FOLDER).rglob("*.json")}
    changed = [path for path, text in wanted.items() if path not in there or _text(root / path) != text]
    for path in changed:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(wanted[path], encoding="utf-8", newline="\n")
    orphans = sorted(there - wanted.keys())
    for path in orphans:
        (root / path).unlink()
    return [path.as_posix() for path in (*changed, *orphans)]


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


if __name__ == "__main__":
    for path in (*publish(), *keep.keep_what_is_new(told())):
        sys.stdout.write(f"{path}\n")
