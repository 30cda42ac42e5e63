"""How Cordon says no: one exception, a stable code, and where in what was sent the trouble lies."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one named rule answered when it was asked: nothing against it, or the code of its refusal."""

    rule: str
    refused: str | None = None


class Rejected(Exception):  # noqa: N818 - the field's word, not an error of the program
    """The domain says no. `code` is stable and kebab-case; `pointer` is a JSON pointer into what was sent, if any."""

    def __init__(self, code: str, pointer: str = "", answers: Sequence[Answer] = ()) -> None:
        super().__init__(code)
        self.code: Final = code
        self.pointer: Final = pointer
        self.answers: Final = tuple(answers)
