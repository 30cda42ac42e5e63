"""The circle around one perpetrator: his known victims, who stands with each, and what is planned about him.

What the other side hears from here is whom to tell, and what an action changed: never of whom there is to speak.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from infra.decider import Policies, enforce
from schemas.casework import CaseAllocated, CaseOpened
from schemas.disruption import (
    ActionChanged,
    ActionConcluded,
    ActionProposed,
    ActionTasked,
    ActionWithdrawn,
    Attribution,
)
from schemas.event import Event
from schemas.ids import ActionId, PersonId, ReferralId, VictimId, WorkerId
from schemas.sealed import Sealed
from schemas.victim_liaison import (
    Asked,
    Effect,
    ImpactRecorded,
    ImpactTold,
    LiaisonNamed,
    LiaisonStoodDown,
    Standing,
    SubstituteNamed,
    VictimKnown,
    WorkerAssigned,
)

CircleDecided = (
    VictimKnown | WorkerAssigned | SubstituteNamed | LiaisonNamed | LiaisonStoodDown | ImpactTold | ImpactRecorded
)
CircleNoted = (
    ActionProposed | ActionChanged | ActionTasked | ActionWithdrawn | ActionConcluded | CaseOpened | CaseAllocated
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """What is known of a victim, sealed, and her worker; None while nobody is named for her."""

    details: Mapping[str, Sealed]
    worker: WorkerId | None = None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action as the victim's side is asked about it. The agency is left out: a prison's code would say where."""

    version: int
    tactic: str
    attribution: Attribution
    plan: Sealed
    is_open: bool = True
    was_tasked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """`told` are the workers whom the other side knows as liaison; `impacts` the last one by action and victim.

    `is_known` once a referral or a case told us that there is such a person: until then nothing is recorded here.
    """

    is_known: bool = False
    victims: Mapping[VictimId, Victim] = field(default_factory=dict)
    substitute: WorkerId | None = None
    case_manager: WorkerId | None = None
    actions: Mapping[ActionId, Action] = field(default_factory=dict)
    told: frozenset[WorkerId] = frozenset()
    impacts: Mapping[tuple[ActionId, VictimId], ImpactTold] = field(default_factory=dict)


CATEGORY: Final = "circle"
RULES_VERSION: Final = 1
INITIAL: Final = Circle()


def evolve(circle: Circle, event: CircleDecided | CircleNoted) -> Circle:
    """The circle after the event."""
    match event:
        case VictimKnown():
            victims = {**circle.victims, event.victim: Victim(details=event.details)}
            return replace(circle, is_known=True, victims=victims)
        case WorkerAssigned():
            return _with_worker(circle, event)
        case SubstituteNamed():
            return replace(circle, substitute=event.worker)
        case LiaisonNamed():
            return replace(circle, told=circle.told | {event.worker})
        case LiaisonStoodDown():
            return replace(circle, told=circle.told - {event.worker})
        case ImpactTold():
            return replace(circle, impacts={**circle.impacts, (event.action, event.victim): event})
        case ImpactRecorded():
            return circle
        case CaseOpened():
            return replace(circle, is_known=True)
        case CaseAllocated():
            return replace(circle, is_known=True, case_manager=event.worker)
        case ActionProposed() | ActionChanged() | ActionTasked() | ActionWithdrawn() | ActionConcluded():
            return replace(circle, actions=_with_action(circle.actions, event))
        case _:
            assert_never(event)


def _with_worker(circle: Circle, event: WorkerAssigned) -> Circle:
    victim = circle.victims.get(event.victim)
    if victim is None:
        return circle
    assigned = replace(victim, worker=event.worker, standing=event.standing)
    return replace(circle, victims={**circle.victims, event.victim: assigned})


def _with_action(
    actions: Mapping[ActionId, Action],
    event: ActionProposed | ActionChanged | ActionTasked | ActionWithdrawn | ActionConcluded,
) -> Mapping[ActionId, Action]:
    before = actions.get(event.action)
    match event:
        case ActionProposed() | ActionChanged():
            told = Action(
                version=event.version,
                tactic=event.tactic,
                attribution=event.attribution,
                plan=event.plan,
                is_open=before is None or before.is_open,
                was_tasked=before is not None and before.was_tasked,
            )
            return {**actions, event.action: told}
        case ActionTasked():
            return actions if before is None else {**actions, event.action: replace(before, was_tasked=True)}
        case ActionWithdrawn() | ActionConcluded():
            return actions if before is None else {**actions, event.action: replace(before, is_open=False)}
        case _:
            assert_never(event)


def open_actions(circle: Circle) -> Mapping[ActionId, Action]:
    """What has to be asked about again when somebody new has to be heard."""
    return {reference: action for reference, action in circle.actions.items() if action.is_open}


