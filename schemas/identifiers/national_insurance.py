"""The National Insurance number: two letters, six digits, a letter from A to D. It has no check digit.

Letters left out and prefixes never issued: general knowledge of HMRC's rules, to be verified before it is relied on.
"""

from typing import Final

from schemas.identifiers.kind import Kind, plain

NATIONAL_INSURANCE_NUMBER: Final = Kind(
    code="NATIONAL_INSURANCE_NUMBER",
    title="National Insurance number",
    parse=plain(
        "(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]",
        separators="-",
    ),
)
