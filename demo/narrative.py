"""The live narrative: a line for each message, saying when, which service, what, because of what, and who was told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from rich.console import Console
from rich.text import Text

from demo import sentences
from demo.clients import BY_ID
from demo.ledger import Line

PIPED_COLUMNS: Final = 140
COLOURS: Final[Mapping[str, str]] = {
    "intake": "cyan",
    "casework": "blue",
    "disruption": "yellow",
    "victim_liaison": "magenta",
    "notifications": "green",
    "audit": "white",
}
_SERVICE_COLUMNS: Final = max(map(len, COLOURS))


def console() -> Console:
    """Where the narrative is shown: in colours on a terminal; plain, and as wide as its table needs, in a pipe."""
    shown = Console()
    return shown if shown.is_terminal else Console(width=PIPED_COLUMNS)


class Narrative:
    """Tells messages in the order of the ledger, and remembers them, so that a later one can name its cause."""

    def __init__(self, shown: Console) -> None:
        self._console: Final = shown
        self._names: Final[dict[str, str]] = {}
        self.lines: Final[list[Line]] = []

    @property
    def last(self) -> int:
        """The place in the ledger up to which everything was taken in."""
        return self.lines[-1].order if self.lines else 0

    def remember(self, line: Line) -> None:
        """Take a message in without telling it: it was told in a run before."""
        self.lines.append(line)
        self._names[line.id] = sentences.name_of(line)

    def tell(self, line: Line) -> None:
        """One line, however long: a terminal wraps it, a pipe gets it whole."""
        told = Text()
        told.append(f"{datetime.fromisoformat(line.recordedtime):%H:%M:%S}  ", style="dim")
        told.append(line.service.ljust(_SERVICE_COLUMNS + 2), style=COLOURS.get(line.service, ""))
        told.append(sentences.sentence(line), style="bold" if line.type == sentences.NOTICE else "")
        told.append(f"  [because: {self._cause(line)}]", style="dim")
        self._console.print(told, soft_wrap=True)
        self.remember(line)

    def _cause(self, line: Line) -> str:
        """The cause by its name; else who asked. What led to a message that crossed the wall stays behind it."""
        if line.causationid in self._names:
            return self._names[line.causationid]
        if line.actor in BY_ID:
            is_agency = "agency" in BY_ID[line.actor]["roles"]
            return "the agency's own report" if is_agency else f"{sentences.person(line.actor)} decided"
        if line.causationid == line.id:
            return "it stays on the victims' side"
        return f"a record that stays in {line.service}"
