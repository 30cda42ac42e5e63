"""What a module must offer to be decided with, and the two pure functions that run it.

A decider is a module, not a class: events, state, `evolve`, commands, `decide`, in that order, and nothing else.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from schemas.event import Event
from schemas.rejection import Answer, Rejected

State = TypeVar("State")

Policy = Callable[[Any, Any], str | None]
"""A rule: `(command, state)` to the code of its refusal, or None. Its function's name is the rule's name."""

Policies = Mapping[type, Sequence[Policy]]
"""The rules of each command, in the order in which they are asked."""


class Decider(Protocol[State]):
    """Load, fold, decide, append: the command handler does it for whatever offers these six."""

    CATEGORY: str
    """The first word of the names of its streams: `action` for `action-act_…`."""
    RULES_VERSION: int
    """Raised when POLICIES or `decide` change; kept with every decision, so that it can be explained later."""
    INITIAL: State
    POLICIES: Policies

    def decide(self, command: Any, state: State, /) -> Sequence[Event]:
        """The events that follow, `[]` when there is nothing to do; raises Rejected."""
        ...

    def evolve(self, state: State, event: Any, /) -> State:
        """What the state is after the event. Total over every event and note of the stream."""
        ...


def fold(decider: Decider[State], events: Iterable[Event], state: State | None = None) -> State:
    """The state after these events, from `state` or from the decider's initial one."""
    folded = decider.INITIAL if state is None else state
    for event in events:
        folded = decider.evolve(folded, event)
    return folded


def answers(policies: Policies, command: object, state: object) -> tuple[Answer, ...]:
    """What every rule of this command says, not only the first that refuses: the explanation that is kept."""
    return tuple(
        Answer(rule=policy.__name__.replace("_", "-"), refused=policy(command, state))
        for policy in policies.get(type(command), ())
    )


def enforce(policies: Policies, command: object, state: object) -> None:
    """Ask every rule of this command. Raises Rejected with the first refusal's code and all the answers."""
    given = answers(policies, command, state)
    for answer in given:
        if answer.refused is not None:
            raise Rejected(answer.refused, answers=given)