def to_be_asked(circle: Circle) -> tuple[Asked, ...]:
    """Every known victim's worker (SR-1); where no victim is known, the person's substitute (SR-3)."""
    if not circle.victims:
        return (Asked(victim=None, worker=circle.substitute),)
    return tuple(Asked(victim=reference, worker=victim.worker) for reference, victim in circle.victims.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowVictim:
    """A victim of this person is known from now on, named in a referral or recorded by a liaison lead."""

    victim: VictimId
    person: PersonId
    referral: ReferralId | None
    details: Mapping[str, Sealed]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignWorker:
    """Name the worker who stands with this victim: her own, or a substitute where she has none."""

    victim: VictimId
    person: PersonId
    worker: WorkerId
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSubstitute:
    """Name who answers while no victim of this person is known."""

    person: PersonId
    worker: WorkerId


@dataclass(frozen=True, slots=True, kw_only=True)
class TellImpact:
    """Keep what an action changed for a victim, as she told it."""

    action: ActionId
    person: PersonId
    victim: VictimId
    effect: Effect
    words: Sealed | None


CircleCommand = KnowVictim | AssignWorker | NameSubstitute | TellImpact


def person_is_known(command: KnowVictim | NameSubstitute, circle: Circle) -> str | None:
    """A mistyped reference makes no circle: nobody would ever be asked about it. A referral always names somebody."""
    is_referred = isinstance(command, KnowVictim) and command.referral is not None
    return None if is_referred or circle.is_known else "person-unknown"


def victim_is_known(command: AssignWorker | TellImpact, circle: Circle) -> str | None:
    """Only for a victim of this person."""
    return None if command.victim in circle.victims else "victim-unknown"


def worker_is_on_one_side(command: AssignWorker | NameSubstitute, circle: Circle) -> str | None:
    """Wall 2: who manages his case cannot stand with a victim of his."""
    return "worker-on-both-sides" if command.worker == circle.case_manager else None


def action_was_tasked(command: TellImpact, circle: Circle) -> str | None:
    """What nobody was asked to do has changed nothing."""
    action = circle.actions.get(command.action)
    if action is None:
        return "action-unknown"
    return None if action.was_tasked else "action-not-tasked"


POLICIES: Final[Policies] = {
    KnowVictim: (person_is_known,),
    AssignWorker: (victim_is_known, worker_is_on_one_side),
    NameSubstitute: (
        person_is_known,
        worker_is_on_one_side,
    ),
    TellImpact: (victim_is_known, action_was_tasked),
}


def decide(command: CircleCommand, circle: Circle) -> Sequence[Event]:
    """The events that follow. Raises Rejected."""
    match command:
        case KnowVictim():
            return know_victim(command, circle)
        case AssignWorker():
            return assign_worker(command, circle)
        case NameSubstitute():
            return name_substitute(command, circle)
        case TellImpact():
            return tell_impact(command, circle)
        case _:
            assert_never(command)


def know_victim(command: KnowVictim, circle: Circle) -> Sequence[Event]:
    """Nobody stands with her yet: until somebody is named, nothing about him is cleared."""
    if command.victim in circle.victims:
        return []
    enforce(POLICIES, command, circle)
    return [
        VictimKnown(
            victim=command.victim,
            person=command.person,
            referral=command.referral,
            details=dict(command.details),
        )
    ]


def assign_worker(command: AssignWorker, circle: Circle) -> Sequence[Event]:
    """Her worker from now on; who stood with her before is told no more, unless there is another reason."""
    victim = circle.victims.get(command.victim)
    if victim is not None and (victim.worker, victim.standing) == (command.worker, command.standing):
        return []
    enforce(POLICIES, command, circle)
    assigned = WorkerAssigned(
        victim=command.victim,
        person=command.person,
        worker=command.worker,
        standing=command.standing,
    )
    return [assigned, *_word_of_liaison(evolve(circle, assigned), command.person, command.worker, command.standing)]


def name_substitute(command: NameSubstitute, circle: Circle) -> Sequence[Event]:
    """The person's substitute from now on."""
    if circle.substitute == command.worker:
        return []
    enforce(POLICIES, command, circle)
    named = SubstituteNamed(person=command.person, worker=command.worker)
    return [named, *_word_of_liaison(evolve(circle, named), command.person, command.worker, "substitute")]


def _word_of_liaison(circle: Circle, person: PersonId, worker: WorkerId, standing: Standing) -> Sequence[Event]:
    """Whom the other side has to tell from now on, and whom no more: first who comes, so that nobody is left out."""
    reasons = {victim.worker for victim in circle.victims.values()} | {circle.substitute}
    named = [] if worker in circle.told else [LiaisonNamed(person=person, worker=worker, standing=standing)]
    gone = sorted(circle.told - reasons)
    return [*named, *(LiaisonStoodDown(person=person, worker=each) for each in gone)]


def tell_impact(command: TellImpact, circle: Circle) -> Sequence[Event]:
    """Her words stay here; what it comes to crosses as a code."""
    told = ImpactTold(
        action=command.action,
        person=command.person,
        victim=command.victim,
        effect=command.effect,
        words=command.words,
    )
    if circle.impacts.get((command.action, command.victim)) == told:
        return []
    enforce(POLICIES, command, circle)
    return [told, ImpactRecorded(action=command.action, person=command.person, effect=command.effect)]
