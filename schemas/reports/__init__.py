"""What an agency may tell us, one file a kind of agency. To add a report: its class, and its line in `Facts`."""

from typing import Final, get_args

from schemas.reports.courts import OrderGranted
from schemas.reports.police import OrderServed, ReferralMade
from schemas.reports.prison import OrderBreached, PhonesRecovered, PrisonerReceived
from schemas.reports.report import Report, kind_of
from schemas.reports.tasks import TaskAccepted, TaskDeclined, TaskDone, TaskNotPossible, TaskStarted

Facts = (
    ReferralMade
    | OrderGranted
    | OrderServed
    | PrisonerReceived
    | OrderBreached
    | PhonesRecovered
    | TaskAccepted
    | TaskDeclined
    | TaskStarted
    | TaskNotPossible
    | TaskDone
)

ALL: Final[tuple[type[Report], ...]] = get_args(Facts)
BY_KIND: Final = {kind_of(report): report for report in ALL}
