"""What a prison tells: who came in, what a search found, what its own monitoring heard."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.ids import TaskId
from schemas.reports.report import Moment, Reference, Report, Text


class PrisonerReceived(Report, frozen=True, kw_only=True, tag="prison.prisoner-received.v1"):
    """He is in custody. Where is for the perpetrator's side alone: the victim's side is not told the establishment."""

    received_at: Moment
    establishment: Text
    wing: Text = ""


class OrderBreached(Report, frozen=True, kw_only=True, tag="prison.order-breached.v1"):
    """The prison's own monitoring found that a court's order was broken."""

    order: Reference
    breached_at: Moment
    means: Literal["telephone", "letter", "visit", "third-party", "other"]
    establishment: Text
    account: Text = ""


class PhonesRecovered(Report, frozen=True, kw_only=True, tag="prison.phones-recovered.v1"):
    """A search that was asked for is done; this many handsets were found. Whose they were stays with the prison."""

    task: TaskId
    searched_at: Moment
    handsets: Annotated[int, Meta(ge=0, le=500)]
