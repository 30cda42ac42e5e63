"""What people read when notifications says no."""

from collections.abc import Mapping
from typing import Final

REFUSALS: Final[Mapping[str, str]] = {
    "notice-unknown": "There is no such notice.",
    "notice-not-yours": "This notice is on somebody else's list. Only whoever it was meant for can have seen it.",
}
