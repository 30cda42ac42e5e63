"""The story as agencies tell it: one event for each kind of report, as it is sent, with every word still plain."""

from typing import Any, Final

import msgspec
from msgspec import UNSET

from schemas.reports import Facts
from schemas.reports.courts import OrderGranted
from schemas.reports.police import OrderServed, ReferralMade, VictimDetails
from schemas.reports.prison import OrderBreached, PhonesRecovered, PrisonerReceived
from schemas.reports.report import About, Identifier, kind_of
from schemas.reports.tasks import TaskAccepted, TaskDeclined, TaskDone, TaskNotPossible, TaskStarted
from scripts.story import people
from scripts.story.people import ORDER_REFERENCE, SEARCH_TASK

BY_POLICE: Final = About(
    identifiers=(Identifier(type="PNC", value="2002/0073319Z"),),
    family_name="Exampleby",
    given_names="Alan",
    born="1984-02-03",
)
BY_PRISON: Final = About(
    identifiers=(Identifier(type="NOMS", value="A1234BC"), Identifier(type="PNC", value="2002/0073319Z")),
    family_name="Exampleby",
)

SENT: Final[tuple[tuple[str, Facts], ...]] = (
    (
        people.POLICE,
        ReferralMade(
            about=BY_POLICE,
            route="visible-high-risk",
            reason="Third incident since January; he has said that he will find her wherever she goes.",
            dash_score=17,
            victims=(
                VictimDetails(
                    family_name="Sampleton",
                    given_names="Ruth",
                    relationship="ex-partner",
                    telephone="07700 900123",
                    address="1 Example Row, Northmere",
                ),
            ),
        ),
    ),
    (
        people.COURTS,
        OrderGranted(
            about=BY_POLICE,
            order=ORDER_REFERENCE,
            order_kind="restraining-order",
            granted_at="2026-03-05T11:00:00Z",
            expires_on="2028-03-04",
            terms=("no-contact",),
        ),
    ),
    (
        people.POLICE,
        OrderServed(about=BY_POLICE, order=ORDER_REFERENCE, served_at="2026-03-05T14:20:00Z", method="in-person"),
    ),
    (
        people.PRISON,
        PrisonerReceived(
            about=BY_PRISON, received_at="2026-03-04T15:55:00Z", establishment="HMP Fennholt", wing="C wing"
        ),
    ),
    (
        people.PRISON,
        OrderBreached(
            about=BY_PRISON,
            order=ORDER_REFERENCE,
            breached_at="2026-03-08T19:40:00Z",
            means="telephone",
            establishment="HMP Fennholt",
            account="A call to a barred number was made from a handset found later on the wing.",
        ),
    ),
    (people.PRISON, PhonesRecovered(task=SEARCH_TASK, searched_at="2026-03-13T09:30:00Z", handsets=3)),
    (people.PRISON, TaskAccepted(task=SEARCH_TASK)),
    (
        people.HOMES,
        TaskDeclined(task=SEARCH_TASK, reason="no-capacity", explanation="Every camera we have is in use until May."),
    ),
    (people.PRISON, TaskStarted(task=SEARCH_TASK)),
    (
        people.HOMES,
        TaskNotPossible(task=SEARCH_TASK, reason="prevented", explanation="There is no power where it would hang."),
    ),
    (people.HOMES, TaskDone(task=SEARCH_TASK, outcome="evidence-handed-over", count=2)),
)


def events() -> dict[str, dict[str, Any]]:
    """Kind of report -> the CloudEvent that an agency would send. The kind stands outside of `data` alone."""
    return {kind_of(report): _event(agency, report) for agency, report in SENT}


def _event(agency: str, report: Facts) -> dict[str, Any]:
    kind = kind_of(report)
    told = {name: value for name, value in _without_blanks(msgspec.to_builtins(report)).items() if name != "kind"}
    happened = next((value for name, value in told.items() if name.endswith("_at")), "2026-03-13T12:00:00Z")
    return {
        "specversion": "1.0",
        "id": f"example-{kind.partition('.')[2].removesuffix('.v1')}",
        "source": f"//{agency}.example.org/cordon",
        "type": kind,
        "time": happened,
        "datacontenttype": "application/json",
        "data": told if report.about is UNSET else {"about": told.pop("about"), **told},
    }


def _without_blanks(told: Any) -> Any:
    """What an agency does not know it leaves out."""
    if isinstance(told, list):
        return [_without_blanks(value) for value in told]
    if isinstance(told, dict):
        return {name: _without_blanks(value) for name, value in told.items() if value not in ("", None, [])}
    return told
