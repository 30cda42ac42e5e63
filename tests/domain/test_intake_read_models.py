"""What intake shows: to an agency its own, to coordinators all, to others nothing; references, kinds and codes."""

from collections.abc import Iterator

import pytest
from msgspec import Raw
from sqlalchemy import Connection, create_engine

from infra.service import Recorded
from infra.web.reader import Reader
from schemas.envelope import Record
from schemas.event import Event
from schemas.ids import derive
from services.intake import read_models
from services.intake.read_models import RefusedEvent, WaitingReport
from services.intake.receipts import Receipt, refused
from tests.domain.intake_examples import (
    AT,
    OTHER_PERSON,
    PERSON,
    REPORT,
    SOURCE,
    identified,
    received,
    unidentified,
)
from tests.domain.intake_examples import refused as was_refused

PRISON = Reader(id="hmp-fennholt", roles=frozenset({"agency"}), agency="hmp-fennholt", site="northmere")
HOMES = Reader(id="northmere-homes", roles=frozenset({"agency"}), agency="northmere-homes", site="northmere")
COORDINATOR = Reader(id="wrk_una", roles=frozenset({"coordinator"}), agency="cordon", site="northmere")
CASE_MANAGER = Reader(id="wrk_sam", roles=frozenset({"case-manager"}), agency="cordon", site="northmere")
LATER = "2026-03-02T09:30:00.000000Z"
OTHER_REPORT = derive("rep", "another")


class Shown:
    """The tables after these events, in an empty database."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._sequence = 0

    def after(self, *events: Event) -> None:
        (model,) = read_models.ALL
        for event in events:
            assert type(event) in model.reads
            for statement, parameters in model.project(self._recorded(event)):
                self.connection.execute(statement, parameters)

    def _recorded(self, event: Event) -> Recorded:
        self._sequence += 1
        record = Record(
            id=f"record-{self._sequence}",
            source="intake",
            type=event.TYPE,
            subject="report",
            time=AT,
            recordedtime=LATER,
            logicaltime=1,
            salt="",
            site="northmere",
            correlationid="one",
            causationid="one",
            actor="hmp-fennholt",
            specversion="1.0",
            datacontenttype="application/json",
            data=Raw(b"{}"),
        )
        return Recorded(sequence=self._sequence, stream="report", version=self._sequence, record=record, event=event)


@pytest.fixture
def shown() -> Iterator[Shown]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        read_models.metadata.create_all(connection)
        yield Shown(connection)
    engine.dispose()


def waiting_for(shown: Shown, reader: Reader, after: int = 0, count: int = 10) -> list[WaitingReport]:
    return list(read_models.waiting(shown.connection, reader, after, count))


def refused_for(
    shown: Shown, reader: Reader, agency: str | None = None, before: str = "", count: int = 10
) -> list[RefusedEvent]:
    return list(read_models.refused_events(shown.connection, reader, agency, before, count))


def test_a_report_about_nobody_known_is_on_the_coordinators_list(shown: Shown) -> None:
    shown.after(received(), unidentified(OTHER_PERSON, PERSON))

    expected = WaitingReport(
        order=1,
        report=REPORT,
        agency="hmp-fennholt",
        kind="prison.order-breached.v1",
        candidates=(OTHER_PERSON, PERSON),
        occurred_at=AT,
        recorded_at=LATER,
    )

    assert [expected] == waiting_for(shown, COORDINATOR)


def test_a_report_whose_person_is_known_waits_no_more(shown: Shown) -> None:
    shown.after(received(), unidentified(), identified("hand"))

    assert [] == waiting_for(shown, COORDINATOR)


@pytest.mark.parametrize("reader", [PRISON, CASE_MANAGER], ids=["agency", "case manager"])
def test_nobody_else_sees_what_waits(shown: Shown, reader: Reader) -> None:
    shown.after(received(), unidentified())

    assert [] == waiting_for(shown, reader)


def test_what_waits_is_shown_in_pages(shown: Shown) -> None:
    shown.after(received(), unidentified(), received(report=OTHER_REPORT, event_id="two"))

    (first,) = waiting_for(shown, COORDINATOR, count=1)
    (second,) = waiting_for(shown, COORDINATOR, after=first.order)

    assert (REPORT, OTHER_REPORT) == (first.report, second.report)


def test_an_agency_sees_what_it_sent_in_vain_the_newest_first(shown: Shown) -> None:
    shown.after(was_refused(), was_refused(report=OTHER_REPORT, source=None, event_id=None, code="json-malformed"))

    expected = RefusedEvent(
        refusal="record-1",
        report=REPORT,
        agency="hmp-fennholt",
        source=SOURCE,
        event_id="one",
        code="field-missing",
        pointer="/data/order",
        recorded_at=LATER,
    )
    newest, oldest = refused_for(shown, PRISON, "hmp-fennholt")

    assert expected == oldest
    assert (None, None, "json-malformed") == (newest.source, newest.event_id, newest.code)


def test_what_was_refused_is_shown_in_pages(shown: Shown) -> None:
    shown.after(was_refused(), was_refused(code="kind-not-agreed"), was_refused(code="task-unknown"))

    newest = refused_for(shown, PRISON, "hmp-fennholt", count=1)
    others = refused_for(shown, PRISON, "hmp-fennholt", before=newest[-1].refusal)

    assert ["task-unknown", "kind-not-agreed", "field-missing"] == [one.code for one in (*newest, *others)]


def test_an_agency_sees_nothing_of_another(shown: Shown) -> None:
    shown.after(received(), was_refused())

    assert [] == refused_for(shown, HOMES, "hmp-fennholt")
    assert [] == refused_for(shown, HOMES)
    assert read_models.receipt_of(shown.connection, HOMES, "hmp-fennholt", REPORT) is None
    assert read_models.receipt_of(shown.connection, HOMES, "northmere-homes", REPORT) is None


def test_a_coordinator_sees_what_any_agency_sent_in_vain_and_nobody_else_does(shown: Shown) -> None:
    shown.after(was_refused(), was_refused(agency="northmere-homes"))

    assert ["northmere-homes", "hmp-fennholt"] == [one.agency for one in refused_for(shown, COORDINATOR)]
    assert [] == refused_for(shown, CASE_MANAGER)


@pytest.mark.parametrize(
    "whom", [(unidentified(),), (unidentified(), identified("hand")), (identified(),)], ids=["waits", "hand", "known"]
)
def test_a_receipt_does_not_tell_whether_the_person_is_known(shown: Shown, whom: tuple[Event, ...]) -> None:
    """SR-14: an agency must not learn by trying identifiers who is on the programme."""
    shown.after(received(), *whom)

    expected = Receipt(id="one", source=SOURCE, report=REPORT, receipt="accepted")

    assert expected == read_models.receipt_of(shown.connection, PRISON, "hmp-fennholt", REPORT)


def test_the_receipt_of_what_was_refused_says_why_it_was_refused_last(shown: Shown) -> None:
    shown.after(was_refused(), was_refused(code="kind-not-agreed", pointer="/type"))

    expected = refused(REPORT, SOURCE, "one", "kind-not-agreed", "/type")

    assert expected == read_models.receipt_of(shown.connection, PRISON, "hmp-fennholt", REPORT)


def test_what_was_corrected_under_the_same_id_is_accepted(shown: Shown) -> None:
    shown.after(was_refused(), received(), identified())
    receipt = read_models.receipt_of(shown.connection, PRISON, "hmp-fennholt", REPORT)

    assert receipt is not None
    assert "accepted" == receipt.receipt
