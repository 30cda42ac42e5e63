"""What victim_liaison records, which nobody else hears, and the few coded things it says.

Everything it says crosses the wall: a new fact with a cause, a correlation and an actor of its own.
"""

from typing import ClassVar, Literal

from msgspec import Struct

from schemas.disruption import Version
from schemas.event import Message, Private
from schemas.ids import ActionId, ContactId, PersonId, ReferralId, ReleaseId, VictimId, WorkerId
from schemas.reports.report import Code, Moment
from schemas.sealed import Sealed

Standing = Literal["assigned", "substitute"]
Verdict = Literal["agreed", "agreed-with-conditions", "objected", "cannot-reach"]
Effect = Literal[
    "contact-stopped",
    "contact-reduced",
    "no-change",
    "contact-increased",
    "risk-reduced",
    "risk-increased",
    "harm-caused",
]
"""A closed list, because it crosses the wall: a code somebody may type could say anything."""
ContactMeans = Literal["telephone", "text-message", "online", "letter", "in-person", "third-party", "other"]
Wish = Literal[
    "contact-stopped",
    "calls-stopped",
    "not-named-as-source",
    "police-told",
    "order-enforced",
    "evidence-kept",
    "nothing-now",
]
"""What she wants done. Closed too: what no code says stands in her words, which are sealed."""


class VictimKnown(Private, frozen=True, kw_only=True):
    """A victim of this person is known to us from now on."""

    TYPE: ClassVar = "victim-liaison.victim-known.v1"
    victim: VictimId
    person: PersonId
    referral: ReferralId | None
    details: dict[str, Sealed]


class WorkerAssigned(Private, frozen=True, kw_only=True):
    """A liaison worker stands with this victim: her own, or the named substitute where she has none (SR-3)."""

    TYPE: ClassVar = "victim-liaison.worker-assigned.v1"
    victim: VictimId
    person: PersonId
    worker: WorkerId
    standing: Standing


class SubstituteNamed(Private, frozen=True, kw_only=True):
    """Where no victim is known, this worker answers in the victims' stead: nobody is never consent (SR-3)."""

    TYPE: ClassVar = "victim-liaison.substitute-named.v1"
    person: PersonId
    worker: WorkerId


class ContactReported(Private, frozen=True, kw_only=True):
    """The victim told her worker that he made contact: when, how, in her words, and what she wants done."""

    TYPE: ClassVar = "victim-liaison.contact-reported.v1"
    contact: ContactId
    victim: VictimId
    person: PersonId
    occurred_at: Moment
    means: ContactMeans
    words: Sealed
    wants: tuple[Wish, ...]


