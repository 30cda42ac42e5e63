"""The fourth chapter: actions that come to nothing, or to something else, in each way in which they can."""

from dataclasses import dataclass
from typing import Literal

from schemas.disruption import ActionProposed, ActionTasked, ActionWithdrawn, TaskAnswered, TaskOverdue, TaskRecalled
from schemas.ids import derive
from schemas.reports import Facts
from schemas.reports.tasks import TaskAccepted, TaskDeclined, TaskDone, TaskNotPossible
from schemas.victim_liaison import ClearanceSuspended, LiaisonStoodDown, WorkerAssigned
from scripts.story import people
from scripts.story.opening import received
from scripts.story.people import NINA, PERSON, report, sealed
from scripts.story.telling import Story, asked

DUE = "2026-04-09T10:00:00.000000Z"


@dataclass(frozen=True, slots=True)
class Cameras:
    """An action by which a landlord is to put up cameras, and its task."""

    name: str

    @property
    def action(self) -> str:
        return derive("act", "story", self.name)

    @property
    def task(self) -> str:
        return derive("tsk", "story", self.name)

    @property
    def stream(self) -> str:
        return f"action-{self.action}"


def tell(story: Story) -> None:
    """From the proposals to the day on which a worker steps back."""
    first, second, third, fourth = (Cameras(f"cameras {place}") for place in range(1, 5))
    for cameras in (first, second, third, fourth):
        _proposed(story, cameras)
    for cameras in (first, second, third, fourth):
        _tasked(story, cameras)
    _answered(story, first, TaskAccepted(task=first.task), "accepted")
    explanation = sealed("person", report(f"{second.name} declined"), "explanation", 50)
    _answered(
        story,
        second,
        TaskDeclined(task=second.task, reason="no-capacity", explanation=explanation),
        "declined",
        "no-capacity",
    )
    _answered(story, third, TaskNotPossible(task=third.task, reason="prevented"), "not-possible", "prevented")
    _answered(story, fourth, TaskDone(task=fourth.task, outcome="evidence-handed-over", count=2), "done")
    _given_up(story, first)
    _stood_down(story)


def _proposed(story: Story, cameras: Cameras) -> None:
    proposed = ActionProposed(
        action=cameras.action,
        version=1,
        person=PERSON,
        tactic="cctv-for-evidence",
        agency=people.HOMES,
        attribution="ambiguous",
        plan=sealed("person", PERSON, "plan", 72),
        tasking=sealed("person", PERSON, "tasking", 70),
        proposed_by=people.CHRIS,
    )
    why = asked(people.CHRIS, f"propose {cameras.name}")
    story.tell("disruption", cameras.stream, proposed, at="03-19 09:00", why=why)


def _tasked(story: Story, cameras: Cameras) -> None:
    tasked = ActionTasked(
        action=cameras.action,
        version=1,
        task=cameras.task,
        person=PERSON,
        agency=people.HOMES,
        tactic="cctv-for-evidence",
        announced_as="cctv-for-evidence.requested",
        due_at=DUE,
    )
    why = asked(people.CHRIS, f"task {cameras.name}")
    story.tell("disruption", cameras.stream, tasked, at="03-19 10:00", why=why)


def _answered(
    story: Story,
    cameras: Cameras,
    facts: Facts,
    answer: Literal["accepted", "declined", "not-possible", "done"],
    reason: str | None = None,
) -> None:
    name = f"{cameras.name} {answer}"
    taken = received(story, name, people.HOMES, facts, "03-20 12:00", "2026-03-20T11:50:00Z")
    answered = TaskAnswered(
        action=cameras.action,
        task=cameras.task,
        person=PERSON,
        agency=people.HOMES,
        answer=answer,
        reason=reason,
    )
    story.tell("disruption", cameras.stream, answered, at="03-20 12:00", why=taken)


def _given_up(story: Story, cameras: Cameras) -> None:
    """It is taken on and not done in time; then a worker takes her agreement back."""
    overdue = TaskOverdue(action=cameras.action, task=cameras.task, person=PERSON, agency=people.HOMES, due_at=DUE)
    story.tell("disruption", cameras.stream, overdue, at="04-09 10:00", why=asked("clock", "cameras due"))
    suspended = ClearanceSuspended(action=cameras.action, version=1, person=PERSON, why="revoked")
    why = asked(people.MAY, "answer about cameras")
    stream = f"consultation-{cameras.action}"
    revoked = story.tell("victim_liaison", stream, suspended, at="04-10 09:00", why=why)
    recalled = TaskRecalled(
        action=cameras.action, task=cameras.task, person=PERSON, agency=people.HOMES, why="clearance-suspended"
    )
    story.tell("disruption", cameras.stream, recalled, at="04-10 09:00", why=revoked)
    withdrawn = ActionWithdrawn(action=cameras.action, person=PERSON, reason="risk-to-victim")
    why = asked(people.CHRIS, "withdraw cameras")
    story.tell("disruption", cameras.stream, withdrawn, at="04-10 11:00", why=why)


def _stood_down(story: Story) -> None:
    why = asked(people.LOU, "name another worker")
    assigned = WorkerAssigned(victim=NINA, person=PERSON, worker=people.LENA, standing="assigned")
    story.tell("victim_liaison", f"circle-{PERSON}", assigned, at="04-13 09:00", why=why)
    gone = LiaisonStoodDown(person=PERSON, worker=people.MAY)
    story.tell("victim_liaison", f"circle-{PERSON}", gone, at="04-13 09:00", why=why)
