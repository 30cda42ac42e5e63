"""Logs: one canonical line for each thing handled, as JSON or for a terminal; never any personal data.

What libraries log, and what nobody catches, becomes a line as well: that it happened, where and how badly, never its
words, which may be anybody's. What each line means is told in docs/operations.md.
"""

import logging
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import PurePath
from types import TracebackType
from typing import Any, Final, Literal, TextIO, get_args

import structlog

Line = Literal[
    "asked",
    "heard",
    "stopped",
    "stalled",
    "failed",
    "started",
    "ended",
    "served",
    "clock-doubted",
    "relayed",
    "odd-record",
    "topic-wrong",
    "warned",
]
"""Every event name a log line may have. `warned`: a library did."""
LINES: Final[frozenset[str]] = frozenset(get_args(Line))

FIELDS: Final = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "service",
        "site",
        "command",
        "source",
        "outcome",
        "events",
        "messages",
        "number",
        "lag",
        "code",
        "error",
        "method",
        "route",
        "status",
        "duration_ms",
        "topic",
        "offset",
        "setting",
        "library",
        "at",
        "times",
    }
)
"""Every field one may have."""

AGAIN_SECONDS: Final = 10.0
"""A library that says the same again and again, as a client does of a broker that is away, is heard this often."""
OUR_OWN: Final = "python"
"""The `library` of what nobody caught."""
TRAIL_MAX: Final = 6

Level = Literal["debug", "info", "warning", "error"]


def _only_declared(_logger: object, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Drop what is not declared: a field nobody thought about cannot carry somebody's name out."""
    return {name: value for name, value in line.items() if name in FIELDS}


def configure(*, as_json: bool, level: str = "INFO", to: TextIO = sys.stderr) -> Callable[[], None]:
    """Set up logging for a process: every line goes to `to`, and nothing of any library goes anywhere else.

    No traceback is ever written: its frames may hold what somebody said. Returns how to undo it, for tests.
    """
    renderer: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_declared,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(file=to),
        cache_logger_on_first_use=False,
    )
    return _take_over(to)


def log(line: Line, *, level: Level = "info", **fields: object) -> None:
    """Write one canonical line. Fields are codes, names and numbers of ours; nothing that was sent.

    Where nothing can be written, as on a full disk, it is lost: what it is about must not fail for it.
    """
    with suppress(OSError, ValueError):  # ValueError: the file is closed
        getattr(structlog.get_logger(), level)(line, **fields)


class Libraries(logging.Handler):
    """Turns what libraries log, from WARNING on, into lines without their text. Safe for threads."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(logging.WARNING)
        self._now: Final = now
        self._said: Final[dict[tuple[str, str, int], tuple[float, int]]] = {}
        """Logger, file and line -> when it was said last, and how often it was not said since."""

    def emit(self, record: logging.LogRecord) -> None:
        """Where something was said a moment ago, it is only counted. `Handler.handle` holds the lock."""
        where = (record.name, record.filename, record.lineno)
        said_at, unsaid = self._said.get(where, (-AGAIN_SECONDS, 0))
        now = self._now()
        if now - said_at < AGAIN_SECONDS:
            self._said[where] = said_at, unsaid + 1
            return
        self._said[where] = now, 0
        error = record.exc_info[0] if record.exc_info else None
        _warned(
            "error" if record.levelno >= logging.ERROR else "warning",
            record.name,
            f"{record.filename}:{record.lineno}",
            error,
            unsaid + 1,
        )


def _warned(level: Level, library: str, at: str, error: type[BaseException] | None, times: int = 1) -> None:
    fields = {} if error is None else {"error": error.__name__}
    log("warned", level=level, library=library, at=at, times=times, **fields)


def trail(trace: TracebackType | None) -> str:
    """Where something was raised, as files and lines, innermost last: `serve.py:77 host.py:95`. No word of it."""
    places: list[str] = []
    while trace is not None:
        places.append(f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " ".join(places[-TRAIL_MAX:])


def _take_over(to: TextIO) -> Callable[[], None]:
    """Let nothing reach stderr by itself: what libraries log, warnings, and what nobody caught in whatever thread."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook, warnings.showwarning

    def uncaught(kind: type[BaseException], _error: BaseException, trace: TracebackType | None) -> None:
        _warned("error", OUR_OWN, trail(trace), kind)
        if to is not sys.stderr:  # whoever sits at the terminal sees at least that it failed, and where
            sys.stderr.write(f"cordon: {kind.__name__} at {trail(trace)}\n")

    def uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
        _warned("error", OUR_OWN, trail(args.exc_traceback), args.exc_type)

    def unraisable(args: Any) -> None:
        _warned("error", OUR_OWN, trail(args.exc_traceback), args.exc_type)

    def warning(
        message: Warning | str,  # noqa: ARG001 - its words may be anybody's
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,  # noqa: ARG001 - everything goes to one place
        line: str | None = None,  # noqa: ARG001 - as the message
    ) -> None:
        _warned("warning", OUR_OWN, f"{PurePath(filename).name}:{lineno}", category)

    def undo() -> None:
        structlog.reset_defaults()
        root.handlers[:] = handlers
        root.setLevel(level)
        sys.excepthook, threading.excepthook, sys.unraisablehook, warnings.showwarning = hooks

    root.handlers[:] = [Libraries()]
    root.setLevel(logging.WARNING)
    sys.excepthook, threading.excepthook, sys.unraisablehook = uncaught, uncaught_in_thread, unraisable
    warnings.showwarning = warning
    return undo
