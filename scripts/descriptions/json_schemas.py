"""JSON Schema (2020-12) of every message, every kind of report as it is sent, and the envelope around a message."""

import inspect
from typing import Any, Final

import msgspec

from schemas import vocabulary
from schemas.envelope import Record
from schemas.reports import ALL as REPORTS
from schemas.reports.report import kind_of
from schemas.sealed import Sealed

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_END_ONLY: Final = "(?!\n)"
"""Python's `$` also matches before a last line break; that of JSON Schema does not, and needs no more said."""


def messages() -> dict[str, Any]:
    """Type -> the schema of what stands in `data` of such a message."""
    return {name: _schema(event) for name, event in vocabulary.MESSAGES.items()}


def reports() -> dict[str, Any]:
    """Kind -> the schema of what an agency puts in `data` of such an event."""
    return {kind_of(report): _as_sent(_schema(report)) for report in REPORTS}


def envelope() -> Any:
    """The schema of a whole record, whatever it says."""
    return _schema(Record)


def tidied(node: Any) -> Any:
    """The same schema, its texts and patterns as any version of Python and any reader of JSON would have them."""
    if isinstance(node, list):
        return [tidied(value) for value in node]
    if not isinstance(node, dict):
        return node
    tidy = {name: tidied(value) for name, value in node.items()}
    if isinstance(tidy.get("description"), str):
        tidy["description"] = inspect.cleandoc(tidy["description"])
    if isinstance(tidy.get("pattern"), str):
        tidy["pattern"] = tidy["pattern"].replace(_END_ONLY, "").replace("(?!\\n)", "")
    return tidy


def _schema(kind: Any) -> Any:
    """Whole in itself: what it refers to stands in it."""
    schema = tidied(msgspec.json.schema(kind))
    top = schema.pop("$ref").rpartition("/")[2]
    definitions = schema.pop("$defs")
    whole = {"$schema": _DIALECT, **definitions.pop(top)}
    return whole | ({"$defs": definitions} if definitions else {})


def _as_sent(schema: Any) -> Any:
    """Nothing comes sealed from an agency, `type` says the kind, and who is meant is said unless a task says it."""
    sent = _plain(schema)
    del sent["properties"]["kind"]
    required = [name for name in sent["required"] if name != "kind"]
    sent["required"] = required if "task" in required else ["about", *required]
    definitions = {name: _plain(one) for name, one in schema.get("$defs", {}).items() if name != Sealed.__name__}
    used = json_text(sent) + json_text(definitions)
    sent["$defs"] = {name: one for name, one in definitions.items() if f"#/$defs/{name}" in used}
    return sent


def json_text(node: Any) -> str:
    """The node as text, to look for references in."""
    return msgspec.json.encode(node).decode()


def _plain(node: Any) -> Any:
    """Where plain or sealed text may stand, plain text alone."""
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if not isinstance(node, dict):
        return node
    choices = [choice for choice in node.get("anyOf", ()) if choice != {"$ref": f"#/$defs/{Sealed.__name__}"}]
    if len(choices) == 1:
        return _plain({name: value for name, value in node.items() if name != "anyOf"} | choices[0])
    return {name: _plain(value) for name, value in node.items()}
