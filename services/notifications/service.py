"""The map of notifications."""

from typing import Final

from infra.service import Service
from services.notifications import api, deadlines, reactions, read_models
from services.notifications.domain import audience, notice
from services.notifications.domain.refusals import REFUSALS

NOTIFICATIONS: Final = Service(
    name="notifications",
    deciders=(notice, audience),
    hears=reactions.HEARS,
    react=reactions.react,
    deadlines=deadlines.deadlines,
    on_due=deadlines.on_due,
    read_models=(read_models.WORKLIST,),
    routes=api.routes,
    compartments=("staff",),
    refusals=REFUSALS,
)
