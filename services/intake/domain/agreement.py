"""What was agreed with an agency about what it tells."""

from schemas.agencies import Agency
from schemas.rejection import Rejected


def refuse_unless_agreed(agency: Agency, kind: str) -> None:
    """Raises Rejected with `kind-not-agreed` for a kind of report that this agency has no agreement to tell."""
    if kind not in agency.may_tell:
        raise Rejected("kind-not-agreed", "/type")
