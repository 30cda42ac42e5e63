"""The actors of a story as processes: started, brought on at their sign, started again if they were killed, ended."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

from demo.actor import ID, SECRET
from demo.ledger import Line
from demo.story import Actor, Story

ROOT: Final = Path(__file__).parents[1]
END_SECONDS: Final = 5


class Processes:
    """A context manager: whoever is still there at its end is ended, by id."""

    def __init__(self, story: Story, base: str, secrets: Mapping[str, str], speed: float) -> None:
        self._story: Final = story
        self._base: Final = base
        self._secrets: Final = secrets
        self._speed: Final = speed
        self._running: Final[dict[str, subprocess.Popen[bytes]]] = {}
        self._is_on: Final[set[str]] = set()

    def __enter__(self) -> "Processes":
        for actor in self._story.actors:
            self._start(actor)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for process in self._running.values():
            process.terminate()
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
                self._start(actor)

    @property
    def are_done(self) -> bool:
        """Whether every actor has said all of its part, or given up."""
        return all(process.poll() is not None for process in self._running.values())

    @property
    def failed(self) -> tuple[str, ...]:
        """Who gave up; why stands on the error output."""
        return tuple(name for name, process in self._running.items() if (process.poll() or 0) > 0)

    def _start(self, actor: Actor) -> None:
        arguments = ["--base", self._base, "--story", self._story.name, "--as", actor.name, "--speed", str(self._speed)]
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._running[actor.name] = subprocess.Popen(
            [sys.executable, "-m", "demo.actor", *arguments, "--at-sign"],
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
        try:
            signs.write(b"\n")
            signs.close()
        except BrokenPipeError:
            return  # it is gone; if it was killed, it is started again and brought on then
        self._is_on.add(name)
