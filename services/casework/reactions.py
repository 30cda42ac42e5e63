"""What casework does with what it hears: a referral opens a case, custody is recorded, the rest is noted."""

from collections.abc import Sequence

from infra.service import Ask, Heard, Known, Note
from schemas.disruption import (
    ActionAuthorised,
    ActionChanged,
    ActionConcluded,
    ActionProposed,
    ActionTasked,
    ActionWithdrawn,
    OrderBreached,
    OrderGranted,
    OrderServed,
    TaskAnswered,
    TaskOverdue,
    TaskRecalled,
)
from schemas.intake import ReferralReceived, ReportTaken
from schemas.reports.prison import PrisonerReceived
from schemas.sealed import Sealed
from schemas.victim_liaison import InformationReleased, LiaisonNamed, LiaisonStoodDown
from services.casework.domain import case

HEARS = {
    "intake": (ReferralReceived, ReportTaken),
    "victim_liaison": (LiaisonNamed, LiaisonStoodDown, InformationReleased),
    "disruption": (
        OrderGranted,
        OrderServed,
        OrderBreached,
        ActionProposed,
        ActionChanged,
        ActionAuthorised,
        ActionTasked,
        TaskAnswered,
        TaskOverdue,
        TaskRecalled,
        ActionConcluded,
        ActionWithdrawn,
    ),
}


def react(heard: Heard, _known: Known) -> Sequence[Note | Ask]:
    """Notes come first, so that what is asked is decided with them known."""
    match heard.event:
        case ReferralReceived() as told:
            opening = case.OpenCase(person=told.person, referral=told.referral)
            return (Note(case, told.person, told), Ask(case, told.person, opening))
        case ReportTaken(facts=PrisonerReceived() as facts) as taken:
            return (Ask(case, taken.person, _custody(taken, facts)),)
        case (
            LiaisonNamed()
            | LiaisonStoodDown()
            | InformationReleased()
            | OrderGranted()
            | OrderServed()
            | OrderBreached()
            | ActionProposed()
            | ActionChanged()
            | ActionAuthorised()
            | ActionTasked()
            | TaskAnswered()
            | TaskOverdue()
            | TaskRecalled()
            | ActionConcluded()
            | ActionWithdrawn()
        ) as told:
            return (Note(case, told.person, told),)
        case _:
            return ()


def _custody(taken: ReportTaken, facts: PrisonerReceived) -> case.RecordCustody:
    """An establishment left empty by the prison arrives as plain empty text: there is nothing to keep of it."""
    return case.RecordCustody(
        person=taken.person,
        report=taken.report,
        occurred_at=facts.received_at,
        establishment=facts.establishment if isinstance(facts.establishment, Sealed) else None,
    )
