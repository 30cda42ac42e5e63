"""Who may see a case and act on it. Liaison workers never do, whatever other role they hold (wall 2)."""

from infra.web.reader import Reader
from services.casework.domain.case import Case, Open


def may_see_all_cases(reader: Reader) -> bool:
    """Coordinators share out the cases and practice managers answer for them."""
    return reader.has("coordinator", "practice-manager") and not stands_with_victims(reader)


def may_manage_cases(reader: Reader) -> bool:
    """A case manager sees the cases that were given to him or her, and no other."""
    return reader.has("case-manager") and not stands_with_victims(reader)


def may_list_cases(reader: Reader) -> bool:
    """Whether there is a list for this reader at all."""
    return may_see_all_cases(reader) or may_manage_cases(reader)


def stands_with_victims(reader: Reader) -> bool:
    """SR-12: the victim's side has no need of what is written about his case."""
    return reader.has("liaison-worker", "liaison-lead")


def may_see_case(reader: Reader, case: Case) -> bool:
    """An open case is for its case manager and for those who see all; for nobody who stands with a victim of his."""
    if not isinstance(case, Open) or reader.id in case.around.liaison:
        return False
    return may_see_all_cases(reader) or (may_manage_cases(reader) and reader.id == case.case_manager)


def may_allocate(reader: Reader, case: Case) -> bool:
    """Those who see all cases decide who holds one.

    Where none is open there is nothing, and not a word of the address that was asked for is kept.
    """
    return isinstance(case, Open) and may_see_all_cases(reader) and reader.id not in case.around.liaison


def may_record_engagement(reader: Reader, case: Case) -> bool:
    """SR-11 asks for the case manager's own word that he is aware."""
    return may_see_case(reader, case) and isinstance(case, Open) and reader.id == case.case_manager


def may_open_identity(reader: Reader, case: Case) -> bool:
    """Who sees the case may see whom it is about: it is journalled."""
    return may_see_case(reader, case)
