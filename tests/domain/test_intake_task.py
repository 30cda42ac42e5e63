"""A task as intake knows it: whom an answer is about, and who may give it."""

from infra.decider import fold
from schemas.disruption import ActionTasked, TaskRecalled
from schemas.ids import derive
from services.intake.domain import task
from services.intake.domain.task import person_for
from tests.domain.intake_examples import AT, PERSON, TASK

TASKED = ActionTasked(
    action=derive("act", "one"),
    version=1,
    task=TASK,
    person=PERSON,
    agency="hmp-fennholt",
    tactic="cell-search",
    announced_as="cell-search.requested",
    due_at=AT,
)
RECALLED = TaskRecalled(
    action=TASKED.action, task=TASK, person=PERSON, agency="hmp-fennholt", why="clearance-suspended"
)


def test_the_agency_that_was_tasked_answers_about_the_tasks_person() -> None:
    given_task = fold(task, [TASKED])

    assert PERSON == person_for(given_task, "hmp-fennholt")


def test_another_agency_learns_nothing_of_a_task() -> None:
    given_task = fold(task, [TASKED])

    assert person_for(task.INITIAL, "northmere-homes") is person_for(given_task, "northmere-homes") is None


def test_an_agency_may_still_tell_what_it_did_before_a_task_was_recalled() -> None:
    recalled = fold(task, [TASKED, RECALLED])

    assert PERSON == person_for(recalled, "hmp-fennholt")
    assert person_for(recalled, "northmere-homes") is None
