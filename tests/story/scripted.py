"""A server in a thread that answers as a function says, so that a client meets whatever a server can do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the client sent. `key` is its Idempotency-Key, `token` its bearer token; empty where it sent none."""

    method: str
    path: str
    key: str
    token: str


Answers = Callable[[Request], tuple[int, Any]]
"""The status and the body, which is sent as JSON."""


@contextmanager
def scripted(answers: Answers) -> Iterator[str]:
    """The base URL of a server that answers so. Tokens are `token-1`, `token-2`, ..., whoever asks."""
    numbers = count(1)

    def grant() -> tuple[int, Any]:
        return 200, {"access_token": f"token-{next(numbers)}", "expires_in": 900}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            asked = Request(
                method=self.command,
                path=self.path,
                key=self.headers.get("Idempotency-Key", ""),
                token=self.headers.get("Authorization", "").removeprefix("Bearer "),
            )
            status, body = grant() if asked.path == "/demo/token" else answers(asked)
            sent = msgspec.json.encode(body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = answer  # noqa: N815 - the names http.server looks for

        def log_message(self, *_said: object) -> None:
            """A test says nothing on its own."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
