"""The decider between the first of the benchmark's services and the last: each takes one step for an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from infra.bench.vocabulary import StepTaken
from infra.decider import Policies, enforce


@dataclass(frozen=True, slots=True)
class Step:
    """How often it was taken, and for which report last."""

    times: int = 0
    last_report: str = ""


CATEGORY: Final = "step"
RULES_VERSION: Final = 1
INITIAL: Final = Step()


def evolve(step: Step, event: StepTaken) -> Step:
    """The step after the event."""
    return Step(times=step.times + 1, last_report=event.report)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeStep:
    """Do what this report asks for."""

    hop: int
    order: str
    person: str
    report: str
    occurred_at: str


StepCommand = TakeStep


def somebody_reported_it(command: TakeStep, _step: Step) -> str | None:
    """Nothing is done of itself."""
    return None if command.report else "step-without-report"


POLICIES: Final[Policies] = {TakeStep: (somebody_reported_it,)}


def stream_of(hop: int, order_id: str) -> str:
    """The id of a step's stream: each of the services takes its own."""
    return f"{hop}-{order_id}"


def decide(command: StepCommand, step: Step) -> Sequence[StepTaken]:
    """The events that follow. Raises Rejected."""
    match command:
        case TakeStep():
            return take_step(command, step)
        case _:
            assert_never(command)


def take_step(command: TakeStep, step: Step) -> Sequence[StepTaken]:
    """Once a report."""
    if command.report == step.last_report:
        return []
    enforce(POLICIES, command, step)
    return [
        StepTaken(
            hop=command.hop,
            order=command.order,
            person=command.person,
            report=command.report,
            occurred_at=command.occurred_at,
        )
    ]
