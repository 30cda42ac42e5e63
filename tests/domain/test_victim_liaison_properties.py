"""Whatever is asked of the victim's side, in whatever order: a clearance in force has every known victim behind it.

The auditor reads events alone and knows nothing of the deciders' states.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from infra.decider import fold
from infra.service import Ask
from schemas.event import Event
from schemas.ids import derive
from schemas.intake import VictimNamed
from schemas.rejection import Rejected
from schemas.victim_liaison import (
    AnswerGiven,
    Asked,
    ClearanceGiven,
    ClearanceSuspended,
    ConditionMet,
    ConditionsMet,
    ConsultationOpened,
    QuestionAdded,
    VictimKnown,
)
from services.victim_liaison.domain import circle, consultation
from services.victim_liaison.domain.answers import GiveAnswer, MeetCondition
from services.victim_liaison.domain.consultation import AddVictim, CloseConsultation, Consult, Escalate, Reassign
from services.victim_liaison.reactions import HEARS, react
from tests.domain.victim_liaison_examples import (
    ACTION,
    DETAILS,
    DUE,
    LATER,
    LENA,
    MAY,
    NINA,
    PERSON,
    RUTH,
    SUE,
    action_changed,
    action_proposed,
    answer,
    case_opened,
    heard,
    victim_named,
)
from tests.known import KnownStates

GRAVEST_FIRST = ("objected", "cannot-reach", "agreed-with-conditions", "agreed")
EVE = derive("vic", "eve invented")

victims = st.sampled_from([RUTH, NINA, EVE])
workers = st.sampled_from([LENA, MAY, SUE])
mostly = st.sampled_from([True, True, True, False])
versions = st.sampled_from([1, 1, 1, 2, 3])
steps = st.sampled_from(["alarm-in-place", "victim-told-first"])
verdicts = st.sampled_from(GRAVEST_FIRST)


@dataclass
class Auditor:
    """What a listener may rely on, from the events in their order."""

    version: int = 0
    asked: set[str | None] = field(default_factory=set)
    answers: dict[str | None, AnswerGiven] = field(default_factory=dict)
    done: dict[str | None, set[str]] = field(default_factory=dict)
    clearance: ClearanceGiven | None = None
    are_steps_done: bool = False

    def hear(self, event: Event) -> None:
        match event:
            case ConsultationOpened():
                self.version, self.asked = event.version, {asked.victim for asked in event.asked}
                self.answers, self.done = {}, {}
            case QuestionAdded():
                self.asked = (self.asked - {None}) | {event.victim}
            case AnswerGiven():
                before = self.answers.get(event.victim)
                if before is None or (before.verdict, before.conditions) != (event.verdict, event.conditions):
                    self.done[event.victim] = set()
                self.answers[event.victim] = event
            case ConditionMet():
                self.done.setdefault(event.victim, set()).add(event.condition)
            case ClearanceGiven():
                assert self.clearance is None, "a second clearance without a suspension between"
                self.clearance, self.are_steps_done = event, False
            case ClearanceSuspended():
                assert self.clearance is not None, "nothing was there to suspend"
                assert self.clearance.version == event.version
                self.clearance, self.are_steps_done = None, False
            case ConditionsMet():
                self.are_steps_done = True
            case _:
                pass

    def judge(self) -> None:
        if self.clearance is None:
            assert not self.are_steps_done
            return
        assert self.version == self.clearance.version
        assert self.asked, "nobody is never consent"
        answers = [self.answers[victim] for victim in self.asked]
        assert all(answer.version == self.version for answer in answers)
        assert min((answer.verdict for answer in answers), key=GRAVEST_FIRST.index) == self.clearance.verdict
        assert tuple(sorted({step for answer in answers for step in answer.conditions})) == self.clearance.conditions
        if self.are_steps_done:
            assert all(set(answer.conditions) <= self.done[answer.victim] for answer in answers)


@st.composite
def consults(draw: st.DrawFn) -> Consult:
    known = draw(st.lists(victims, unique=True, max_size=3))
    about: Sequence[str | None] = known or [None]
    asked = tuple(Asked(victim=victim, worker=draw(workers) if draw(mostly) else None) for victim in about)
    return Consult(action=ACTION, version=draw(versions), person=PERSON, asked=asked, due_at=DUE)


@st.composite
def answers(draw: st.DrawFn) -> GiveAnswer:
    verdict: Any = draw(verdicts)
    conditions = draw(st.lists(steps, min_size=1, unique=True)) if verdict == "agreed-with-conditions" else []
    return GiveAnswer(
        version=draw(versions),
        victim=draw(st.none() | victims),
        worker=draw(workers),
        verdict=verdict,
        conditions=tuple(conditions),
        by_lead=draw(mostly),
    )


commands = st.one_of(
    consults(),
    st.builds(AddVictim, victim=victims, worker=st.none() | workers, due_at=st.just(LATER)),
    st.builds(Reassign, victim=st.none() | victims, worker=workers),
    *[answers()] * 4,
    st.builds(
        MeetCondition,
        version=versions,
        victim=victims,
        worker=workers,
        condition=steps,
        by_lead=mostly,
    ),
    st.sampled_from([Escalate(now=DUE), Escalate(now=LATER), CloseConsultation()]),
)


@settings(max_examples=300)
@given_any(consults(), st.lists(commands, min_size=5, max_size=25))
def test_a_clearance_in_force_has_an_answer_of_this_version_for_every_known_victim(
    first: Consult, following: list[consultation.ConsultationCommand]
) -> None:
    auditor, state = Auditor(), consultation.INITIAL
    for command in (first, *following):
        try:
            events = consultation.decide(command, state)
        except Rejected:
            continue
        state = fold(consultation, events, state)
        for event in events:
            auditor.hear(event)
        auditor.judge()

        assert [] == list(consultation.decide(command, state)), "said twice, it happened twice"


class Side:
    """The victim's side with its own streams, and what it has still to hear of itself."""

    def __init__(self) -> None:
        self.states: dict[tuple[Any, str], Any] = {}
        self.unheard: list[Event] = []
        self.known: set[str | None] = set()
        self.auditor = Auditor()

    def hears(self, event: Event) -> None:
        for effect in react(heard(event), KnownStates(self.states)):
            if isinstance(effect, Ask):
                self.is_asked(effect.decider, effect.id, effect.command)
            else:
                self._keep(effect.decider, effect.id, [effect.event])

    def is_asked(self, decider: Any, id: str, command: Any) -> None:
        try:
            events = decider.decide(command, KnownStates(self.states).state(decider, id))
        except Rejected:
            return
        self._keep(decider, id, events)
        self.unheard += [event for event in events if type(event) in HEARS["victim_liaison"]]

    def settles(self) -> None:
        while self.unheard:
            self.hears(self.unheard.pop(0))

    def _keep(self, decider: Any, id: str, events: Sequence[Event]) -> None:
        self.states[decider, id] = fold(decider, events, KnownStates(self.states).state(decider, id))
        self.known |= {event.victim for event in events if isinstance(event, VictimKnown)}
        for event in events:
            self.auditor.hear(event)


