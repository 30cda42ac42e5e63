"""One client of the public HTTP API, that outlives its server: it asks again until it is answered.

Asking again is safe because everything it sends carries a key or an id that is the same each time.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final, Self, TypeVar

import httpx
import msgspec

Kind = TypeVar("Kind")

TOKEN_PATH: Final = "/demo/token"  # noqa: S105 - an address
"""Where tokens are given by whoever serves the demonstration at one address; elsewhere it is a URL."""
CLOUD_EVENT: Final = "application/cloudevents+json"
TIMEOUT_SECONDS: Final = 15.0
PATIENCE_SECONDS: Final = 60.0
"""How long a server may be away: longer than it takes to start one again on a busy machine."""
RENEW_SECONDS: Final = 30.0
"""A token that ends sooner than this is replaced before it is refused."""
TOKENS_ANEW_MAX: Final = 3
"""A server can be started again between the token that it gave and the request that brings it."""

_BACK_OFF_SECONDS: Final = (0.05, 0.1, 0.2, 0.4, 0.8)
_AWAY: Final = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})


class ServerAwayError(Exception):
    """Nobody answered for longer than the client's patience."""


class RefusedError(Exception):
    """The API said no: its status, its stable code and its sentence. None of them repeats what was sent."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(f"{status} {code}: {sentence}")
        self.status: Final = status
        self.code: Final = code


class _Problem(msgspec.Struct):
    """What is read of a problem+json answer (RFC 9457)."""

    code: str = "unknown"
    title: str = ""


class _Granted(msgspec.Struct):
    """What is read of the issuer's answer (RFC 6749, 5.1)."""

    access_token: str
    expires_in: float


def never() -> bool:
    """Patient to the end."""
    return False


class Api:
    """The API as one client sees it. A context manager; one thread at a time.

    Every method raises ServerAwayError after PATIENCE_SECONDS without an answer, or as soon as nobody answers and
    `gives_up` says so; and RefusedError for a no.
    """

    def __init__(
        self,
        base: str,
        client_id: str,
        secret: str,
        *,
        token_url: str = TOKEN_PATH,
        gives_up: Callable[[], bool] = never,
    ) -> None:
        self.base: Final = base.rstrip("/")
        self.client_id: Final = client_id
        self.learnt: Final[dict[str, str | None]] = {}
        """What this client has seen of whom a reference stands for, so that nobody is opened twice."""
        self._secret: Final = secret
        self._token_url: Final = token_url
        self._gives_up: Final = gives_up
        # The server is on this machine, whatever proxy the environment names for others.
        self._http: Final = httpx.Client(base_url=self.base, timeout=TIMEOUT_SECONDS, trust_env=False)
        self._token = ""
        self._renew_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    def get(self, path: str, **query: str | int) -> Any:
        """What is there, decoded; None where nothing is, or nothing for this client."""
        answer = self._answered("GET", path, params=query)
        return None if answer is None else msgspec.json.decode(answer.content)

    def get_as(self, kind: type[Kind], path: str) -> Kind:
        """What is there as a value of this kind, of which every `msgspec.Raw` holds the very bytes that were sent.

        Raises RefusedError where nothing is: whoever knows what it looks like knows that it is there.
        """
        answer = self._answered("GET", path)
        if answer is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, "not-there", f"{self.client_id} finds nothing at {path}")
        return msgspec.json.decode(answer.content, type=kind)

    def post(self, path: str, body: Mapping[str, Any] | None, *, key: str) -> Any:
        """What came of a command said under this Idempotency-Key, now or before; None where nothing is, as in `get`."""
        headers = {"Idempotency-Key": key}
        if body is not None:
            headers["Content-Type"] = "application/json"
        content = b"" if body is None else msgspec.json.encode(body)
        answer = self._answered("POST", path, content=content, headers=headers)
        return None if answer is None else msgspec.json.decode(answer.content)

    def tell(self, event: Mapping[str, Any]) -> Any:
        """The receipt of a CloudEvent told in this agency's name. Its `source` and `id` make it safe to say again."""
        path = f"/agencies/{self.client_id}/events"
        headers = {"Content-Type": CLOUD_EVENT}
        answer = self._answered("POST", path, content=msgspec.json.encode(event), headers=headers)
        return None if answer is None else msgspec.json.decode(answer.content)

    def is_well(self) -> bool:
        """Whether every service hears every source."""
        try:
            return self._http.get("/health/readiness").is_success
        except httpx.TransportError:
            return False

    def token(self, *, anew: bool = False) -> str:
        """A bearer token that still holds for a while; with `anew`, one just given.

        A server that was started again does not know those it gave before.
        """
        if anew or not self._token or time.monotonic() >= self._renew_at:
            form = {"grant_type": "client_credentials", "client_id": self.client_id, "client_secret": self._secret}
            answer = self._sent(lambda: self._http.post(self._token_url, data=form))
            if not answer.is_success:
                raise _refusal(answer)
            granted = msgspec.json.decode(answer.content, type=_Granted)
            self._token = granted.access_token
            self._renew_at = time.monotonic() + granted.expires_in - RENEW_SECONDS
        return self._token

    def _answered(self, method: str, path: str, **request: Any) -> httpx.Response | None:
        headers = request.pop("headers", {})

        def send(token: str) -> httpx.Response:
            authorized = {**headers, "Authorization": f"Bearer {token}"}
            return self._sent(lambda: self._http.request(method, path, headers=authorized, **request))

        answer = send(self.token())
        for _ in range(TOKENS_ANEW_MAX):
            if answer.status_code != HTTPStatus.UNAUTHORIZED:
                break
            answer = send(self.token(anew=True))
        if answer.is_success:
            return answer
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        raise _refusal(answer)

    def _sent(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        """The answer to a request that is sent until there is one."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        pauses = _pauses()
        while True:
            try:
                answer = send()
                why = str(answer.status_code)
                if answer.status_code not in _AWAY:
                    return answer
            except httpx.TransportError as error:
                why = type(error).__name__
            if time.monotonic() >= deadline or self._gives_up():
                raise ServerAwayError(f"{self.base} does not answer ({why})")
            time.sleep(next(pauses))


def _pauses() -> Iterator[float]:
    """Longer and longer, up to the last, which goes on."""
    yield from _BACK_OFF_SECONDS
    while True:
        yield _BACK_OFF_SECONDS[-1]


def _refusal(answer: httpx.Response) -> RefusedError:
    try:
        problem = msgspec.json.decode(answer.content, type=_Problem)
    except msgspec.MsgspecError:
        problem = _Problem()
    return RefusedError(answer.status_code, problem.code, problem.title)
