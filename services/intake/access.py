"""Who may tell intake something, and who may see what it keeps. Only references, kinds and codes are shown at all."""

from infra.web.reader import Reader
from schemas.ids import AgencyCode


def may_tell(reader: Reader, agency: AgencyCode) -> bool:
    """An agency's own system tells in the agency's name, and nobody else does."""
    return reader.has("agency") and reader.agency == agency


def may_see_receipts(reader: Reader, agency: AgencyCode) -> bool:
    """What became of what an agency sent is for that agency, in codes."""
    return may_tell(reader, agency)


def may_see_refused(reader: Reader) -> bool:
    """Coordinators see what any agency sent in vain, so that they can help it to send it right."""
    return reader.has("coordinator")


def may_see_waiting(reader: Reader) -> bool:
    """Coordinators look after reports of which nobody knows yet whom they are about."""
    return reader.has("coordinator")


def may_identify(reader: Reader) -> bool:
    """Whoever sees what waits may end the waiting."""
    return may_see_waiting(reader)
