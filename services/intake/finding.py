"""Finding whom a report is about without reading anybody: by blind-index tokens of the identifiers it gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from infra.web.desk import Desk
from schemas.ids import PersonId, derive

STRENGTH: Final = ("PNC", "CRO", "NOMS", "CRN")
"""Types of identifier, the one first that most agencies have and that its holder keeps longest. A fixed order, so
that two referrals of one new man make the same reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Who answers to the identifiers, the tokens they were found by, and the reference a new person would have."""

    candidates: tuple[PersonId, ...] = ()
    tokens: tuple[str, ...] = ()
    new_person: PersonId | None = None


async def find(desk: Desk, identifiers: Sequence[tuple[str, str]]) -> Found:
    """Look for the person with these identifiers: type and canonical form of each."""
    if not identifiers:
        return Found()
    tokens = [(kind, (await desk.tokens("person", {kind: value}))[kind]) for kind, value in identifiers]
    kind, strongest = min(tokens, key=lambda one: (STRENGTH.index(one[0]), one[1]))
    known = tuple(token for _, token in tokens)
    return Found(
        candidates=tuple(sorted(await desk.find("person", known))),
        tokens=known,
        new_person=derive("per", desk.site, kind, strongest),
    )


async def learn(desk: Desk, found: Found) -> None:
    """Let all identifiers of a referral find its person from now on, whether he is new or was known by one of them.

    Referrals alone teach: a number mistyped in a routine report must not tie two people together. Saying it twice
    changes nothing, so a crash between this and the report's commit does no harm.
    """
    match found.candidates:
        case [person]:
            await desk.remember("person", person, found.tokens)
        case [] if found.new_person is not None:
            await desk.remember("person", found.new_person, found.tokens)
        case _:
            pass
