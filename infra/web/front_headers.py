"""Which headers go past the front: all but those that are meant for one connection (RFC 9110, 7.6.1)."""

from collections.abc import Iterable
from typing import Final

Header = tuple[bytes, bytes]

CHUNKED: Final[Header] = (b"transfer-encoding", b"chunked")
LENGTH: Final = b"content-length"
HOP_BY_HOP: Final = frozenset({b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade"})
PROXY: Final = b"proxy-"
"""Proxy-Connection, Proxy-Authorization and their kind: said to this hop, or to another proxy's."""


def end_to_end(headers: Iterable[Header], without: bytes) -> list[Header]:
    """The headers that are passed on, in their order, with names in lower case; `without` this one.

    What Connection names goes too, except the body's length: that frames what follows, whatever is said of it. Where
    the body was sent in chunks its length is not believed, and goes (RFC 9112, 6.3).
    """
    lower = [(name.lower(), value) for name, value in headers]
    dropped = {without, *HOP_BY_HOP, *_named(lower)} - {LENGTH}
    if is_chunked(lower):
        dropped.add(LENGTH)
    return [header for header in lower if header[0] not in dropped and not header[0].startswith(PROXY)]


def is_chunked(headers: Iterable[Header]) -> bool:
    """Whether the body comes in chunks. Names are in lower case."""
    return any(name == CHUNKED[0] for name, _ in headers)


def _named(headers: Iterable[Header]) -> set[bytes]:
    lists = (value for name, value in headers if name == b"connection")
    return {option.strip().lower() for value in lists for option in value.split(b",")}
