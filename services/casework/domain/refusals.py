"""What people read when casework says no."""

from collections.abc import Mapping
from typing import Final

REFUSALS: Final[Mapping[str, str]] = {
    "case-not-open": "There is no open case for this person. A case is opened by a referral.",
    "worker-on-both-sides": ("This worker stands on the other side of this case. Name somebody else."),
    "engagement-state-unknown": "This is not a way of taking part that the catalogue knows. Choose one that it lists.",
}
