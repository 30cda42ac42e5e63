"""The way from report to notice, through processes of its own: sent along it one by one, or at a steady rate."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from time import perf_counter
from types import TracebackType
from typing import Final, Self

from infra.bench.hops import NAMES
from infra.bench.sample import breach
from infra.bench.station import READY, Post, Stamp
from infra.deploy.artifacts import last_lines

START_SECONDS_MAX: Final = 60.0
SECONDS_MAX: Final = 30.0
"""A report that has not become a notice by then never does."""
END_SECONDS_MAX: Final = 20.0

Work = Callable[[Post, Connection], None]


class BrokenError(OSError):
    """What was sent does not arrive, or a process has ended: the sentence says what is known of it."""


class Way:
    """The processes of these posts, the first of which takes the reports. `with` it, because they must end."""

    def __init__(self, posts: Sequence[Post], work: Work) -> None:
        # Not forked: a child would inherit the connections of the others, and never see them end.
        context = get_context("spawn")
        self._posts: Final = posts
        pipes = [context.Pipe() for _ in posts]
        self._ends: Final = [ours for ours, _ in pipes]
        self._others: Final = [theirs for _, theirs in pipes]
        self._processes: Final = [
            context.Process(target=work, args=(post, theirs), daemon=True)
            for post, theirs in zip(posts, self._others, strict=True)
        ]
        self._stamps: Final[dict[tuple[str, str], float]] = {}
        self._ready = 0
        self._taken = 0

    def __enter__(self) -> Self:
        with ExitStack() as unless_ready:
            unless_ready.callback(self._end)
            self._start(0, 1)  # it issues the tokens that the others ask for
            self._start(1, len(self._processes))
            unless_ready.pop_all()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._end()

    def _start(self, first: int, until: int) -> None:
        for process, theirs in zip(self._processes[first:until], self._others[first:until], strict=True):
            process.start()
            theirs.close()
        self._until(lambda: self._ready == until, START_SECONDS_MAX)

    def _end(self) -> None:
        for end in self._ends:
            end.close()
        for process in self._processes:
            if process.pid is None:
                continue
            process.join(END_SECONDS_MAX)
            if process.is_alive():
                process.kill()
                process.join()

    def one_by_one(self, count: int) -> list[float]:
        """So many reports, each sent when the one before has become a notice. Returns the seconds of each."""
        return [self._seconds(self._arrived(self._send())) for _ in range(count)]

    def steadily(self, count: int, a_second: float) -> list[float]:
        """So many reports, sent as often as that whatever becomes of them. Returns the seconds of each."""
        begun, sent = perf_counter(), []
        for number in range(count):
            pause = begun + number / a_second - perf_counter()
            if pause > 0:
                time.sleep(pause)
            sent.append(self._send())
        return [self._seconds(self._arrived(report)) for report in sent]

    def _send(self) -> str:
        self._taken += 1
        self._ends[0].send(self._taken)
        return breach(self._taken).report

    def _arrived(self, report: str) -> str:
        self._until(lambda: all((name, report) in self._stamps for name in (NAMES[0], NAMES[-1])), SECONDS_MAX)
        return report

    def _seconds(self, report: str) -> float:
        """From the commit of the first service to the commit of the last."""
        return self._stamps.pop((NAMES[-1], report)) - self._stamps.pop((NAMES[0], report))

    def _until(self, holds: Callable[[], bool], seconds_max: float) -> None:
        deadline = perf_counter() + seconds_max
        while not holds():
            said = wait(self._ends, max(0.0, deadline - perf_counter()))
            if not said:
                raise BrokenError(f"nothing came for {seconds_max:g} seconds: {self._last_said()}")
            for end in said:
                assert isinstance(end, Connection)
                self._hear(end)

    def _hear(self, end: Connection) -> None:
        try:
            match end.recv():
                case Stamp(service, report, at):
                    self._stamps[service, report] = at
                case said:
                    assert said == READY
                    self._ready += 1
        except (EOFError, OSError):
            names = " and ".join(self._posts[self._ends.index(end)].names)
            raise BrokenError(f"the process of {names} has ended: {self._last_said()}") from None

    def _last_said(self) -> str:
        """What the processes logged last: it goes with the directory, so it is said here."""
        logs = [post.log for post in self._posts if post.log.exists()]
        return "\n".join(f"{log.stem}: {last_lines(log.read_text(errors='replace'))}" for log in logs)
