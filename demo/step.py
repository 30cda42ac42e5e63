"""A step of an actor: it waits until the API shows that its moment has come, and then says its part.

Nothing of how far an actor has come is kept on its side. Each step is said again after a restart, under the same key,
and gets the same answer; so what a step waits for must still be seen after the step was done.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from demo.client import Api, RefusedError

Context = Mapping[str, Any]
"""What a step found when its moment had come, for what it then says."""

STEP_SECONDS_MAX: Final = 1800.0
"""A step whose moment has not come by then never comes: somebody else has failed."""
SAID_SECONDS_MAX: Final = 60.0
"""By then every service has heard what a command may have to wait for."""
REPEATED: Final = "repeated"


class StuckError(Exception):
    """The moment of a step has not come, or what it says is not taken."""


def at_once(_api: Api) -> Context | None:
    """The moment has come as soon as the actor is there."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a story is played. At speed 1 people can follow it."""

    speed: float

    @property
    def pause_seconds(self) -> float:
        """Between the moment of a step and its word."""
        return 1.5 / self.speed

    @property
    def look_seconds(self) -> float:
        """Between two looks whether the moment has come: seldom enough not to keep the server from its work."""
        return min(0.5, max(0.15, 0.5 / self.speed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a step speaks with. `key` is of story, actor and step; `passing` are refusals that pass by themselves."""

    api: Api
    key: str
    pace: Pace
    passing: frozenset[str]

    def say(self, path: str, body: Mapping[str, Any] | None = None, *, part: str = "") -> Any:
        """Say a command until it is taken, and give what came of it. `part` tells apart what one step says.

        A refusal that passes is an answer for ever under its key, so the next attempt has the next key: said all
        over again, the attempts come to the same answers. Nothing there means that word of it has not come through
        yet. Raises RefusedError, or StuckError after SAID_SECONDS_MAX.
        """
        key = f"{self.key}:{part}" if part else self.key
        deadline = time.monotonic() + SAID_SECONDS_MAX
        attempt = 0
        while time.monotonic() < deadline:
            try:
                answer = self.api.post(path, body, key=f"{key}#{attempt}" if attempt else key)
                if answer is not None:
                    return answer
            except RefusedError as refusal:
                if refusal.code not in self.passing:
                    raise
                attempt += 1
            time.sleep(self.pace.look_seconds)
        raise StuckError(f"nobody took {self.key}")

    def tell(self, kind: str, time: str, report: Mapping[str, Any]) -> Any:
        """Tell, in an agency's name, a report of this kind of what happened at that time, and give its receipt."""
        event = {
            "specversion": "1.0",
            "id": self.key,
            "source": f"//{self.api.client_id}.example.org/demonstration",
            "type": kind,
            "time": time,
            "datacontenttype": "application/json",
            "data": report,
        }
        receipt = self.api.tell(event)
        if receipt is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, "not-there", f"{self.api.client_id} may not tell anything here")
        return receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`when` gives the context once the moment has come, and None before; `do` then says what is to be said."""

    name: str
    do: Callable[[Turn, Context], object]
    when: Callable[[Api], Context | None] = at_once
    passing: frozenset[str] = frozenset()


def wait(step: Step, api: Api, pace: Pace) -> Context:
    """The context of a step, once its moment has come. Raises StuckError."""
    deadline = time.monotonic() + STEP_SECONDS_MAX
    while time.monotonic() < deadline:
        context = step.when(api)
        if context is not None:
            return context
        time.sleep(pace.look_seconds)
    raise StuckError(f"the moment for {step.name} has not come")
