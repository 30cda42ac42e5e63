"""Who may see and act on the victim's side. Case managers never do, nor anybody whom this file does not let in."""

from collections.abc import Collection

from infra.web.reader import Reader
from schemas.ids import WorkerId


def serves_victims(reader: Reader) -> bool:
    """Whether there is anything here for this reader at all."""
    return reader.has("liaison-worker", "liaison-lead")


def leads(reader: Reader) -> bool:
    """A liaison lead answers for every victim of the site, and names who stands with each."""
    return reader.has("liaison-lead")


def may_lead(reader: Reader, case_manager: WorkerId | None) -> bool:
    """Wall 2: a lead who manages his case is nobody's lead here."""
    return leads(reader) and reader.id != case_manager


def may_see_victim(reader: Reader, worker: WorkerId | None, case_manager: WorkerId | None) -> bool:
    """Her worker, or the substitute in the worker's place, and the lead; never who manages his case."""
    if may_lead(reader, case_manager):
        return True
    return serves_victims(reader) and reader.id == worker and reader.id != case_manager


def may_see_consultation(reader: Reader, asked: Collection[WorkerId | None], case_manager: WorkerId | None) -> bool:
    """Whoever is asked about the action, and the lead; never who manages his case."""
    if may_lead(reader, case_manager):
        return True
    return serves_victims(reader) and reader.id in asked and reader.id != case_manager


def may_see_question(reader: Reader, worker: WorkerId | None) -> bool:
    """Of a consultation, a worker sees what he or she is asked; what another worker answers is not shown."""
    return leads(reader) or reader.id == worker
