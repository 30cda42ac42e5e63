"""The actors of a story as processes: started, brought on at their sign, started again if they were killed, ended."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from demo.actor import ID, SECRET
from demo.client import TOKEN_PATH
from demo.ledger import Line
from demo.story import Actor, Story

ROOT: Final = Path(__file__).parents[1]
END_SECONDS: Final = 5


class Processes:
    """A context manager: whoever is still there at its end is ended, by id."""

    def __init__(
        self, story: Story, base: str, secrets: Mapping[str, str], speed: float, *, token_url: str = TOKEN_PATH
    ) -> None:
        self._story: Final = story
        self._base: Final = base
        self._secrets: Final = secrets
        self._speed: Final = speed
        self._token_url: Final = token_url
        self._running: Final[dict[str, subprocess.Popen[bytes]]] = {}
        self._is_on: Final[set[str]] = set()

    def __enter__(self) -> Self:
        for actor in self._story.actors:
            self._start(actor)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for process in self._running.values():
            process.terminate()
            _close(process)
        for process in self._running.values():
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def bring_on(self, lines: Sequence[Line]) -> None:
        """Let those begin whose signs were all seen."""
        for actor in self._story.actors:
            if actor.name not in self._is_on and all(sign.is_in(lines) for sign in actor.comes_on):
                self._let_begin(actor.name)

    def look_after(self) -> None:
        """Start those again who were killed: they say again what they said, and go on."""
        for actor in self._story.actors:
            if (self._running[actor.name].poll() or 0) < 0:
                _close(self._running[actor.name])
                self._start(actor)

    @property
    def ids(self) -> Mapping[str, int]:
        """The process of each actor."""
        return {name: process.pid for name, process in self._running.items()}

    @property
    def are_done(self) -> bool:
        """Whether every actor has said all of its part."""
        return all(process.poll() == 0 for process in self._running.values())

    @property
    def failed(self) -> tuple[str, ...]:
        """Who gave up; why stands on the error output."""
        return tuple(name for name, process in self._running.items() if (process.poll() or 0) > 0)

    def _start(self, actor: Actor) -> None:
        arguments = ["--base", self._base, "--story", self._story.name, "--as", actor.name, "--speed", str(self._speed)]
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._running[actor.name] = subprocess.Popen(
            [sys.executable, "-m", "demo.actor", *arguments, "--token-url", self._token_url, "--at-sign"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(paths),
                ID: actor.client,
                SECRET: self._secrets[actor.client],
            },
            start_new_session=True,  # Ctrl-C is for whoever plays; the actors are ended by it, in order
        )
        self._is_on.discard(actor.name)

    def _let_begin(self, name: str) -> None:
        signs = self._running[name].stdin
        assert signs is not None
        # Who is gone already was killed: it is started again, and brought on then.
        with suppress(BrokenPipeError):
            signs.write(b"\n")
        _close(self._running[name])
        self._is_on.add(name)


def _close(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.close()
