"""Who may see and do what in disruption. Nobody on the victim's side: they see actions where they are consulted."""

from infra.web.reader import Reader
from schemas.ids import AgencyCode
from services.disruption.domain.person import Allocated, NoCase, Person


def is_on_victims_side(reader: Reader) -> bool:
    """Wall 2: whoever works for victims works for them alone, whatever other role they hold."""
    return reader.has("liaison-worker", "liaison-lead")


def sees_every_case(reader: Reader) -> bool:
    """Coordinators share out the cases and practice managers answer for them."""
    return reader.has("coordinator", "practice-manager") and not is_on_victims_side(reader)


def may_hold_cases(reader: Reader) -> bool:
    """A case manager works with the people allocated to him or her."""
    return reader.has("case-manager") and not is_on_victims_side(reader)


def may_work_with(reader: Reader, person: Person) -> bool:
    """Read and propose actions and see them through: on a case, by its case manager or by those who see all.

    Never by somebody who is named on the victim's side around this very person (wall 2).
    """
    if isinstance(person, NoCase) or reader.id in person.liaison:
        return False
    holds_it = isinstance(person, Allocated) and person.case_manager == reader.id
    return sees_every_case(reader) or (may_hold_cases(reader) and holds_it)


def may_see_orders(reader: Reader, person: Person) -> bool:
    """Whoever works with him. Orders of a person without a case are for those who see all."""
    if isinstance(person, NoCase) and reader.id not in person.liaison:
        return sees_every_case(reader)
    return may_work_with(reader, person)


def may_authorise(reader: Reader) -> bool:
    """A practice manager answers for an action. That it is not the author's own is for the domain to ask."""
    return reader.has("practice-manager")


def may_see_tasks(reader: Reader, agency: AgencyCode) -> bool:
    """An agency sees its own tasks, and only an agency sees tasks in this way."""
    return reader.has("agency") and reader.agency == agency
