"""Logs: one canonical line for each thing handled, as JSON or for a terminal; never any personal data."""

import logging
import sys
from typing import Any, Final, Literal, TextIO

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
    "opened",
    "clock-doubted",
    "rebuilt",
    "relayed",
    "odd-record",
    "topic-wrong",
]
"""Every event name a log line may have."""

_FIELDS: Final = frozenset(
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
        "fields",
        "purpose",
        "index",
        "records",
        "port",
        "topic",
        "offset",
        "setting",
    }
)


def _only_declared(_logger: object, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Drop what is not declared: a field nobody thought about cannot carry somebody's name out."""
    return {name: value for name, value in line.items() if name in _FIELDS}


def configure(*, as_json: bool, level: str = "INFO", to: TextIO = sys.stderr) -> None:
    """Set up logging for a process. No traceback is ever written: its frames may hold what somebody said."""
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


def log(line: Line, *, level: Literal["debug", "info", "warning", "error"] = "info", **fields: object) -> None:
    """Write one canonical line. Fields are codes, names and numbers of ours; nothing that was sent."""
    getattr(structlog.get_logger(), level)(line, **fields)
