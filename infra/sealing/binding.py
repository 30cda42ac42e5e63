"""Several texts as one run of bytes that no other texts give: what a seal, a wrapped key or a token is bound to."""

from typing import Final

_LENGTH_BYTES: Final = 4


def bind(use: str, *parts: str) -> bytes:
    """Each text behind its length, so that ("ab", "c") and ("a", "bc") differ; `use` keeps one use from another.

    Total over every `str`: an encoding error would carry the text it failed on.
    """
    encoded = [part.encode("utf-8", "surrogatepass") for part in (use, *parts)]
    return b"".join(len(part).to_bytes(_LENGTH_BYTES) + part for part in encoded)
