"""The map of disruption."""

from typing import Final

from infra.service import Service
from services.disruption import api, reactions, read_models
from services.disruption.domain import action, order, person, task
from services.disruption.domain.refusals import REFUSALS

DISRUPTION: Final = Service(
    name="disruption",
    deciders=(order, action, task, person),
    hears=reactions.HEARS,
    react=reactions.react,
    deadlines=reactions.deadlines,
    on_due=reactions.on_due,
    read_models=read_models.ALL,
    routes=api.routes,
    compartments=("person",),
    refusals=REFUSALS,
)
