"""The map of victim_liaison."""

from typing import Final

from infra.service import Service
from services.victim_liaison import api, deadlines, reactions, read_models
from services.victim_liaison.domain import circle, consultation, victim
from services.victim_liaison.domain.refusals import REFUSALS

VICTIM_LIAISON: Final = Service(
    name="victim_liaison",
    deciders=(circle, consultation, victim),
    hears=reactions.HEARS,
    react=reactions.react,
    deadlines=deadlines.deadlines,
    on_due=deadlines.on_due,
    read_models=read_models.ALL,
    routes=api.routes,
    compartments=("person", "victim", "informant", "staff"),
    refusals=REFUSALS,
)
