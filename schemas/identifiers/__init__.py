"""The numbers by which agencies know a person, one file a kind. To add one: its file, and its line in `ALL`."""

from collections.abc import Mapping
from typing import Final

from schemas.identifiers.arrest_summons import ARREST_SUMMONS_NUMBER
from schemas.identifiers.crn import CRN
from schemas.identifiers.cro import CRO
from schemas.identifiers.driver_number import DRIVER_NUMBER
from schemas.identifiers.kind import Kind
from schemas.identifiers.national_insurance import NATIONAL_INSURANCE_NUMBER
from schemas.identifiers.nhs_number import NHS_NUMBER
from schemas.identifiers.pnc import PNC
from schemas.identifiers.prison_number import PRISON_NUMBER

ALL: Final[tuple[Kind, ...]] = (
    PNC,
    CRO,
    PRISON_NUMBER,
    CRN,
    NATIONAL_INSURANCE_NUMBER,
    NHS_NUMBER,
    ARREST_SUMMONS_NUMBER,
    DRIVER_NUMBER,
)
BY_CODE: Final[Mapping[str, Kind]] = {kind.code: kind for kind in ALL}
