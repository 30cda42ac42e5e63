"""Four services from report to notice: the first takes a report, the next two do their part, the last raises a notice.

Each notes what it hears and decides on it, as services do; the last also shows it in a read model.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from infra.bench import notice, order, sample, step
from infra.bench.vocabulary import BreachReported, StepTaken
from infra.service import Ask, Heard, Known, Note, Service
from schemas.ids import derive
from schemas.moments import written

NAMES: Final = ("first", "second", "third", "fourth")


def take_a_step(heard: Heard, _known: Known, *, hop: int) -> Sequence[Note | Ask]:
    """Note what was heard, and take this hop's step."""
    match heard.event:
        case BreachReported() as told:
            noted = Note(order, told.order, told)
        case StepTaken() as told:
            noted = Note(step, step.stream_of(told.hop, told.order), told)
        case _:
            return ()
    command = step.TakeStep(
        hop=hop, order=told.order, person=told.person, report=told.report, occurred_at=told.occurred_at
    )
    return (noted, Ask(step, step.stream_of(hop, told.order), command))


def raise_a_notice(heard: Heard, known: Known) -> Sequence[Note | Ask]:
    """Note the last step and raise one notice for the liaison worker."""
    match heard.event:
        case StepTaken() as told:
            command = notice.RaiseNotice(
                notice=derive("ntc", heard.record.id, sample.LIAISON),
                person=told.person,
                owner=sample.LIAISON,
                code="order-breached",
                about=told.order,
                due_at=written(known.now + sample.TIME_TO_READ),
            )
            noted = Note(step, step.stream_of(told.hop, told.order), told)
            return (noted, Ask(notice, command.notice, command))
        case _:
            return ()


FIRST: Final = Service(name="first", deciders=(order,))
SECOND: Final = Service(
    name="second",
    deciders=(order, step),
    hears={"first": (BreachReported,)},
    react=partial(take_a_step, hop=2),
)
THIRD: Final = Service(
    name="third",
    deciders=(step,),
    hears={"second": (StepTaken,)},
    react=partial(take_a_step, hop=3),
)
FOURTH: Final = Service(
    name="fourth",
    deciders=(step, notice),
    hears={"third": (StepTaken,)},
    react=raise_a_notice,
    read_models=sample.LISTENER.read_models,
)
SERVICES: Final = {service.name: service for service in (FIRST, SECOND, THIRD, FOURTH)}
