"""What audit does with what it hears: it witnesses every message, whatever it says."""

from collections.abc import Sequence
from typing import Final

from infra.service import EVERYTHING, Ask, Heard, Known, Note
from schemas.event import Event
from services.audit.domain import ledger

HEARS: Final[dict[str, tuple[type[Event], ...]]] = {
    "intake": EVERYTHING,
    "casework": EVERYTHING,
    "disruption": EVERYTHING,
    "victim_liaison": EVERYTHING,
    "notifications": EVERYTHING,
}


def react(heard: Heard, _known: Known) -> Sequence[Note | Ask]:
    """The bytes are kept as they are: the hash of anything else would prove nothing."""
    command = ledger.WitnessMessage(
        service=heard.source, number=heard.number, hash=heard.hash, record=heard.raw.decode()
    )
    return (Ask(ledger, heard.source, command),)
