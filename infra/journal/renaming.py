"""What the names of one run are in another: learnt from all that stands in the same place in both."""

from collections import Counter
from typing import Final


class Renaming:
    """A name here and a name there that stand in the same place are one thing. Where places disagree, most count.

    So one wrong name is found where it is wrong, even if it was met first.
    """

    def __init__(self) -> None:
        self.there: Final[dict[str, str]] = {}
        """For each name here the one that most often stands in its place there."""
        self._here: Final[dict[str, str]] = {}
        self._times: Final[Counter[tuple[str, str]]] = Counter()

    def learn(self, ours: tuple[str, ...], theirs: tuple[str, ...]) -> None:
        """These stand in the same place, one by one."""
        for here, there in zip(ours, theirs, strict=False):
            self._times[here, there] += 1
            times = self._times[here, there]
            if times > self._times.get((here, self.there.get(here, "")), 0) or here not in self.there:
                self.there[here] = there
            if times > self._times.get((self._here.get(there, ""), there), 0) or there not in self._here:
                self._here[there] = here

    def agrees(self, here: str, there: str) -> bool:
        """Whether these two are one thing: each is what the other is elsewhere."""
        return self.there.get(here) == there and self._here.get(there) == here
