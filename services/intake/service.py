"""The map of intake."""

from typing import Final

from infra.service import Service
from services.intake import api, feed, reactions, read_models
from services.intake.domain import referral, report, task
from services.intake.domain.refusals import REFUSALS

INTAKE: Final = Service(
    name="intake",
    deciders=(report, referral, task),
    hears=reactions.HEARS,
    react=reactions.react,
    read_models=read_models.ALL,
    routes=api.routes,
    inbox=feed.INBOX,
    compartments=("report", "person"),
    refusals=REFUSALS,
)
