"""A report: taken or refused, and whom it is about."""

from dataclasses import replace

from schemas.ids import derive
from schemas.reports import Facts
from services.intake.domain import report
from services.intake.domain.report import IdentifyReport, ReceiveReport, RefuseReport
from tests.domain.intake_examples import (
    AT,
    BREACH,
    DETAILS,
    NOW,
    OTHER_PERSON,
    PERSON,
    PHONES,
    RAW,
    REFERRAL,
    REPORT,
    SOURCE,
    VICTIM,
    identified,
    received,
    refused,
    sealed,
    taken,
    unidentified,
    waiting,
    waits_no_more,
)
from tests.given import given

NEW_PERSON = derive("per", "new")


def receive(facts: Facts = BREACH, **changes: object) -> ReceiveReport:
    template = received(facts)
    command = ReceiveReport(
        report=REPORT,
        agency=template.agency,
        kind=template.kind,
        source=SOURCE,
        event_id=template.event_id,
        occurred_at=AT,
        fingerprint=template.fingerprint,
        raw=RAW,
        facts=facts,
        new_person=NEW_PERSON,
        now=NOW,
    )
    return replace(command, **changes)  # type: ignore[arg-type]  # the fields of the command, by name


def refuse(**changes: object) -> RefuseReport:
    template = refused()
    command = RefuseReport(
        report=REPORT,
        agency=template.agency,
        source=template.source,
        event_id=template.event_id,
        code=template.code,
        pointer=template.pointer,
        fingerprint=template.fingerprint,
        raw=RAW,
        is_cut=False,
        now=NOW,
    )
    return replace(command, **changes)  # type: ignore[arg-type]  # as in `receive`


def identify(person: str = PERSON, *, is_known: bool = True) -> IdentifyReport:
    return IdentifyReport(report=REPORT, person=person, is_known_person=is_known, now=NOW)


def test_a_report_about_exactly_one_known_person_is_identified_and_passed_on() -> None:
    given(report).when(receive(candidates=(PERSON,))).then(received(), identified(), taken())


def test_a_report_about_nobody_known_waits() -> None:
    given(report).when(receive()).then(received(), unidentified(), waiting())


def test_a_report_to_whose_identifiers_two_people_answer_waits_with_both_as_candidates() -> None:
    both = tuple(sorted((PERSON, OTHER_PERSON)))

    given(report).when(receive(candidates=(PERSON, OTHER_PERSON))).then(received(), unidentified(*both), waiting())


def test_the_answer_to_a_task_is_about_the_tasks_person() -> None:
    given(report).when(receive(PHONES, task_person=PERSON)).then(received(PHONES), identified("task"), taken(PHONES))


def test_the_answer_to_a_task_that_names_the_same_person_is_identified_by_the_task() -> None:
    given(report).when(receive(PHONES, task_person=PERSON, candidates=(PERSON,))).then(
        received(PHONES), identified("task"), taken(PHONES)
    )


def test_the_answer_to_a_task_that_names_somebody_else_waits_for_a_look() -> None:
    both = tuple(sorted((PERSON, OTHER_PERSON)))

    given(report).when(receive(PHONES, task_person=PERSON, candidates=(OTHER_PERSON,))).then(
        received(PHONES), unidentified(*both), waiting()
    )


def test_the_answer_to_a_task_that_is_not_this_agencys_is_refused() -> None:
    given(report).when(receive(PHONES, candidates=(PERSON,))).then_rejected("task-unknown")


def test_a_referral_of_somebody_unknown_makes_a_person() -> None:
    told = received(REFERRAL, person_details=DETAILS, victims=(VICTIM,))

    given(report).when(receive(REFERRAL, person_details=DETAILS, victims=(VICTIM,))).then(
        told, identified("new-person", NEW_PERSON)
    )


def test_a_referral_of_somebody_known_is_about_him_and_is_not_passed_on_as_a_report() -> None:
    given(report).when(receive(REFERRAL, candidates=(PERSON,))).then(received(REFERRAL), identified())


def test_a_referral_to_which_two_people_answer_makes_nobody() -> None:
    both = tuple(sorted((PERSON, OTHER_PERSON)))

    given(report).when(receive(REFERRAL, candidates=both)).then(received(REFERRAL), unidentified(*both), waiting())


def test_a_report_that_is_no_referral_makes_nobody() -> None:
    given(report).when(receive(new_person=NEW_PERSON)).then(received(), unidentified(), waiting())


def test_the_same_event_sent_again_changes_nothing_whatever_is_known_by_now() -> None:
    given(report, received(), unidentified()).when(receive(candidates=(PERSON,), raw=sealed("raw"))).then_nothing()


def test_the_same_id_with_another_content_is_refused() -> None:
    given(report, received(), identified(), taken()).when(receive(fingerprint=b"another")).then_rejected(
        "report-id-reused"
    )


def test_the_same_id_with_another_content_is_refused_while_the_first_waits() -> None:
    given(report, received(), unidentified()).when(receive(fingerprint=b"another")).then_rejected("report-id-reused")


def test_what_was_refused_is_kept() -> None:
    given(report).when(refuse()).then(refused())


def test_what_was_refused_and_is_corrected_under_the_same_id_is_taken() -> None:
    given(report, refused()).when(receive(candidates=(PERSON,))).then(received(), identified(), taken())


def test_the_same_content_refused_for_another_reason_is_kept_with_it() -> None:
    given(report, refused()).when(refuse(code="kind-not-agreed", pointer="/type")).then(
        refused(code="kind-not-agreed", pointer="/type")
    )


def test_a_second_content_refused_for_the_same_reason_is_kept_too() -> None:
    given(report, refused()).when(refuse(fingerprint=b"another", is_cut=True)).then(
        refused(fingerprint=b"another", is_cut=True)
    )


def test_what_is_refused_after_a_report_was_taken_leaves_that_report_as_it_is() -> None:
    given(report, received(), identified(), taken()).when(refuse(code="report-id-reused", pointer="/id")).then(
        refused(code="report-id-reused", pointer="/id")
    )
    given(report, received(), identified(), taken(), refused()).when(receive()).then_nothing()


def test_a_worker_says_whom_a_waiting_report_is_about_and_it_is_passed_on() -> None:
    given(report, received(), unidentified()).when(identify()).then(identified("hand"), taken(), waits_no_more())


def test_a_worker_says_whom_a_waiting_referral_is_about() -> None:
    before = (received(REFERRAL), unidentified(PERSON, OTHER_PERSON))

    given(report, *before).when(identify(OTHER_PERSON)).then(identified("hand", OTHER_PERSON), waits_no_more())


def test_saying_what_is_known_already_changes_nothing() -> None:
    given(report, received(), identified(), taken()).when(identify()).then_nothing()


def test_a_report_is_not_given_to_somebody_else_once_it_is_identified() -> None:
    given(report, received(), identified(), taken()).when(identify(OTHER_PERSON)).then_rejected(
        "report-already-identified"
    )


def test_a_report_cannot_be_given_to_somebody_who_was_never_referred() -> None:
    given(report, received(), unidentified()).when(identify(is_known=False)).then_rejected("person-unknown")


def test_what_was_only_refused_is_about_nobody() -> None:
    given(report, refused()).when(identify()).then_rejected("report-unknown")


def test_a_report_that_is_not_there_is_about_nobody() -> None:
    given(report).when(identify()).then_rejected("report-unknown")
