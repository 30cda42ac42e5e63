"""What workers are asked about an action, and what all their answers come to: the gravest verdict and every step."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, assert_never

from schemas.ids import VictimId, WorkerId
from schemas.victim_liaison import AnswerGiven, ConditionMet, QuestionReassigned, Verdict

GRAVITY: Final[tuple[Verdict, ...]] = ("agreed", "agreed-with-conditions", "cannot-reach", "objected")
"""From light to grave. One objection outweighs every agreement, and so does one victim who could not be reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What one worker is asked for one victim. `met` are those of its answer's conditions that are done.

    Where nobody is named (`worker` is None) it stays open: nobody is never consent (SR-3). `is_escalated`: its due
    time went by, and the liaison lead was asked to see to it.
    """

    worker: WorkerId | None
    due_at: str
    answer: AnswerGiven | None = None
    met: frozenset[str] = frozenset()
    is_escalated: bool = False


Questions = Mapping[VictimId | None, Question]
"""By victim. The question of None is asked where no victim is known."""


def evolve(question: Question, event: QuestionReassigned | AnswerGiven | ConditionMet) -> Question:
    """The question after the event. A changed answer asks for its steps anew: those done before do not count."""
    match event:
        case QuestionReassigned():
            return replace(question, worker=event.worker)
        case AnswerGiven():
            met = question.met if is_unchanged(question.answer, event) else frozenset[str]()
            return replace(question, answer=event, met=met, is_escalated=False)
        case ConditionMet():
            return replace(question, met=question.met | {event.condition})
        case _:
            assert_never(event)


def is_unchanged(before: AnswerGiven | None, answer: AnswerGiven) -> bool:
    """Whether it says the same as before, whoever says it and for whatever reason."""
    return before is not None and (before.verdict, before.conditions) == (answer.verdict, answer.conditions)


def escalated(questions: Questions) -> Questions:
    """All that wait for an answer are on the liaison lead's list."""
    return {
        victim: replace(asked, is_escalated=True) if asked.answer is None else asked
        for victim, asked in questions.items()
    }


def is_overdue(questions: Questions, now: datetime) -> bool:
    """Whether an answer should have been there by now, and nobody has been asked to see to it yet."""
    return any(
        asked.answer is None and not asked.is_escalated and datetime.fromisoformat(asked.due_at) <= now
        for asked in questions.values()
    )


def joint(questions: Questions) -> tuple[Verdict, tuple[str, ...]] | None:
    """The gravest verdict and every condition, sorted; None while an answer is missing or nobody is asked."""
    answers = [asked.answer for asked in questions.values() if asked.answer is not None]
    if not answers or len(answers) < len(questions):
        return None
    gravest = max((answer.verdict for answer in answers), key=GRAVITY.index)
    return gravest, tuple(sorted({condition for answer in answers for condition in answer.conditions}))


def is_every_step_done(questions: Questions) -> bool:
    """Whether each condition is done for each victim it was asked for: a step done for one is not done for another."""
    return all(asked.answer is None or asked.met.issuperset(asked.answer.conditions) for asked in questions.values())
