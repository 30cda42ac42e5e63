"""What victim_liaison answers over HTTP. Plain text of a person is None where it was erased."""

from msgspec import Struct

from schemas.disruption import Attribution
from schemas.ids import ActionId, ContactId, PersonId, ReleaseId, VictimId, WorkerId
from schemas.victim_liaison import Verdict
from schemas.worklist import WorkItem
from services.victim_liaison.read_models.queries import QuestionRow, TimelineRow, VictimRow


class Worklist(Struct, frozen=True, kw_only=True):
    """What waits for the reader, what is due first at the top."""

    items: tuple[WorkItem, ...]


class Victims(Struct, frozen=True, kw_only=True):
    """A page of victims."""

    victims: tuple[VictimRow, ...]


class VictimShown(Struct, frozen=True, kw_only=True):
    """One victim with her details in plain text: the opening is recorded."""

    victim: VictimId
    person: PersonId
    worker: WorkerId | None
    standing: str | None
    known_at: str
    details: dict[str, str | None]


class VictimRecorded(Struct, frozen=True, kw_only=True):
    """The reference of a victim recorded here, or of one whose worker was named."""

    victim: VictimId
    person: PersonId


class SubstituteRecorded(Struct, frozen=True, kw_only=True):
    """Who answers while no victim of this person is known."""

    person: PersonId
    worker: WorkerId


class ContactRecorded(Struct, frozen=True, kw_only=True):
    """The reference of what she reported."""

    contact: ContactId


class ContactShown(Struct, frozen=True, kw_only=True):
    """What she reported, her words in plain text: the opening is recorded."""

    contact: ContactId
    occurred_at: str
    means: str
    words: str | None
    wants: tuple[str, ...]


class ReleaseRecorded(Struct, frozen=True, kw_only=True):
    """What is released of a report, and the reference under which the other side will know it."""

    release: ReleaseId
    contact: ContactId
    code: str


class Timeline(Struct, frozen=True, kw_only=True):
    """A page of a victim's timeline."""

    victim: VictimId
    rows: tuple[TimelineRow, ...]


class Questions(Struct, frozen=True, kw_only=True):
    """What is asked of the reader."""

    questions: tuple[QuestionRow, ...]


class QuestionShown(Struct, frozen=True, kw_only=True):
    """One question of a consultation, with its answer and the reason for it in plain text."""

    victim: VictimId | None
    worker: WorkerId | None
    due_at: str
    is_escalated: bool
    verdict: Verdict | None
    conditions: tuple[str, ...]
    met: tuple[str, ...]
    reason: str | None


class ConsultationShown(Struct, frozen=True, kw_only=True):
    """What the victim's side is asked: what is planned, by what kind of agency, and what he will think caused it.

    Which agency is not said: a prison's code would tell where he is held. `plan` is opened, and that is recorded.
    """

    action: ActionId
    person: PersonId
    version: int
    tactic: str
    title: str | None
    agency_kind: str | None
    attribution: Attribution
    plan: str | None
    questions: tuple[QuestionShown, ...]
    clearance: Verdict | None
    is_closed: bool


class Answered(Struct, frozen=True, kw_only=True):
    """How the consultation stands after an answer: the clearance in force, None while somebody has to answer."""

    action: ActionId
    version: int
    clearance: Verdict | None
    are_conditions_met: bool


class ImpactKept(Struct, frozen=True, kw_only=True):
    """What an action changed for her, as it crosses."""

    action: ActionId
    effect: str
