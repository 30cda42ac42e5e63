"""Outcomes: what must be seen through the API once a story is played, and the table that shows it."""

from collections.abc import Callable, Mapping
from typing import Final

from rich.table import Table

from demo.story import Seen


class NotSeenError(Exception):
    """What an outcome looks at is not there (yet). The text says what was looked for."""


Outcome = Callable[[], Seen]
SEEN: Final = "[green]seen[/]"
NOT_SEEN: Final = "[bold red]not seen[/]"


def seen(detail: str) -> Seen:
    """It was as expected."""
    return Seen(is_seen=True, detail=detail)


def compared(expected: object, actual: object, detail: str = "") -> Seen:
    """Whether the two are equal; the detail of the first is shown, the difference of the others."""
    if expected == actual:
        return seen(detail or str(actual))
    return Seen(is_seen=False, detail=f"expected {expected}, and it is {actual}")


def looked_at(outcomes: Mapping[str, Outcome]) -> Mapping[str, Seen]:
    """Each outcome by its name, in order, with what was seen of it."""
    return {name: _looked_at(outcome) for name, outcome in outcomes.items()}


def _looked_at(outcome: Outcome) -> Seen:
    try:
        return outcome()
    except NotSeenError as error:
        return Seen(is_seen=False, detail=str(error))


def table(title: str, outcomes: Mapping[str, Seen]) -> Table:
    """The outcomes as people read them."""
    shown = Table(title=title, title_justify="left", title_style="bold")
    for column in ("expected", "", "what was seen"):
        shown.add_column(column)
    for name, outcome in outcomes.items():
        shown.add_row(name, SEEN if outcome.is_seen else NOT_SEEN, outcome.detail)
    return shown
