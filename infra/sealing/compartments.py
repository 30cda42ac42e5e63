"""The compartments of personal data and which services may hold the private key of each: the walls, as a table.

Anyone may seal to any compartment. Only a holder can open, or look somebody up by a token.
"""

from collections.abc import Mapping
from typing import Final, get_args

from schemas.sealed import Compartment

COMPARTMENTS: Final[tuple[Compartment, ...]] = get_args(Compartment)

HOLDERS: Final[Mapping[Compartment, frozenset[str]]] = {
    "person": frozenset({"intake", "casework", "disruption", "victim_liaison"}),
    "notes": frozenset({"casework"}),
    "victim": frozenset({"victim_liaison"}),
    "informant": frozenset({"victim_liaison"}),
    "staff": frozenset({"notifications", "victim_liaison"}),
    "report": frozenset({"intake"}),
}
"""Compartment -> the services that may hold its private key and its index key."""


def held_by(service: str) -> tuple[Compartment, ...]:
    """The compartments that this service may open; none for a service nobody has given any."""
    return tuple(compartment for compartment in COMPARTMENTS if service in HOLDERS[compartment])
