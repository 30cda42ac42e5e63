"""Records to bytes and back: encoded once, decoded strictly, old shapes brought up to date as they are read."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from schemas import vocabulary
from schemas.envelope import Record
from schemas.event import Event, Message


class UnknownTypeError(Exception):
    """A record of a type that is not in `schemas`: a newer version is being rolled out, or it is not ours."""


class Codec:
    """The event classes that can be said, by wire name, and how those given up become today's."""

    def __init__(
        self,
        events: Mapping[str, type[Event]] = vocabulary.ALL,
        upcasts: Mapping[str, tuple[type[Event], vocabulary.Upcast]] = vocabulary.UPCASTS,
    ) -> None:
        self._envelope: Final = msgspec.json.Decoder(Record)
        self._encoder: Final = msgspec.json.Encoder()
        self._upcasts: Final = upcasts
        self._decoders: Final[dict[str, msgspec.json.Decoder[Any]]] = {
            name: msgspec.json.Decoder(kind) for name, kind in events.items()
        } | {name: msgspec.json.Decoder(old) for name, (old, _) in upcasts.items()}

    def data(self, event: Event) -> msgspec.Raw:
        """The event itself, as it stands in its record."""
        return msgspec.Raw(self._encoder.encode(event))

    def encode(self, record: Record) -> bytes:
        """The bytes that are stored, hashed and carried."""
        return self._encoder.encode(record)

    def envelope(self, raw: bytes) -> Record:
        """The envelope of a record, its data untouched. Raises msgspec.DecodeError or its ValidationError."""
        return self._envelope.decode(raw)

    def event(self, record: Record) -> Event:
        """What a record says, in today's shape. Raises UnknownTypeError, or msgspec's errors for what does not fit."""
        decoder = self._decoders.get(record.type)
        if decoder is None:
            raise UnknownTypeError(record.type)
        event: Event = decoder.decode(record.data)
        while (old := self._upcasts.get(event.TYPE)) is not None:
            event = old[1](event)
        return event

    @property
    def names(self) -> frozenset[str]:
        """Every wire name that can be decoded."""
        return frozenset(self._decoders)

    def knows(self, name: str) -> bool:
        """Whether a type can be decoded."""
        return name in self._decoders

    def wire_names(self, events: Iterable[type[Event]]) -> frozenset[str]:
        """Every name under which these facts were ever said: today's, and those of the shapes given up for them.

        `service.fact.vN`: the shapes of one fact differ in their version alone.
        """
        today = frozenset(event.TYPE for event in events)
        facts = {_fact(name) for name in today}
        return today | {old for old in self._upcasts if _fact(old) in facts}


def _fact(name: str) -> str:
    return name.rpartition(".")[0]


def is_message(event: Event) -> bool:
    """Whether other services hear of it, when this service itself decided it."""
    return isinstance(event, Message)
