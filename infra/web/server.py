"""Serves a host's application on one address until it is told to stop, and then lets requests under way finish.

SIGINT and SIGTERM are heard from the first moment to the last: a process that is told twice, or as it starts, or while
it ends, finishes what it has begun and ends well.
"""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext, suppress
from typing import Final

import uvicorn
from fastapi import FastAPI

GRACE_SECONDS: Final = 3
STOPPED_BY: Final = (signal.SIGINT, signal.SIGTERM)


class CannotListenError(Exception):
    """The address cannot be listened on: the sentence says which and why."""


def listening(address: str, port: int) -> socket.socket:
    """A socket bound to the address; port 0 takes a free one. Raises CannotListenError, before anything is started."""
    # The protocol is named so that asyncio turns Nagle's algorithm off: else each answer waits 40 ms for its turn.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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
        self._told: Final = asyncio.Event()
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
        """SIGINT and SIGTERM end the serving and nothing else: uvicorn would raise them again when it is done.

        They are heard until the loop is closed. To let go of them here would let the second one cut off whatever is
        still being finished.
        """
        for number in STOPPED_BY:
            asyncio.get_running_loop().add_signal_handler(number, self.leave)
        yield

    def leave(self) -> None:
        """End the serving: the first time in order, the second time without waiting for anybody who is answered."""
        self.force_exit = self.should_exit
        self.should_exit = True
        self._app.state.closing.set()
        self._told.set()

    async def told(self) -> None:
        """Return when somebody has said that the serving is to end."""
        await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let live streams end by themselves: nobody waits for a reader who only listens."""
        self._app.state.closing.set()
        await super().shutdown(sockets)

    async def run_on(self, bound: socket.socket) -> None:
        """Serve until SIGINT or SIGTERM, or until `should_exit` is set."""
        await self.serve(sockets=[bound])


@asynccontextmanager
async def serving(
    app: FastAPI, bound: socket.socket, life: AbstractAsyncContextManager[object] | None = None
) -> AsyncIterator[Server]:
    """Serve an application from now on until the block ends. `life` is what it lives from: it begins while it is
    served already, and ends once the last request was answered.

    Told to end before `life` has begun, it is given up, and the block is entered all the same: `told` returns at once.
    """
    server, lived = Server(app), life or nullcontext()
    running = asyncio.create_task(server.run_on(bound), name="server")
    running.add_done_callback(lambda _: server.leave())
    has_begun = False
    try:
        has_begun = await _begun(lived, server)
        yield server
    finally:
        server.should_exit = True
        try:
            await running
        finally:
            if has_begun:
                await lived.__aexit__(None, None, None)


async def _begun(life: AbstractAsyncContextManager[object], server: Server) -> bool:
    """False where the server was told to end before that: then it is given up, which undoes what was done of it."""
    beginning, told = asyncio.ensure_future(life.__aenter__()), asyncio.ensure_future(server.told())
    await asyncio.wait({beginning, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if beginning.done():
        beginning.result()
        return True
    beginning.cancel()
    with suppress(asyncio.CancelledError):
        await beginning
        return True
    return False
