"""Who takes part: every client of the demonstration, invented, with roles and agency. Secrets are made elsewhere."""

from typing import Final, Literal, TypedDict

Role = Literal[
    "case-manager",
    "coordinator",
    "practice-manager",
    "liaison-worker",
    "liaison-lead",
    "agency",
    "auditor",
]


class Client(TypedDict):
    """One client: an agency's code or a worker's reference, how people call it, and what its token is to say."""

    id: str
    name: str
    roles: tuple[Role, ...]
    agency: str


POLICE: Final = "northmere-police"
COURTS: Final = "northmere-courts"
PRISON: Final = "hmp-fennholt"
COORDINATOR: Final = "wrk_ruth-alder"
CASE_MANAGER: Final = "wrk_tomas-bright"
PRACTICE_MANAGER: Final = "wrk_hana-osei"
LIAISON_LEAD: Final = "wrk_leila-marsh"
LIAISON_WORKER: Final = "wrk_amara-quill"
AUDITOR: Final = "wrk_piers-holt"

_PROGRAMME: Final = "northmere-change"
_LIAISON: Final = "northmere-liaison"
_AUDIT: Final = "northmere-audit"

CLIENTS: Final[tuple[Client, ...]] = (
    {"id": POLICE, "name": "Northmere Police", "roles": ("agency",), "agency": POLICE},
    {"id": COURTS, "name": "Northmere Courts", "roles": ("agency",), "agency": COURTS},
    {"id": PRISON, "name": "HMP Fennholt", "roles": ("agency",), "agency": PRISON},
    {"id": COORDINATOR, "name": "Ruth Alder", "roles": ("coordinator",), "agency": _PROGRAMME},
    {"id": CASE_MANAGER, "name": "Tomas Bright", "roles": ("case-manager",), "agency": _PROGRAMME},
    {"id": PRACTICE_MANAGER, "name": "Hana Osei", "roles": ("practice-manager",), "agency": _PROGRAMME},
    {"id": LIAISON_LEAD, "name": "Leila Marsh", "roles": ("liaison-lead",), "agency": _LIAISON},
    {"id": LIAISON_WORKER, "name": "Amara Quill", "roles": ("liaison-worker",), "agency": _LIAISON},
    {"id": AUDITOR, "name": "Piers Holt", "roles": ("auditor",), "agency": _AUDIT},
)
BY_ID: Final = {client["id"]: client for client in CLIENTS}
