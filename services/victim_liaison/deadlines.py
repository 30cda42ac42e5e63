"""The clocks of a consultation: each question has a due time of its own, so that asking again about a later victim
never gives more time to those who were asked first.
"""

from collections.abc import Sequence
from datetime import datetime

from infra.service import Ask, ClearDeadline, SetDeadline
from schemas.event import Event
from schemas.ids import VictimId
from schemas.victim_liaison import AnswerGiven, ConsultationOpened, QuestionAdded
from services.victim_liaison.domain import consultation


def deadlines(_stream: str, event: Event) -> Sequence[SetDeadline | ClearDeadline]:
    """Set when a question is asked, cleared by its answer. One left over finds nothing to escalate."""
    match event:
        case ConsultationOpened():
            due = datetime.fromisoformat(event.due_at)
            return tuple(SetDeadline(_name(asked.victim), due) for asked in event.asked)
        case QuestionAdded():
            due = datetime.fromisoformat(event.due_at)
            return (ClearDeadline(_name(None)), SetDeadline(_name(event.victim), due))
        case AnswerGiven():
            return (ClearDeadline(_name(event.victim)),)
        case _:
            return ()


def on_due(stream: str, _name: str, due: datetime) -> Ask:
    """An answer is overdue: the liaison lead is asked to see to it."""
    return Ask(consultation, stream.removeprefix(f"{consultation.CATEGORY}-"), consultation.Escalate(now=due))


def _name(victim: VictimId | None) -> str:
    return f"answer-{victim or 'no-victim'}"
