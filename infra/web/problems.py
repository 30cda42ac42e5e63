"""How the edge says no: problem+json (RFC 9457) with a stable code, a sentence and, where it helps, a pointer."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from infra.web import strict
from schemas.rejection import Answer, Rejected


class NotThere(Exception):  # noqa: N818 - it is an answer
    """Not there, or not for this reader to see: the two look the same (SR-14)."""


class NotKnown(Exception):  # noqa: N818 - it is an answer
    """No token, or one that does not hold: `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code: Final = code


class Refused(Exception):  # noqa: N818 - it is an answer
    """The edge says no before the domain is asked: `status`, `code`, and a pointer if a place can be named."""

    def __init__(self, status: int, code: str, pointer: str = "") -> None:
        super().__init__(code)
        self.status: Final = status
        self.code: Final = code
        self.pointer: Final = pointer


EDGE_REFUSALS: Final[Mapping[str, str]] = {
    **strict.REFUSALS,
    "not-there": "There is nothing here, or nothing that you may see.",
    "token-missing": "A bearer token is needed.",
    "token-malformed": "The bearer token cannot be read or was not issued for Cordon.",
    "token-expired": "The bearer token has expired; ask for a new one.",
    "idempotency-key-missing": "An Idempotency-Key header is needed: 1 to 200 printable ASCII characters.",
    "idempotency-key-reused": "This Idempotency-Key was used before with another request.",
    "if-match-malformed": 'If-Match must hold one version as in an ETag we gave: "7".',
    "version-stale": "This has been changed since you last looked: look again.",
    "body-too-large": "The body is larger than is taken here.",
    "body-cut-off": "The body ended before it was whole.",
    "media-type-unknown": "This media type is not taken here.",
    "method-not-allowed": "This method is not for this address.",
    "request-wrong": "A parameter of the address is not of the form that is asked for.",
    "purpose-unknown": "The Purpose header holds none of the purposes there are. Leave it out, or choose one of them.",
    "forked": "The message you heard last is not exactly the one that is held here.",
    "grant-unknown": "Only the client_credentials grant is given here.",
    "client-unknown": "No client of this id and secret is known here.",
    "failed-here": "This went wrong here, and not by anything you sent.",
    "answer-lost": "The service broke off before it answered. It may have been done: send exactly the same again.",
    "service-unavailable": "The service cannot keep what it is told just now. Nothing was recorded: send it again.",
}
NOT_THERE_BODY: Final = msgspec.json.encode(
    {
        "type": "about:blank",
        "status": 404,
        "code": "not-there",
        "title": EDGE_REFUSALS["not-there"],
    }
)


def problem(status: int, code: str, title: str, pointer: str = "", refused: Sequence[Answer] = ()) -> Response:
    """A problem+json answer. Never holds anything of what was sent but the place of the trouble.

    `refused` are the rules that refused, where rules were asked.
    """
    body: dict[str, object] = {"type": "about:blank", "status": status, "code": code, "title": title}
    if pointer:
        body["pointer"] = pointer
    if refused:
        body["refused"] = [{"rule": each.rule, "code": each.refused} for each in refused]
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None  # noqa: PLR2004 - RFC 9110
    return Response(msgspec.json.encode(body), status, headers, "application/problem+json")


def install(app: FastAPI, refusals: Mapping[str, str]) -> None:
    """Turn every refusal of the domain and the edge into its answer; `refusals` are the services' own sentences."""
    sentences = {**EDGE_REFUSALS, **refusals}
    by_status = {404: "not-there", 405: "method-not-allowed", 415: "media-type-unknown"}

    def say(status: int, code: str, pointer: str = "", refused: Sequence[Answer] = ()) -> Response:
        return problem(status, code, sentences.get(code, "This is refused."), pointer, refused)

    async def rejected(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Rejected)
        if error.code in {"json-malformed", "json-too-deep"}:
            return say(400, error.code, error.pointer)
        if error.code == "version-stale":
            return say(412, error.code)
        status = 422 if error.pointer or error.code in strict.REFUSALS else 409
        return say(status, error.code, error.pointer, [each for each in error.answers if each.refused])

    async def not_there(_request: Request, _error: Exception) -> Response:
        return Response(NOT_THERE_BODY, 404, media_type="application/problem+json")

    async def not_known(_request: Request, error: Exception) -> Response:
        assert isinstance(error, NotKnown)
        return say(401, error.code)

    async def refused(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return say(error.status, error.code, error.pointer)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:  # noqa: PLR2004 - RFC 9110
            return await not_there(request, error)
        answer = say(error.status_code, by_status.get(error.status_code, "request-wrong"))
        answer.headers.update(error.headers or {})  # RFC 9110: a 405 says what is allowed
        return answer

    async def wrong_parameter(_request: Request, _error: Exception) -> Response:
        return say(422, "request-wrong")

    app.add_exception_handler(Rejected, rejected)
    app.add_exception_handler(NotThere, not_there)
    app.add_exception_handler(NotKnown, not_known)
    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, wrong_parameter)
