"""The first chapter: he is referred, a case is opened, and somebody stands with each victim."""

from schemas.casework import CaseAllocated, CaseOpened, CustodyRecorded, EngagementRecorded, ReferralJoined
from schemas.disruption import OrderGranted, OrderServed
from schemas.envelope import Record
from schemas.ids import derive
from schemas.intake import (
    NamedVictim,
    ReferralReceived,
    ReportIdentified,
    ReportReceived,
    ReportRefused,
    ReportTaken,
    ReportUnidentified,
    ReportWaiting,
    ReportWaitsNoMore,
    VictimNamed,
)
from schemas.notifications import NoticeRaised, NoticeSettled
from schemas.reports import Facts
from schemas.reports.courts import OrderGranted as GrantTold
from schemas.reports.police import OrderServed as ServiceTold
from schemas.reports.police import ReferralMade
from schemas.reports.prison import PrisonerReceived
from schemas.reports.report import kind_of
from schemas.victim_liaison import LiaisonNamed, SubstituteNamed, VictimKnown, WorkerAssigned
from scripts.story import people
from scripts.story.people import PERSON, REFERRAL, RUTH, SECOND_REFERRAL, digest, report, sealed
from scripts.story.telling import Story, asked


def tell(story: Story) -> None:
    """From the referral to the order that was served on him."""
    _referral(story)
    _liaison(story)
    _further_referral(story)
    _custody(story)
    _order(story)
    _troubles(story)


def received(story: Story, name: str, agency: str, facts: Facts, at: str, occurred_at: str) -> Record:
    """A report comes in and is found to be about him: what intake says of it to the others."""
    told = _received(story, name, agency, facts, at, occurred_at)
    by = ReportIdentified(report=report(name), person=PERSON, by="task" if hasattr(facts, "task") else "identifier")
    story.tell("intake", f"report-{report(name)}", by, at=at, why=told)
    taken = ReportTaken(report=report(name), person=PERSON, agency=agency, occurred_at=occurred_at, facts=facts)
    return story.tell("intake", f"report-{report(name)}", taken, at=at, why=told)


def _received(
    story: Story, name: str, agency: str, facts: Facts, at: str, occurred_at: str, victims: tuple[NamedVictim, ...] = ()
) -> Record:
    subject = report(name)
    event = ReportReceived(
        report=subject,
        agency=agency,
        kind=kind_of(facts),
        source=f"//{agency}.example.org/cordon",
        event_id=name,
        occurred_at=occurred_at,
        fingerprint=digest(name),
        raw=sealed("report", subject, "raw", 96),
        facts=facts,
        person_details={"pnc": sealed("person", subject, "pnc", 13)},
        victims=victims,
    )
    return story.tell("intake", f"report-{subject}", event, at=at, why=asked(agency, f"receive {name}"))


def _referral(story: Story) -> None:
    name = "referral"
    subject = report(name)
    facts = ReferralMade(route="visible-high-risk", reason=sealed("person", subject, "reason", 80), dash_score=17)
    ruth = {field: sealed("victim", subject, field) for field in ("family_name", "given_names", "telephone")}
    named = NamedVictim(token=digest("ruth").hex(), details=ruth)
    told = _received(story, name, people.POLICE, facts, "03-02 09:30", "2026-03-02T09:12:00Z", (named,))
    identified = ReportIdentified(report=subject, person=PERSON, by="new-person")
    known = story.tell("intake", f"report-{subject}", identified, at="03-02 09:30", why=told)
    details = {"family_name": sealed("person", subject, "family_name"), "pnc": sealed("person", subject, "pnc", 13)}
    referral = ReferralReceived(
        referral=REFERRAL,
        person=PERSON,
        agency=people.POLICE,
        route="visible-high-risk",
        dash_score=17,
        standing="new",
        person_details=details,
    )
    referred = story.tell("intake", f"referral-{PERSON}", referral, at="03-02 09:30", why=known)
    victim = VictimNamed(person=PERSON, victim=RUTH, referral=REFERRAL, details=ruth)
    of_ruth = story.tell("intake", f"referral-{PERSON}", victim, at="03-02 09:30", why=known)
    opened = CaseOpened(person=PERSON, referral=REFERRAL)
    opening = story.tell("casework", f"case-{PERSON}", opened, at="03-02 09:30", why=referred)
    errand = derive("ntc", "errand", "allocate-case", PERSON)
    raised = NoticeRaised(
        notice=errand,
        person=PERSON,
        owner="role:coordinator",
        code="allocate-case",
        about=PERSON,
        detail=None,
        due_at="2026-03-04T09:30:00.000000Z",
        escalates_to="role:practice-manager",
    )
    story.tell("notifications", f"notice-{errand}", raised, at="03-02 09:30", why=opening)
    is_known = VictimKnown(victim=RUTH, person=PERSON, referral=REFERRAL, details=ruth)
    story.tell("victim_liaison", f"circle-{PERSON}", is_known, at="03-02 09:30", why=of_ruth)


