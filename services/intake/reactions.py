"""What intake does with what it hears: tasks are noted, and a referral whose person is known goes to his stream."""

from collections.abc import Sequence
from typing import Final

from infra.service import Ask, Heard, Known, Note
from schemas.disruption import ActionTasked, TaskRecalled
from schemas.ids import derive
from schemas.intake import ReportIdentified
from schemas.reports.police import ReferralMade
from services.intake.domain import referral, report, task

HEARS: Final = {
    "disruption": (ActionTasked, TaskRecalled),
    "intake": (ReportIdentified,),
}


def react(heard: Heard, known: Known) -> Sequence[Note | Ask]:
    """Pure, as every reaction is."""
    match heard.event:
        case ActionTasked() | TaskRecalled() as told:
            return (Note(task, told.task, told),)
        case ReportIdentified() as identified:
            return _refer(identified, known)
        case _:
            return ()


def _refer(identified: ReportIdentified, known: Known) -> Sequence[Note | Ask]:
    """A referral is decided in the person's own stream, where it shows whether it is the first."""
    match known.state(report, identified.report):
        case report.Identified(told=report.Told(facts=ReferralMade() as facts) as told):
            command = referral.ReceiveReferral(
                referral=derive("ref", identified.report),
                person=identified.person,
                agency=told.agency,
                route=facts.route,
                dash_score=facts.dash_score,
                person_details=told.person_details,
                victims=told.victims,
                now=known.now,
            )
            return (Ask(referral, identified.person, command),)
        case _:
            return ()
