"""The third chapter: the prison searches, the order turns out to be broken, and everybody who must know is told."""

from datetime import datetime, timedelta
from typing import Literal

from schemas.disruption import ActionConcluded, OrderBreached, Outcome, TaskAnswered
from schemas.envelope import Record
from schemas.ids import derive
from schemas.notifications import NoticeAcknowledged, NoticeEscalated, NoticeRaised
from schemas.reports import Facts
from schemas.reports.prison import OrderBreached as BreachTold
from schemas.reports.prison import PhonesRecovered
from schemas.reports.tasks import TaskAccepted, TaskStarted
from schemas.victim_liaison import ConsultationClosed, ImpactRecorded, ImpactTold
from scripts.story import people
from scripts.story.opening import received
from scripts.story.people import PERSON, RUTH, SEARCH, SEARCH_TASK, report, sealed
from scripts.story.telling import Story, asked

FOUND = Outcome(code="phones-recovered", count=3)


def tell(story: Story, tasking: Record) -> None:
    """From the tasking to what it changed for her."""
    _told_first(story, tasking)
    _searched(story)
    _breach(story)
    _concluded(story)


def _notice(story: Story, why: Record, owner: str, code: str, about: str, detail: str | None, at: str) -> NoticeRaised:
    is_liaison = owner in (people.LENA, people.MAY)
    notice = NoticeRaised(
        notice=derive("ntc", why.id, owner, code),
        person=PERSON,
        owner=owner,
        code=code,
        about=about,
        detail=detail,
        due_at=_half_an_hour_after(at),
        escalates_to="role:liaison-lead" if is_liaison else "role:practice-manager",
    )
    story.tell("notifications", f"notice-{notice.notice}", notice, at=at, why=why)
    return notice


def _half_an_hour_after(at: str) -> str:
    moment = datetime.fromisoformat(f"2026-{at}") + timedelta(minutes=30)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


def _told_first(story: Story, tasking: Record) -> None:
    for owner in (people.LENA, people.MAY, people.CHRIS):
        _notice(story, tasking, owner, "action-tasked", SEARCH, "cell-search", "03-12 11:30")


def _searched(story: Story) -> None:
    steps: tuple[tuple[str, Facts, Literal["accepted", "started", "done"], str], ...] = (
        ("accepts", TaskAccepted(task=SEARCH_TASK), "accepted", "03-12 13:00"),
        ("starts", TaskStarted(task=SEARCH_TASK), "started", "03-13 08:00"),
        (
            "phones",
            PhonesRecovered(task=SEARCH_TASK, searched_at="2026-03-13T09:30:00Z", handsets=3),
            "done",
            "03-13 12:00",
        ),
    )
    for name, facts, answer, at in steps:
        taken = received(story, name, people.PRISON, facts, at, f"2026-{at.replace(' ', 'T')}:00Z")
        answered = TaskAnswered(
            action=SEARCH,
            task=SEARCH_TASK,
            person=PERSON,
            agency=people.PRISON,
            answer=answer,
            outcome=FOUND if answer == "done" else None,
        )
        story.tell("disruption", f"action-{SEARCH}", answered, at=at, why=taken)


def _breach(story: Story) -> None:
    name, at, occurred_at = "breach", "03-13 14:00", "2026-03-08T19:40:00Z"
    facts = BreachTold(
        order=people.ORDER_REFERENCE,
        breached_at=occurred_at,
        means="telephone",
        establishment=sealed("person", report(name), "establishment", 13),
        account=sealed("person", report(name), "account", 72),
    )
    taken = received(story, name, people.PRISON, facts, at, occurred_at)
    breached = OrderBreached(
        order=people.ORDER,
        person=PERSON,
        report=report(name),
        occurred_at=occurred_at,
        means="telephone",
        standing="served",
    )
    broken = story.tell("disruption", f"order-{people.ORDER}", breached, at=at, why=taken)
    first = _notice(story, broken, people.LENA, "order-breached", people.ORDER, "telephone", at)
    _notice(story, broken, people.MAY, "order-breached", people.ORDER, "telephone", at)
    unseen = _notice(story, broken, people.CHRIS, "order-breached", people.ORDER, "telephone", at)
    seen = NoticeAcknowledged(notice=first.notice, person=PERSON, worker=people.LENA, owner=people.LENA)
    stream = f"notice-{first.notice}"
    story.tell("notifications", stream, seen, at="03-13 14:12", why=asked(people.LENA, "acknowledge"))
    escalated = NoticeEscalated(
        notice=unseen.notice, person=PERSON, to="role:practice-manager", due_at="2026-03-13T16:30:00.000000Z"
    )
    story.tell("notifications", f"notice-{unseen.notice}", escalated, at="03-13 14:30", why=broken)


def _concluded(story: Story) -> None:
    concluded = ActionConcluded(action=SEARCH, person=PERSON, outcome=FOUND)
    conclusion = story.tell(
        "disruption", f"action-{SEARCH}", concluded, at="03-16 09:00", why=asked(people.CHRIS, "conclude")
    )
    closed = ConsultationClosed(action=SEARCH, person=PERSON)
    story.tell("victim_liaison", f"consultation-{SEARCH}", closed, at="03-16 09:00", why=conclusion)
    told = ImpactTold(
        action=SEARCH, person=PERSON, victim=RUTH, effect="contact-stopped", words=sealed("victim", RUTH, "words", 40)
    )
    circle, why = f"circle-{PERSON}", asked(people.LENA, "tell impact")
    story.tell("victim_liaison", circle, told, at="03-18 10:00", why=why)
    recorded = ImpactRecorded(action=SEARCH, person=PERSON, effect="contact-stopped")
    story.tell("victim_liaison", circle, recorded, at="03-18 10:00", why=why)
