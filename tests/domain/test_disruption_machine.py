"""Any sequence of commands and of word from the victims' side: nothing goes out without a clearance in force.

What is in force is reckoned here apart from the service, from the messages alone and in the plainest way.
"""

from contextlib import suppress
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from infra.decider import fold
from schemas.disruption import ActionAuthorised, ActionTasked, TaskRecalled
from schemas.event import Event
from schemas.ids import derive
from schemas.rejection import Rejected
from schemas.victim_liaison import ClearanceGiven, ClearanceSuspended, ConditionsMet
from services.disruption.domain import action
from services.disruption.domain import action_state as state
from services.disruption.domain.action_commands import ActionCommand, RecallTask
from tests.domain.disruption_examples import (
    ACCEPTED,
    ACTION,
    CHRIS,
    DECLINED,
    DONE,
    NOT_POSSIBLE,
    PERSON,
    PRIYA,
    STARTED,
    answer,
    authorise,
    change,
    conclude,
    propose,
    task,
    tell_overdue,
    withdraw,
)

OFF_BY = st.sampled_from([0, 0, 0, 0, -1, 1])
"""Most of what is said is about the present version."""
LONG = 12
"""After so many events an action may as well end."""
RATINGS = st.sampled_from(["safe", "ambiguous", "points-to-victim"])
STEPS = st.sampled_from([(), (), ("alarm-in-place",), ("alarm-in-place", "victim-told-first")])


def agreed(word: list[Event], version: int) -> bool:
    """Whether the last answer on this version is agreement, and its conditions, if any, were met after it."""
    said = [told for told in word if getattr(told, "version", None) == version]
    answers = [place for place, told in enumerate(said) if not isinstance(told, ConditionsMet)]
    if not answers:
        return False
    are_conditions_met = len(said) > answers[-1] + 1
    match said[answers[-1]]:
        case ClearanceGiven(verdict="agreed", conditions=()):
            return True
        case ClearanceGiven(verdict="agreed" | "agreed-with-conditions"):
            return are_conditions_met
        case _:
            return False


class Gate(RuleBasedStateMachine):
    """One action, and everything that anybody might say to it or of it, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.word: list[Event] = []
        self.tasks = 0

    @property
    def version(self) -> int:
        known = fold(action, self.events)
        return known.draft.version if isinstance(known, state.Known) else 0

    def ask(self, command: ActionCommand) -> None:
        try:
            decided = list(action.decide(command, fold(action, self.events)))
        except Rejected:
            return
        for event in decided:
            if isinstance(event, ActionTasked):
                self.allowed(event)
        self.events += decided

        assert [] == list(action.decide(command, fold(action, self.events))), "said twice, it happened twice"

    def allowed(self, tasked: ActionTasked) -> None:
        before = fold(action, self.events)
        assert isinstance(before, state.Authorised | state.Recalled)

        assert before.draft.version == tasked.version
        assert agreed(self.word, tasked.version), "tasked without a clearance in force for this version"
        assert any(isinstance(event, ActionAuthorised) and event.version == tasked.version for event in self.events)

    def tell(self, told: Any) -> None:
        """As the reactions do: noted, and the task recalled where its clearance fell."""
        if told.version == self.version:
            self.word.append(told)
        self.events.append(told)
        self.ask(RecallTask())

    @initialize(rating=RATINGS, by=st.sampled_from([CHRIS, PRIYA]))
    def propose(self, rating: Any, by: str) -> None:
        self.ask(propose(attribution=rating, by=by))

    @rule(off_by=OFF_BY, rating=RATINGS, by=st.sampled_from([CHRIS, PRIYA]))
    def change(self, off_by: int, rating: Any, by: str) -> None:
        self.ask(change(self.version + off_by, rating, by))

    @rule(off_by=OFF_BY, by=st.sampled_from([CHRIS, PRIYA, "wrk_third"]))
    def authorise(self, off_by: int, by: str) -> None:
        self.ask(authorise(self.version + off_by, by))

    @rule(is_heard=st.booleans())
    def task(self, *, is_heard: bool) -> None:
        self.tasks += 1
        self.ask(task(derive("tsk", str(self.tasks)), liaison_heard=is_heard))

    @precondition(lambda self: isinstance(fold(action, self.events), state.WithTask))
    @rule(reply=st.sampled_from([ACCEPTED, STARTED, DECLINED, NOT_POSSIBLE, DONE]))
    def answer(self, reply: Any) -> None:
        known = fold(action, self.events)
        assert isinstance(known, state.WithTask)
        self.ask(answer(reply, known.task.id))

    @precondition(lambda self: len(self.events) > LONG)
    @rule(command=st.sampled_from([withdraw(), conclude(), tell_overdue()]))
    def go_on(self, command: ActionCommand) -> None:
        self.ask(command)

    @rule(
        off_by=OFF_BY,
        verdict=st.sampled_from(["agreed", "agreed", "agreed-with-conditions", "objected", "cannot-reach"]),
        steps=STEPS,
    )
    def clear(self, off_by: int, verdict: Any, steps: tuple[str, ...]) -> None:
        version = self.version + off_by
        self.tell(ClearanceGiven(action=ACTION, version=version, person=PERSON, verdict=verdict, conditions=steps))

    @rule(off_by=OFF_BY)
    def suspend(self, off_by: int) -> None:
        version = self.version + off_by
        self.tell(ClearanceSuspended(action=ACTION, version=version, person=PERSON, why="asked-again"))

    @rule(off_by=OFF_BY)
    def meet_conditions(self, off_by: int) -> None:
        self.tell(ConditionsMet(action=ACTION, version=self.version + off_by, person=PERSON))

    @invariant()
    def whoever_pushes_now_gets_through_only_if_it_is_cleared(self) -> None:
        """A third person authorises at once and the agency is asked at once: tried at every moment, kept at none."""
        pushed = list(self.events)
        for command in (authorise(self.version, "wrk_third"), task(derive("tsk", "pushed"))):
            with suppress(Rejected):
                decided = action.decide(command, fold(action, pushed))
                if any(isinstance(event, ActionTasked) for event in decided):
                    assert agreed(self.word, self.version)
                pushed += decided

    @invariant()
    def no_agency_is_at_work_without_a_clearance_in_force(self) -> None:
        known = fold(action, self.events)
        if isinstance(known, state.WithAgency):
            assert agreed(self.word, known.draft.version)

    @invariant()
    def one_task_stands_at_a_time(self) -> None:
        open_tasks = sum(isinstance(event, ActionTasked) for event in self.events)
        recalled = sum(isinstance(event, TaskRecalled) for event in self.events)

        assert open_tasks - recalled in (0, 1)


Gate.TestCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestNothingGoesOutUncleared = Gate.TestCase
