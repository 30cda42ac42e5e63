"""The second chapter: she reports calls from prison, and a search of his wing is proposed, cleared and tasked."""

from datetime import datetime

from infra.journal.chain import record_id
from infra.journal.staging import Cause
from schemas.disruption import ActionAuthorised, ActionChanged, ActionProposed, ActionTasked, TaskOpened
from schemas.envelope import Record
from schemas.intake import VictimNamed
from schemas.journal import DeadlineReached
from schemas.victim_liaison import (
    AnswerGiven,
    Asked,
    ClearanceGiven,
    ClearanceSuspended,
    ConditionMet,
    ConditionsMet,
    ConsultationEscalated,
    ConsultationOpened,
    ContactReported,
    InformationReleased,
    QuestionAdded,
    QuestionReassigned,
    ReleaseDecided,
    VictimKnown,
    WorkerAssigned,
)
from scripts.story import people
from scripts.story.people import NINA, PERSON, RUTH, SEARCH, sealed
from scripts.story.telling import Story, asked

CONSULTATION = f"consultation-{SEARCH}"
DUE = "2026-03-11T10:00:00.000000Z"


def tell(story: Story) -> Record:
    """From her report to the task; returns the tasking."""
    _contact(story)
    _first_version(story)
    _second_victim(story)
    return _second_version(story)


def _contact(story: Story) -> None:
    stream = f"victim-{RUTH}"
    reported = ContactReported(
        contact=people.CONTACT,
        victim=RUTH,
        person=PERSON,
        occurred_at="2026-03-08T19:40:00.000000Z",
        means="telephone",
        words=sealed("victim", RUTH, "words", 80),
        wants=("contact-stopped",),
    )
    story.tell("victim_liaison", stream, reported, at="03-09 09:15", why=asked(people.LENA, "report contact"))
    code = "unlawful-phone-likely-on-wing"
    decided = ReleaseDecided(release=people.RELEASE, victim=RUTH, contact=people.CONTACT, person=PERSON, code=code)
    release = story.tell("victim_liaison", stream, decided, at="03-09 09:20", why=asked(people.LENA, "release"))
    released = InformationReleased(release=people.RELEASE, person=PERSON, code=code)
    story.tell("victim_liaison", f"circle-{PERSON}", released, at="03-09 09:20", why=release)


def _first_version(story: Story) -> None:
    proposed = ActionProposed(
        action=SEARCH,
        version=1,
        person=PERSON,
        tactic="cell-search",
        agency=people.PRISON,
        attribution="ambiguous",
        plan=sealed("person", PERSON, "plan", 72),
        tasking=sealed("person", PERSON, "tasking", 90),
        proposed_by=people.CHRIS,
    )
    proposal = story.tell(
        "disruption", f"action-{SEARCH}", proposed, at="03-09 10:00", why=asked(people.CHRIS, "propose")
    )
    opened = ConsultationOpened(
        action=SEARCH, version=1, person=PERSON, asked=(Asked(victim=RUTH, worker=people.LENA),), due_at=DUE
    )
    story.tell("victim_liaison", CONSULTATION, opened, at="03-09 10:00", why=proposal)
    conditions = ("safety-plan-reviewed",)
    answer = AnswerGiven(
        action=SEARCH,
        version=1,
        person=PERSON,
        victim=RUTH,
        worker=people.LENA,
        verdict="agreed-with-conditions",
        conditions=conditions,
        reason=sealed("victim", RUTH, "reason", 60),
    )
    story.tell("victim_liaison", CONSULTATION, answer, at="03-09 11:30", why=asked(people.LENA, "answer"))
    given = ClearanceGiven(
        action=SEARCH, version=1, person=PERSON, verdict="agreed-with-conditions", conditions=conditions
    )
    story.tell("victim_liaison", CONSULTATION, given, at="03-09 11:30", why=asked(people.LENA, "answer"))
    done = ConditionMet(action=SEARCH, version=1, person=PERSON, victim=RUTH, condition="safety-plan-reviewed")
    story.tell("victim_liaison", CONSULTATION, done, at="03-09 14:00", why=asked(people.LENA, "step done"))
    all_done = ConditionsMet(action=SEARCH, version=1, person=PERSON)
    story.tell("victim_liaison", CONSULTATION, all_done, at="03-09 14:00", why=asked(people.LENA, "step done"))


