"""An agency is asked for what an agency of its kind can do, and for nothing else."""

import pytest

from schemas.rejection import Rejected
from services.disruption.domain.agency import refuse_unless_able
from services.disruption.domain.tactics import BY_CODE


@pytest.mark.parametrize(
    ("agency", "tactic"),
    [
        ("hmp-fennholt", "cell-search"),
        ("hmp-fennholt", "unwanted-contact-block"),
        ("northmere-police", "trace-and-serve"),
        ("northmere-homes", "cctv-for-evidence"),
    ],
)
def test_an_agency_is_asked_for_what_its_kind_can_do(agency: str, tactic: str) -> None:
    refuse_unless_able(agency, BY_CODE[tactic])


@pytest.mark.parametrize(
    ("agency", "tactic", "code"),
    [
        ("hmp-elsewhere", "cell-search", "agency-unknown"),
        ("northmere-homes", "cell-search", "agency-cannot-act"),
        ("northmere-courts", "trace-and-serve", "agency-cannot-act"),
        ("hmp-fennholt", "cctv-for-evidence", "agency-cannot-act"),
    ],
)
def test_nobody_is_asked_for_what_they_cannot_do(agency: str, tactic: str, code: str) -> None:
    with pytest.raises(Rejected) as refusal:
        refuse_unless_able(agency, BY_CODE[tactic])

    assert (code, "/agency") == (refusal.value.code, refusal.value.pointer)