class ReleaseDecided(Private, frozen=True, kw_only=True):
    """A worker chose what of a report may be known on the other side. Why and from whom stays here."""

    TYPE: ClassVar = "victim-liaison.release-decided.v1"
    release: ReleaseId
    victim: VictimId
    contact: ContactId
    person: PersonId
    code: Code


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question of a consultation: for this victim (None: no victim is known), to this worker (None: none named)."""

    victim: VictimId | None
    worker: WorkerId | None


class ConsultationOpened(Private, frozen=True, kw_only=True):
    """The workers of every known victim are asked about this version of an action (SR-1), with a due time."""

    TYPE: ClassVar = "victim-liaison.consultation-opened.v1"
    action: ActionId
    version: Version
    person: PersonId
    asked: tuple[Asked, ...]
    due_at: Moment


class QuestionAdded(Private, frozen=True, kw_only=True):
    """One more victim became known while an action is open: her worker is asked too, with a due time of its own.

    What others answered about this version stands; a substitute's answer in the victims' stead does not.
    """

    TYPE: ClassVar = "victim-liaison.question-added.v1"
    action: ActionId
    version: Version
    person: PersonId
    victim: VictimId
    worker: WorkerId | None
    due_at: Moment


class QuestionReassigned(Private, frozen=True, kw_only=True):
    """Another worker is asked from now on. The due time stays, and so does an answer that was given."""

    TYPE: ClassVar = "victim-liaison.question-reassigned.v1"
    action: ActionId
    version: Version
    person: PersonId
    victim: VictimId | None
    worker: WorkerId


class AnswerGiven(Private, frozen=True, kw_only=True):
    """A worker answered for one victim. The reason is hers and stays here, sealed."""

    TYPE: ClassVar = "victim-liaison.answer-given.v1"
    action: ActionId
    version: Version
    person: PersonId
    victim: VictimId | None
    worker: WorkerId
    verdict: Verdict
    conditions: tuple[Code, ...] = ()
    reason: Sealed | None = None


class ConditionMet(Private, frozen=True, kw_only=True):
    """A step that had to come first is done (SR-7)."""

    TYPE: ClassVar = "victim-liaison.condition-met.v1"
    action: ActionId
    version: Version
    person: PersonId
    victim: VictimId | None
    condition: Code


class ConsultationEscalated(Private, frozen=True, kw_only=True):
    """The due time came without every answer: the liaison lead is asked to see to it."""

    TYPE: ClassVar = "victim-liaison.consultation-escalated.v1"
    action: ActionId
    version: Version
    person: PersonId


class ConsultationClosed(Private, frozen=True, kw_only=True):
    """The action is withdrawn or concluded: nothing is asked about it any more."""

    TYPE: ClassVar = "victim-liaison.consultation-closed.v1"
    action: ActionId
    person: PersonId


class ImpactTold(Private, frozen=True, kw_only=True):
    """The victim told her worker what an action changed for her."""

    TYPE: ClassVar = "victim-liaison.impact-told.v1"
    action: ActionId
    person: PersonId
    victim: VictimId
    effect: Effect
    words: Sealed | None = None


class LiaisonNamed(Message, frozen=True, kw_only=True):
    """A liaison worker is to be told of what changes around this person. Whose worker it is, is not said."""

    TYPE: ClassVar = "victim-liaison.liaison-named.v1"
    CROSSES: ClassVar = True
    person: PersonId
    worker: WorkerId
    standing: Standing


class LiaisonStoodDown(Message, frozen=True, kw_only=True):
    """That liaison worker is not to be told any more."""

    TYPE: ClassVar = "victim-liaison.liaison-stood-down.v1"
    CROSSES: ClassVar = True
    person: PersonId
    worker: WorkerId


class InformationReleased(Message, frozen=True, kw_only=True):
    """A coded summary the victim's side lets go of: a code of the catalogue, and nothing of whom it came from."""

    TYPE: ClassVar = "victim-liaison.information-released.v1"
    CROSSES: ClassVar = True
    release: ReleaseId
    person: PersonId
    code: Code


class ClearanceGiven(Message, frozen=True, kw_only=True):
    """The one coded answer of the victim's side to this version of an action. Conditions are steps done first."""

    TYPE: ClassVar = "victim-liaison.clearance-given.v1"
    CROSSES: ClassVar = True
    action: ActionId
    version: Version
    person: PersonId
    verdict: Verdict
    conditions: tuple[Code, ...] = ()


class ConditionsMet(Message, frozen=True, kw_only=True):
    """Every step this version of the action had to wait for is done."""

    TYPE: ClassVar = "victim-liaison.conditions-met.v1"
    CROSSES: ClassVar = True
    action: ActionId
    version: Version
    person: PersonId


class ClearanceSuspended(Message, frozen=True, kw_only=True):
    """The clearance does not hold for now: somebody is asked again. Before tasking it blocks, after it recalls."""

    TYPE: ClassVar = "victim-liaison.clearance-suspended.v1"
    CROSSES: ClassVar = True
    action: ActionId
    version: Version
    person: PersonId
    why: Literal["asked-again", "revoked"]


class ImpactRecorded(Message, frozen=True, kw_only=True):
    """What an action changed for her side, as a code."""

    TYPE: ClassVar = "victim-liaison.impact-recorded.v1"
    CROSSES: ClassVar = True
    action: ActionId
    person: PersonId
    effect: Effect
