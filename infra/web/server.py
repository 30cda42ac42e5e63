"""Serves a host's application on one address until it is told to stop, and then lets requests under way finish."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from fastapi import FastAPI

GRACE_SECONDS: Final = 3
STOPPED_BY: Final = (signal.SIGINT, signal.SIGTERM)


class CannotListenError(Exception):
    """The address cannot be listened on: the sentence says which and why."""


def listening(address: str, port: int) -> socket.socket:
    """A socket bound to the address; port 0 takes a free one. Raises CannotListenError, before anything is started."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((address, port))
        bound.listen(128)
    except OSError as error:
        bound.close()
        raise CannotListenError(f"port {port} on {address} cannot be used: {error.strerror}") from None
    return bound


class Server(uvicorn.Server):
    """uvicorn with its own log silenced: every request has a canonical line of ours already."""

    def __init__(self, app: FastAPI) -> None:
        self._app: Final = app
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
                lifespan="off",
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM end the serving and nothing else: uvicorn would raise them again when it is done."""
        loop = asyncio.get_running_loop()
        for number in STOPPED_BY:
            loop.add_signal_handler(number, self._leave)
        try:
            yield
        finally:
            for number in STOPPED_BY:
                loop.remove_signal_handler(number)

    def _leave(self) -> None:
        """The first time in order, the second time at once."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let live streams end by themselves: nobody waits for a reader who only listens."""
        self._app.state.closing.set()
        await super().shutdown(sockets)

    async def run_on(self, bound: socket.socket) -> None:
        """Serve until SIGINT or SIGTERM, or until `should_exit` is set."""
        await self.serve(sockets=[bound])
