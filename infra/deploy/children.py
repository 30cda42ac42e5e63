"""Processes that run as long as whoever started them: started again when they end by themselves, ended together."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from infra.deploy.keeper import Keeper

END_SECONDS_MAX: Final = 20.0
"""A service finishes what it has begun: a few seconds, and more on a busy machine."""
FIRST_PAUSE_SECONDS: Final = 0.5
PAUSE_SECONDS_MAX: Final = 15.0
LONG_ENOUGH_SECONDS: Final = 30.0
"""Whoever has run for so long is started again at once, as the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a process is started with. `environment` comes on top of ours; secrets are there and in no argument."""

    words: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)


class Children:
    """A context manager. What each process says stands in `<name>.log` in `logs`, its id in `<name>.pid`. For one
    thread.
    """

    def __init__(self, commands: Mapping[str, Command], logs: Path) -> None:
        self._children: Final = {name: _Child(name, command, logs) for name, command in commands.items()}

    def __enter__(self) -> Self:
        for child in self._children.values():
            child.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for child in self._children.values():
            child.ask_to_end()
        for child in self._children.values():
            child.end()

    def look_after(self) -> tuple[str, ...]:
        """Start those again that have ended, after a pause that grows. Returns who was started. Called often."""
        return tuple(name for name, child in self._children.items() if child.start_again_if_it_is_time())


class _Child:
    def __init__(self, name: str, command: Command, logs: Path) -> None:
        self._command: Final = command
        self._log: Final = logs / f"{name}.log"
        self._id: Final = logs / f"{name}.pid"
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: Keeper | None = None
        self._started_at = 0.0
        self._again_at: float | None = None
        self._pause = FIRST_PAUSE_SECONDS

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - words of our own
                list(self._command.words),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self._command.environment},
                start_new_session=True,  # Ctrl-C is for us, who then end it in order
            )
        self._keeper = Keeper(self._process)
        self._id.write_text(f"{self._process.pid}\n")
        self._started_at, self._again_at = time.monotonic(), None

    def start_again_if_it_is_time(self) -> bool:
        assert self._process is not None
        if self._process.poll() is None:
            return False
        now = time.monotonic()
        if self._again_at is None:
            self._let_go()
            has_run_long = now - self._started_at > LONG_ENOUGH_SECONDS
            self._pause = FIRST_PAUSE_SECONDS if has_run_long else min(self._pause * 2, PAUSE_SECONDS_MAX)
            self._again_at = now + self._pause
        if now < self._again_at:
            return False
        self.start()
        return True

    def ask_to_end(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def end(self) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(END_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._let_go()

    def _let_go(self) -> None:
        self._id.unlink(missing_ok=True)
        if self._keeper is not None:
            self._keeper.let_go()
            self._keeper = None