SETTLE = None

known_here = st.builds(
    circle.KnowVictim, victim=victims, person=st.just(PERSON), referral=st.none(), details=st.just(DETAILS)
)
assignments = st.builds(
    circle.AssignWorker, victim=victims, person=st.just(PERSON), worker=workers, standing=st.just("assigned")
)
substitutes = st.builds(circle.NameSubstitute, person=st.just(PERSON), worker=workers)
happenings = st.one_of(
    st.just(case_opened()),
    st.just(action_proposed()),
    versions.map(action_changed),
    victims.map(victim_named),
    known_here,
    assignments,
    substitutes,
    *[answers()] * 4,
    st.just(SETTLE),
)


BY_SUBSTITUTE = (
    case_opened(),
    circle.NameSubstitute(person=PERSON, worker=SUE),
    action_proposed(),
    answer(victim=None, worker=SUE),
)
BY_WORKER = (
    victim_named(),
    circle.AssignWorker(victim=RUTH, person=PERSON, worker=LENA, standing="assigned"),
    action_proposed(),
    answer(),
)


@settings(max_examples=300)
@given_any(st.sampled_from([(), BY_SUBSTITUTE, BY_WORKER]), st.lists(happenings, max_size=20))
def test_once_it_has_heard_itself_no_victim_it_knows_is_passed_over(cleared: tuple[Any, ...], then: list[Any]) -> None:
    side = Side()
    for one in (*cleared, *then, SETTLE):
        match one:
            case None:
                side.settles()
            case Event():
                side.hears(one)
            case GiveAnswer():
                side.is_asked(consultation, ACTION, one)
            case _:
                side.is_asked(circle, PERSON, one)
        side.auditor.judge()
        if side.auditor.clearance is not None:
            assert not isinstance(one, VictimNamed) or one.victim in side.auditor.asked
            assert side.unheard or side.auditor.asked == (side.known or {None})
