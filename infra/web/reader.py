"""Who is asking: a worker, an agency's system or a service, as the token says."""

from dataclasses import dataclass
from typing import Literal

Role = Literal[
    "case-manager",
    "coordinator",
    "practice-manager",
    "liaison-worker",
    "liaison-lead",
    "agency",
    "auditor",
    "operator",
    "service",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A reader of one site. `id` is a worker's reference, an agency's code or a service's name."""

    id: str
    roles: frozenset[Role]
    agency: str
    site: str

    def has(self, *roles: Role) -> bool:
        """Whether the reader holds at least one of these roles."""
        return not self.roles.isdisjoint(roles)
