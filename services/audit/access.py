"""Who may read the ledger: auditors, and nobody else. It spans both sides, so no worker of either may."""

from typing import Final

from infra.web.reader import Reader, Role

_WORK_WITH_CASES: Final[tuple[Role, ...]] = (
    "case-manager",
    "coordinator",
    "practice-manager",
    "liaison-worker",
    "liaison-lead",
)


def may_read_the_ledger(reader: Reader) -> bool:
    """An auditor who also works with cases on one side would see through the wall."""
    return reader.has("auditor") and not reader.has(*_WORK_WITH_CASES)
