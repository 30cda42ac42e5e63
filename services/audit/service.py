"""The map of audit."""

from typing import Final

from infra.service import Service
from services.audit import api, reactions, read_models
from services.audit.domain import ledger
from services.audit.domain.refusals import REFUSALS

AUDIT: Final = Service(
    name="audit",
    deciders=(ledger,),
    hears=reactions.HEARS,
    react=reactions.react,
    read_models=(read_models.LEDGER,),
    routes=api.routes,
    refusals=REFUSALS,
)
