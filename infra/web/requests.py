"""What a route takes in and gives back: who asks, a strict body, and msgspec JSON with the version as its ETag."""

import re
from typing import Annotated, Any, Final, TypeVar

import msgspec
from fastapi import Depends, Request, Response

from infra.web.asking import command_id, fingerprint
from infra.web.desk import Asking
from infra.web.problems import NotThere, Refused
from infra.web.reader import Reader
from infra.web.strict import decoded

__all__ = ["AskedBy", "NotThere", "ReadBy", "accepts", "asking_with_key", "body", "shown"]

Kind = TypeVar("Kind")

_KEY = re.compile(r"^[\x21-\x7e]{1,200}$")
_ETAG = re.compile(r'^(?:W/)?"(\d{1,12})"$')
PURPOSES: Final = frozenset({"audit", "case-work", "correction", "safeguarding", "supervision", "victim-support"})
"""Why somebody asks, as far as it is said. A closed list, because it stands in every record that follows: a code
somebody may type could say anything of anybody."""


def _reader(request: Request) -> Reader:
    reader: Reader = request.app.state.tokens.reader(request.headers.get("authorization", ""))
    return reader


ReadBy = Annotated[Reader, Depends(_reader)]


def asking_with_key(request: Request, reader: Reader, key: str, body: bytes) -> Asking:
    """The circumstances of a request whose idempotency key is known some other way: an agency's (source, id)."""
    edge = request.app.state
    return Asking(
        command_id=command_id(reader, key),
        reader=reader,
        fingerprint=fingerprint(edge.fingerprint_key, request.method, request.url.path, body),
        now=edge.clock.now(),
        purpose=_purpose(request),
        version=_expected_version(request),
    )


def _purpose(request: Request) -> str:
    purpose = request.headers.get("purpose", "")
    if purpose and purpose not in PURPOSES:
        raise Refused(422, "purpose-unknown")
    return purpose


def _expected_version(request: Request) -> int | None:
    header = request.headers.get("if-match")
    if header is None or header == "*":
        return None
    found = _ETAG.match(header)
    if not found:
        raise Refused(422, "if-match-malformed")
    return int(found[1])


async def _asking(request: Request, reader: ReadBy) -> Asking:
    key = request.headers.get("idempotency-key", "")
    if not _KEY.match(key):
        raise Refused(400, "idempotency-key-missing")
    return asking_with_key(request, reader, key, await request.body())


AskedBy = Annotated[Asking, Depends(_asking)]


def body(kind: type[Kind]) -> Any:  # FastAPI's Depends is untyped on purpose
    """The dependency of a route that reads what is sent as this kind. Who asks is known before it is read."""

    async def read(request: Request, _reader: ReadBy) -> Kind:
        return decoded(await request.body(), kind)

    return Depends(read)


def accepts(kind: type[Any]) -> dict[str, Any]:
    """What OpenAPI says of a body of this kind, for `@router.post(..., **accepts(Kind))`."""
    schema = msgspec.json.schema(kind, ref_template="#/components/schemas/{name}")
    components = schema.pop("$defs", {})
    inline = _inlined(schema, components)
    content = {"application/json": {"schema": inline}}
    return {"openapi_extra": {"requestBody": {"required": True, "content": content}}}


def _inlined(schema: Any, components: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inlined(components[schema["$ref"].rsplit("/", 1)[1]], components)
        return {name: _inlined(value, components) for name, value in schema.items() if name != "discriminator"}
    if isinstance(schema, list):
        return [_inlined(value, components) for value in schema]
    return schema


def shown(value: object, status: int = 200, version: int | None = None) -> Response:
    """`value` as JSON; the stream's version, if given, as its ETag. Answers about people are not for caches."""
    headers = {"Cache-Control": "no-store"}
    if version is not None:
        headers["ETag"] = f'"{version}"'
    return Response(msgspec.json.encode(value), status, headers, "application/json")
