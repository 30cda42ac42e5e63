"""Every event class there is, by its wire name: the registry that decoding, publishing and the tests go by."""

from collections.abc import Callable, Mapping
from inspect import isclass
from types import ModuleType
from typing import Any, Final

from schemas import audit, casework, disruption, intake, journal, notifications, victim_liaison
from schemas.event import Event, Message

MODULES: Final = (intake, casework, disruption, victim_liaison, notifications, audit, journal)


def declared(module: ModuleType) -> tuple[type[Event], ...]:
    """The event classes that a module itself declares, in their order."""
    return tuple(
        thing
        for thing in vars(module).values()
        if isclass(thing) and issubclass(thing, Event) and thing.__module__ == module.__name__
    )


ALL: Final[Mapping[str, type[Event]]] = {event.TYPE: event for module in MODULES for event in declared(module)}
MESSAGES: Final = {name: event for name, event in ALL.items() if issubclass(event, Message)}

Upcast = Callable[[Any], Event]
UPCASTS: Final[Mapping[str, tuple[type[Event], Upcast]]] = {}
"""Old wire name -> its class as it was, and the function to its successor. One entry for each shape given up."""
