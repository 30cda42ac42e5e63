"""The map of casework."""

from typing import Final

from infra.service import Service
from services.casework import api, reactions, read_models
from services.casework.domain import case
from services.casework.domain.refusals import REFUSALS

CASEWORK: Final = Service(
    name="casework",
    deciders=(case,),
    hears=reactions.HEARS,
    react=reactions.react,
    read_models=read_models.ALL,
    routes=api.routes,
    compartments=("person", "notes"),
    refusals=REFUSALS,
)
