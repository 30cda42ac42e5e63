"""Whom the story is about, who works on it, and what is sealed of them. All of it is invented."""

from hashlib import sha256
from typing import Final

from schemas.ids import derive
from schemas.sealed import Compartment, Sealed

SITE: Final = "northmere"

POLICE: Final = "northmere-police"
COURTS: Final = "northmere-courts"
PRISON: Final = "hmp-fennholt"
HOMES: Final = "northmere-homes"

CHRIS: Final = "wrk_chris-example"
"""The case manager."""
CAROL: Final = "wrk_carol-example"
"""The coordinator."""
PRIYA: Final = "wrk_priya-example"
"""The practice manager."""
LENA: Final = "wrk_lena-example"
"""The liaison worker of the first victim."""
MAY: Final = "wrk_may-example"
"""The liaison worker of the second."""
LOU: Final = "wrk_lou-example"
"""The liaison lead."""

WORKS_FOR: Final = (
    dict.fromkeys((CHRIS, CAROL, PRIYA), "northmere-change")
    | dict.fromkeys((LENA, MAY, LOU), "northmere-liaison")
    | {agency: agency for agency in (POLICE, COURTS, PRISON, HOMES)}
)
"""Who asks -> the agency that is asked for."""

PERSON: Final = derive("per", "story", "alan")
STRANGER: Final = derive("per", "story", "bert")
"""Another man: no victim of his is known."""
RUTH: Final = derive("vic", "story", "ruth")
NINA: Final = derive("vic", "story", "nina")
REFERRAL: Final = derive("ref", "story", "first")
SECOND_REFERRAL: Final = derive("ref", "story", "second")
ORDER: Final = derive("ord", "story", "restraining order")
SEARCH: Final = derive("act", "story", "cell search")
SEARCH_TASK: Final = derive("tsk", "story", "cell search")
CONTACT: Final = derive("con", "story", "calls")
RELEASE: Final = derive("rel", "story", "phone on the wing")

ORDER_REFERENCE: Final = "NM/26/0417"


def report(name: str) -> str:
    """The reference of one of the reports of the story."""
    return derive("rep", "story", name)


def sealed(compartment: Compartment, subject: str, field: str, length: int = 24) -> Sealed:
    """What a sealed field looks like: bytes that open to nothing, of as many letters as `length` and a tag of 16."""
    place = f"{compartment}/{subject}/{field}"
    return Sealed(
        compartment=compartment,
        subject=subject,
        field=field,
        key_id=derive("key", compartment, subject),
        nonce=_noise(f"nonce {place}", 12),
        ciphertext=_noise(place, length + 16),
    )


def digest(text: str) -> bytes:
    """32 bytes that look like a keyed digest."""
    return sha256(text.encode()).digest()


def _noise(seed: str, length: int) -> bytes:
    blocks = (sha256(f"{place} {seed}".encode()).digest() for place in range(length // 32 + 1))
    return b"".join(blocks)[:length]
