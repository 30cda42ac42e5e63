"""What may be asked of disruption over HTTP."""

from typing import Annotated

from msgspec import Meta, Struct

from schemas.disruption import Attribution, OutcomeCode, Version, WithdrawalReason
from schemas.ids import AgencyCode, PersonId
from schemas.reports.report import Code

Words = Annotated[
    str, Meta(pattern=r"\S", max_length=4000, description="Plain words; sealed before anything is decided.")
]


class Proposal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An action: what, by whom, and what he will believe prompted it.

    `plan` is the attribution plan; `tasking` is all that the agency will read, written apart from any intelligence.
    """

    person: PersonId
    tactic: Code
    agency: AgencyCode
    attribution: Attribution
    plan: Words
    tasking: Words


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The action as it should be now, whole. `version` is the one that was read; the change makes the next."""

    version: Version
    tactic: Code
    agency: AgencyCode
    attribution: Attribution
    plan: Words
    tasking: Words


class Authorisation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Authorise the version that was read."""

    version: Version


class Withdrawal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give the action up, for a coded reason."""

    reason: WithdrawalReason


class Conclusion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of the action: a code and, where the tactic counts something, the count."""

    code: OutcomeCode
    count: Annotated[int, Meta(ge=0, le=100_000)] | None = None