def _liaison(story: Story) -> None:
    circle = f"circle-{PERSON}"
    assigned = WorkerAssigned(victim=RUTH, person=PERSON, worker=people.LENA, standing="assigned")
    story.tell("victim_liaison", circle, assigned, at="03-02 10:05", why=asked(people.LOU, "name her worker"))
    named = LiaisonNamed(person=PERSON, worker=people.LENA, standing="assigned")
    story.tell("victim_liaison", circle, named, at="03-02 10:05", why=asked(people.LOU, "name her worker"))
    allocated = CaseAllocated(person=PERSON, worker=people.CHRIS)
    why = asked(people.CAROL, "allocate")
    allocation = story.tell("casework", f"case-{PERSON}", allocated, at="03-02 11:20", why=why)
    errand = derive("ntc", "errand", "allocate-case", PERSON)
    settled = NoticeSettled(notice=errand, person=PERSON)
    story.tell("notifications", f"notice-{errand}", settled, at="03-02 11:20", why=allocation)
    unaware = EngagementRecorded(person=PERSON, state="unaware", is_aware=False)
    story.tell("casework", f"case-{PERSON}", unaware, at="03-02 11:45", why=asked(people.CHRIS, "record engagement"))
    substitute = SubstituteNamed(person=people.STRANGER, worker=people.MAY)
    story.tell(
        "victim_liaison",
        f"circle-{people.STRANGER}",
        substitute,
        at="03-02 12:00",
        why=asked(people.LOU, "name a substitute"),
    )


def _further_referral(story: Story) -> None:
    name = "second-referral"
    facts = ReferralMade(route="repeat", reason=sealed("person", report(name), "reason", 80))
    told = _received(story, name, people.POLICE, facts, "03-03 08:50", "2026-03-03T08:40:00Z")
    identified = ReportIdentified(report=report(name), person=PERSON, by="identifier")
    known = story.tell("intake", f"report-{report(name)}", identified, at="03-03 08:50", why=told)
    referral = ReferralReceived(
        referral=SECOND_REFERRAL,
        person=PERSON,
        agency=people.POLICE,
        route="repeat",
        dash_score=None,
        standing="repeat",
        person_details={},
    )
    referred = story.tell("intake", f"referral-{PERSON}", referral, at="03-03 08:50", why=known)
    joined = ReferralJoined(person=PERSON, referral=SECOND_REFERRAL)
    story.tell("casework", f"case-{PERSON}", joined, at="03-03 08:50", why=referred)


def _custody(story: Story) -> None:
    name = "reception"
    at, occurred_at = "03-04 16:10", "2026-03-04T15:55:00Z"
    establishment = sealed("person", report(name), "establishment", 13)
    facts = PrisonerReceived(
        received_at=occurred_at, establishment=establishment, wing=sealed("person", report(name), "wing", 6)
    )
    taken = received(story, name, people.PRISON, facts, at, occurred_at)
    custody = CustodyRecorded(person=PERSON, report=report(name), occurred_at=occurred_at, establishment=establishment)
    story.tell("casework", f"case-{PERSON}", custody, at=at, why=taken)


def _order(story: Story) -> None:
    granted_at, served_at = "2026-03-05T11:00:00Z", "2026-03-05T14:20:00Z"
    told = GrantTold(
        order=people.ORDER_REFERENCE,
        order_kind="restraining-order",
        granted_at=granted_at,
        expires_on="2028-03-04",
        terms=("no-contact",),
    )
    taken = received(story, "grant", people.COURTS, told, "03-05 11:30", granted_at)
    granted = OrderGranted(
        order=people.ORDER,
        person=PERSON,
        order_kind="restraining-order",
        reference=people.ORDER_REFERENCE,
        occurred_at=granted_at,
        expires_on="2028-03-04",
        terms=("no-contact",),
    )
    story.tell("disruption", f"order-{people.ORDER}", granted, at="03-05 11:30", why=taken)
    service = ServiceTold(order=people.ORDER_REFERENCE, served_at=served_at, method="in-person")
    taken = received(story, "service", people.POLICE, service, "03-05 15:00", served_at)
    served = OrderServed(order=people.ORDER, person=PERSON, occurred_at=served_at, method="in-person")
    story.tell("disruption", f"order-{people.ORDER}", served, at="03-05 15:00", why=taken)


def _troubles(story: Story) -> None:
    """One report without an order's reference, and one of which nobody knows yet whom it is about."""
    name, agency = "incomplete", people.PRISON
    subject = report(name)
    refused = ReportRefused(
        report=subject,
        agency=agency,
        source=f"//{agency}.example.org/cordon",
        event_id=name,
        code="field-missing",
        pointer="/data/order",
        fingerprint=digest(name),
        raw=sealed("report", subject, "raw", 96),
        is_cut=False,
    )
    story.tell("intake", f"report-{subject}", refused, at="03-05 15:10", why=asked(agency, "refuse"))
    name = "reception-of-somebody"
    facts = PrisonerReceived(
        received_at="2026-03-05T16:00:00Z", establishment=sealed("person", report(name), "establishment", 13)
    )
    told = _received(story, name, people.PRISON, facts, "03-05 16:20", "2026-03-05T16:00:00Z")
    waits = ReportUnidentified(report=report(name), candidates=(PERSON, people.STRANGER))
    stream = f"report-{report(name)}"
    story.tell("intake", stream, waits, at="03-05 16:20", why=told)
    story.tell("intake", stream, ReportWaiting(report=report(name)), at="03-05 16:20", why=told)
    by_hand = ReportIdentified(report=report(name), person=PERSON, by="hand")
    looked_at = asked("wrk_ruth-alder", "identify")
    story.tell("intake", stream, by_hand, at="03-05 16:50", why=looked_at)
    story.tell("intake", stream, ReportWaitsNoMore(report=report(name)), at="03-05 16:50", why=looked_at)
