"""What each topic must be, so that nothing is lost or reordered on it (rule 19)."""

from dataclasses import dataclass
from typing import Final

from infra.bus.kafka.client import Kafka

MESSAGES: Final = "messages"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A setting that is not as it must be."""

    topic: str
    setting: str


async def check(kafka: Kafka, topic: str, kind: str) -> tuple[Wrong, ...]:  # noqa: ARG001 - to be written
    """What is wrong with a topic."""
    return ()
