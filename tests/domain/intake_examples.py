"""Invented events and reports for the tests of intake: valid as they stand, changed by name where a test needs it."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from schemas.ids import derive
from schemas.intake import (
    NamedVictim,
    ReportIdentified,
    ReportReceived,
    ReportRefused,
    ReportTaken,
    ReportUnidentified,
    ReportWaiting,
    ReportWaitsNoMore,
)
from schemas.reports import Facts
from schemas.reports.police import ReferralMade
from schemas.reports.prison import OrderBreached, PhonesRecovered
from schemas.reports.report import kind_of
from schemas.sealed import Compartment, Sealed

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
AT = "2026-03-02T09:00:00.000000Z"
REPORT = derive("rep", "one")
PERSON = derive("per", "one")
OTHER_PERSON = derive("per", "another")
TASK = derive("tsk", "one")
SOURCE = "//hmp-fennholt.example.org/security"


def sealed(field: str, subject: str = REPORT, compartment: Compartment = "person") -> Sealed:
    """Something sealed, which nobody opens here."""
    return Sealed(
        compartment=compartment, subject=subject, field=field, key_id="k1", nonce=bytes(12), ciphertext=b"sealed"
    )


RAW = sealed("raw", compartment="report")
BREACH = OrderBreached(order="NM/26/0417", breached_at=AT, means="telephone", establishment=sealed("establishment"))
PHONES = PhonesRecovered(task=TASK, searched_at=AT, handsets=3)
REFERRAL = ReferralMade(route="visible-high-risk", reason=sealed("reason"), dash_score=17)
VICTIM = NamedVictim(token="token-of-her-name", details={"family_name": sealed("family_name", compartment="victim")})
DETAILS = {"family_name": sealed("family_name")}


def received(facts: Facts = BREACH, **changes: Any) -> ReportReceived:
    """A report that was taken."""
    event = ReportReceived(
        report=REPORT,
        agency="hmp-fennholt",
        kind=kind_of(facts),
        source=SOURCE,
        event_id="one",
        occurred_at=AT,
        fingerprint=b"as sent",
        raw=RAW,
        facts=facts,
    )
    return msgspec.structs.replace(event, **changes)


def refused(**changes: Any) -> ReportRefused:
    """An event that was refused."""
    event = ReportRefused(
        report=REPORT,
        agency="hmp-fennholt",
        source=SOURCE,
        event_id="one",
        code="field-missing",
        pointer="/data/order",
        fingerprint=b"as sent in vain",
        raw=RAW,
        is_cut=False,
    )
    return msgspec.structs.replace(event, **changes)


def identified(by: Any = "identifier", person: str = PERSON) -> ReportIdentified:
    """It is known whom the report is about."""
    return ReportIdentified(report=REPORT, person=person, by=by)


def waiting() -> ReportWaiting:
    return ReportWaiting(report=REPORT)


def waits_no_more() -> ReportWaitsNoMore:
    return ReportWaitsNoMore(report=REPORT)


def unidentified(*candidates: str) -> ReportUnidentified:
    """It is not known whom the report is about."""
    return ReportUnidentified(report=REPORT, candidates=candidates)


def taken(facts: Facts = BREACH, person: str = PERSON) -> ReportTaken:
    """The report, passed on."""
    return ReportTaken(report=REPORT, person=person, agency="hmp-fennholt", occurred_at=AT, facts=facts)


def event(**changes: Any) -> dict[str, Any]:
    """A CloudEvent of a prison as JSON values. A change to None leaves the attribute out."""
    whole = {
        "specversion": "1.0",
        "id": "one",
        "source": SOURCE,
        "type": "prison.order-breached.v1",
        "time": "2026-03-02T09:00:00Z",
        "data": breach(),
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def breach(**changes: Any) -> dict[str, Any]:
    """The data of a breach as a prison sends it. A change to None leaves the field out."""
    whole = {
        "about": {"identifiers": [{"type": "NOMS", "value": "A1234BC"}], "family_name": "Exampleby"},
        "order": "NM/26/0417",
        "breached_at": "2026-03-02T08:41:00Z",
        "means": "telephone",
        "establishment": "HMP Fennholt",
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def as_json(value: object) -> bytes:
    """The bytes that are sent."""
    return msgspec.json.encode(value)