def _second_victim(story: Story) -> None:
    details = {"family_name": sealed("victim", people.report("second-referral"), "family_name")}
    named = VictimNamed(person=PERSON, victim=NINA, referral=people.SECOND_REFERRAL, details=details)
    of_nina = story.tell(
        "intake", f"referral-{PERSON}", named, at="03-09 15:00", why=asked(people.POLICE, "receive more", people.POLICE)
    )
    added = QuestionAdded(
        action=SEARCH, version=1, person=PERSON, victim=NINA, worker=None, due_at="2026-03-11T15:00:00.000000Z"
    )
    suspended = ClearanceSuspended(action=SEARCH, version=1, person=PERSON, why="asked-again")
    story.tell("victim_liaison", CONSULTATION, suspended, at="03-09 15:00", why=of_nina)
    question = story.tell("victim_liaison", CONSULTATION, added, at="03-09 15:00", why=of_nina)
    known = VictimKnown(victim=NINA, person=PERSON, referral=people.SECOND_REFERRAL, details=details)
    story.tell("victim_liaison", f"circle-{PERSON}", known, at="03-09 15:00", why=of_nina)
    assigned = WorkerAssigned(victim=NINA, person=PERSON, worker=people.MAY, standing="substitute")
    naming = story.tell(
        "victim_liaison",
        f"circle-{PERSON}",
        assigned,
        at="03-09 15:30",
        why=asked(people.LOU, "name a substitute for her"),
    )
    reassigned = QuestionReassigned(action=SEARCH, version=1, person=PERSON, victim=NINA, worker=people.MAY)
    story.tell("victim_liaison", CONSULTATION, reassigned, at="03-09 15:30", why=naming)
    _deadline(story, question, CONSULTATION, f"answer-{NINA}", datetime.fromisoformat(added.due_at))


def _deadline(story: Story, set_by: Record, stream: str, name: str, due_at: datetime) -> None:
    """A question that nobody answered in time goes to the lead."""
    id = record_id(set_by.id, "victim_liaison", f"{stream}-{name}", 0)
    why = Cause(id=id, correlation=id, actor="clock")
    came = f"{due_at:%m-%d %H:%M}"
    escalated = ConsultationEscalated(action=SEARCH, version=1, person=PERSON)
    story.tell("victim_liaison", stream, escalated, at=came, why=why)
    reached = DeadlineReached(stream=stream, name=name, due_at=f"{due_at:%Y-%m-%dT%H:%M:%S.%f}Z")
    story.tell("victim_liaison", f"deadline-{stream}", reached, at=came, why=why)


def _second_version(story: Story) -> Record:
    stream = f"action-{SEARCH}"
    changed = ActionChanged(
        action=SEARCH,
        version=2,
        person=PERSON,
        tactic="cell-search",
        agency=people.PRISON,
        attribution="safe",
        plan=sealed("person", PERSON, "plan", 80),
        tasking=sealed("person", PERSON, "tasking", 100),
        proposed_by=people.CHRIS,
    )
    change = story.tell("disruption", stream, changed, at="03-12 09:00", why=asked(people.CHRIS, "change"))
    questions = (Asked(victim=RUTH, worker=people.LENA), Asked(victim=NINA, worker=people.MAY))
    opened = ConsultationOpened(
        action=SEARCH, version=2, person=PERSON, asked=questions, due_at="2026-03-16T09:00:00.000000Z"
    )
    story.tell("victim_liaison", CONSULTATION, opened, at="03-12 09:00", why=change)
    for victim, worker, at in ((RUTH, people.LENA, "03-12 10:10"), (NINA, people.MAY, "03-12 10:40")):
        answer = AnswerGiven(action=SEARCH, version=2, person=PERSON, victim=victim, worker=worker, verdict="agreed")
        story.tell("victim_liaison", CONSULTATION, answer, at=at, why=asked(worker, "answer again"))
    given = ClearanceGiven(action=SEARCH, version=2, person=PERSON, verdict="agreed")
    story.tell("victim_liaison", CONSULTATION, given, at="03-12 10:40", why=asked(people.MAY, "answer again"))
    authorised = ActionAuthorised(action=SEARCH, version=2, person=PERSON)
    story.tell("disruption", stream, authorised, at="03-12 11:00", why=asked(people.PRIYA, "authorise"))
    tasked = ActionTasked(
        action=SEARCH,
        version=2,
        task=people.SEARCH_TASK,
        person=PERSON,
        agency=people.PRISON,
        tactic="cell-search",
        announced_as="cell-search.requested",
        due_at="2026-03-19T11:30:00.000000Z",
    )
    tasking = story.tell("disruption", stream, tasked, at="03-12 11:30", why=asked(people.CHRIS, "task"))
    of_action = TaskOpened(task=people.SEARCH_TASK, action=SEARCH, person=PERSON)
    story.tell("disruption", f"task-{people.SEARCH_TASK}", of_action, at="03-12 11:30", why=tasking)
    return tasking
