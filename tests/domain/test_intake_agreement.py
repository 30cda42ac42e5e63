"""An agency tells what was agreed with it."""

import pytest

from schemas.agencies import agencies
from schemas.rejection import Rejected
from services.intake.domain.agreement import refuse_unless_agreed


def test_an_agency_tells_what_was_agreed_and_nothing_else() -> None:
    homes = agencies()["northmere-homes"]

    refuse_unless_agreed(homes, "agency.task-accepted.v1")
    with pytest.raises(Rejected) as refusal:
        refuse_unless_agreed(homes, "police.referral-made.v1")

    assert ("kind-not-agreed", "/type") == (refusal.value.code, refusal.value.pointer)
