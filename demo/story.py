"""What a story is: actors with their steps, signs that bring some of them on, and the outcomes that must be seen."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.client import Api
from demo.ledger import Line
from demo.step import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A message that brings an actor on: its type, and what its data holds at least."""

    type: str
    holds: Mapping[str, Any] = field(default_factory=dict)

    def is_in(self, lines: Iterable[Line]) -> bool:
        """Whether such a message was seen."""
        return any(
            line.type == self.type and all(line.data.get(name) == value for name, value in self.holds.items())
            for line in lines
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who acts, as a process of its own, with the token of `client`.

    `comes_on` are the signs that bring it on: a prison knows of its own when somebody is brought in, a court when it
    sits. They stand for the world outside, of which no agency learns through the API.
    """

    name: str
    client: str
    steps: tuple[Step, ...]
    comes_on: tuple[Sign, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Whether an expected outcome was seen, and what was."""

    is_seen: bool
    detail: str


Look = Callable[[str], Api]
"""`(client)` -> the API as that client sees it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story that can be played, again and again, on the same data or another.

    `outcomes` looks through the API, each thing as somebody who may see it, and gives each expected outcome by its
    name, in order.
    """

    name: str
    title: str
    actors: tuple[Actor, ...]
    outcomes: Callable[[Look], Mapping[str, Seen]]

    def actor(self, name: str) -> Actor:
        """The actor of this name. Raises KeyError."""
        return {actor.name: actor for actor in self.actors}[name]
