"""The shapes of the catalogue's entries. They hold facts; what the facts make us do stands in the services."""

from datetime import date, time
from typing import Annotated, Literal

from msgspec import Meta, Struct

from schemas.reports.report import Code
from schemas.reports.tasks import TaskOutcome

Certainty = Literal["sourced", "background", "design"]
"""`sourced`: the source named says so. `background`: general knowledge, to be verified before it is shown as law or
policy. `design`: our own choice, which a site may change."""

Sentence = Annotated[str, Meta(min_length=3, max_length=300)]

Group = Literal[
    "risk-management",
    "disruption",
    "enforcement",
    "support",
    "behaviour-change",
    "diversion",
    "prevention",
    "institutional-advocacy",
    "victim-safety",
]
"""What an action is for: the five of MATAC (support, prevention, diversion, disruption, enforcement) and ours."""

AgencyKind = Literal["police", "prison", "probation", "housing", "local-authority"]


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every entry says of itself: its code, where it comes from, and how far it may be relied on.

    `valid_from` is the first day on which the entry, as worded, is known to hold; a power may be much older.
    """

    code: Code
    title: Annotated[str, Meta(min_length=3, max_length=80)]
    source: Sentence
    certainty: Certainty
    valid_from: date


class TacticEntry(Entry, frozen=True, kw_only=True):
    """Something an agency can do about him.

    `attribution` is how a plan would be rated if nothing were done to cover it; `he_may_think` says why.
    `typical_days` is from tasking to outcome. `outcomes` are the codes of what can come of it; `counted` says what a
    count beside them counts. `announced_as` is the name under which agencies know the request.
    The three `touches_...` are the question of SR-21: where one is true, somebody must have answered whether the
    action harms the victim or children. They have no default, so that nobody forgets to ask.
    """

    group: Group
    agency_kind: AgencyKind
    power: Sentence
    evidence: Sentence
    effect: Sentence
    victim_may_notice: Sentence
    attribution: Literal["safe", "ambiguous", "points-to-victim"]
    he_may_think: Sentence
    consultation: Literal["always", "always-with-specialist-advice"]
    typical_days: Annotated[int, Meta(ge=1, le=366)]
    outcomes: Annotated[tuple[TaskOutcome, ...], Meta(min_length=2)]
    counted: Sentence | None = None
    announced_as: Annotated[str, Meta(pattern=r"^[a-z]+(-[a-z]+)*\.requested$")]
    touches_immigration: bool
    touches_benefits: bool
    touches_tenancy: bool

    @property
    def needs_harm_answer(self) -> bool:
        """Whether it must be answered, before authorisation, if the action harms the victim or children (SR-21)."""
        return self.touches_immigration or self.touches_benefits or self.touches_tenancy


class OrderEntry(Entry, frozen=True, kw_only=True):
    """A legal order that binds him. `breach` is what breaking it is; `service` is what makes him aware of it.

    Where `needs_service` is true, the order protects nobody before it is served, and is shown so.
    """

    basis: Sentence
    made_by: Annotated[
        tuple[
            Literal[
                "magistrates-court",
                "crown-court",
                "family-court",
                "county-court",
                "high-court",
                "police",
                "prison-governor",
                "parole-board",
            ],
            ...,
        ],
        Meta(min_length=1),
    ]
    duration: Sentence
    breach: Literal["crime", "contempt", "arrest", "recall"]
    breach_consequence: Sentence
    needs_service: bool
    service: Sentence


class ClockEntry(Entry, frozen=True, kw_only=True):
    """A length of time, from what moment it runs and why it is as long as it is.

    `at` is a local time of day at which it ends, for working days only; without it the time of day stays.
    `counts_back` is true where the clock ends before the moment it is measured from (reminders).
    """

    amount: Annotated[int, Meta(ge=1, le=1000)]
    unit: Literal["minutes", "hours", "days", "weeks", "months", "working-days"]
    at: time | None = None
    counts_back: bool = False
    runs_from: Sentence
    reason: Sentence

    def __post_init__(self) -> None:
        """Raises ValueError for an end of day on a clock that does not count working days forward."""
        if self.at is not None and (self.unit != "working-days" or self.counts_back):
            raise ValueError("`at` is for working days counted forward")
        if self.counts_back and self.unit == "working-days":
            raise ValueError("working days are not counted back")


class ReleaseEntry(Entry, frozen=True, kw_only=True):
    """A coded summary that the victim's side may let go of, the sentence a case manager reads, and what it supports."""

    sentence: Sentence
    supports: Annotated[tuple[Group, ...], Meta(min_length=1)]


class ConditionEntry(Entry, frozen=True, kw_only=True):
    """A step that must be done before an action cleared on this condition. The liaison worker records that it is."""

    sentence: Sentence


class EngagementEntry(Entry, frozen=True, kw_only=True):
    """How he takes part. Only where `counts_as_aware` is true may anything be sent to him, ever (SR-11)."""

    sentence: Sentence
    counts_as_aware: bool


class ClosureEntry(Entry, frozen=True, kw_only=True):
    """Why a case ended. `is_followed_up`: police and Marac records are still looked at in the windows afterwards.

    `starts_hold`: nothing about the case may be erased until the hold is lifted.
    """

    sentence: Sentence
    is_followed_up: bool
    starts_hold: bool
