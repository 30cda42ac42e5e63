"""The invented people of a workload: numbers of the right form that belong to nobody, names, and what is written.

Whom a number belongs to follows from his place alone, so that no two men of one workload ever share one.
"""

from dataclasses import dataclass
from random import Random  # noqa: TID251 - everything is drawn from a seed that is printed
from typing import Any, Final

from schemas.identifiers.kind import check_letter

_GIVEN: Final = ("Corin", "Dale", "Ewan", "Ferris", "Garth", "Hollis", "Ivor", "Jory", "Keir", "Lorne")
_HER_GIVEN: Final = ("Merryn", "Nessa", "Orla", "Petra", "Rhona", "Senara", "Tamsin", "Una", "Willa", "Zelah")
_FAMILY: Final = ("Winslade", "Lowther", "Penrose", "Quickley", "Tregear", "Ashdown", "Birkett", "Culver", "Dunmore")
_LETTERS: Final = "ABCDEFGHJKLMNPQRTUVWXY"
_TELEPHONE: Final = 100
"""Ofcom keeps 07700 900000 to 900999 for drama."""

PLAN: Final = (
    "He will take it for a matter of routine that has nothing to do with anybody outside, as it is done every month."
)
TASKINGS: Final = {
    "cell-search": "Search the cells on B Wing for unlawful phones, all of them on one day, as a routine search.",
    "unwanted-contact-block": "Stop his calls and letters to the numbers on the list that you hold.",
    "trace-and-serve": "Please find him and hand him the order of the court that is waiting to be served.",
    "cctv-for-evidence": "Please keep the recordings of the entrance for the coming four weeks.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Woman:
    """A victim as a referral names her."""

    family_name: str
    given_names: str
    relationship: str
    telephone: str

    @property
    def name(self) -> str:
        return f"{self.given_names} {self.family_name}"

    @property
    def told(self) -> dict[str, str]:
        """As it stands in a report or a request."""
        return {
            "family_name": self.family_name,
            "given_names": self.given_names,
            "relationship": self.relationship,
            "telephone": self.telephone,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Man:
    """A perpetrator by the numbers that agencies know him by, and those whom he harms."""

    place: int
    pnc: str
    noms: str
    crn: str
    family_name: str
    given_names: str
    victims: tuple[Woman, ...]

    @property
    def order(self) -> str:
        """The court's reference of the order against him."""
        return f"NM-2025-{self.place:05}"

    def about(self, *kinds: str) -> dict[str, Any]:
        """Whom a report is about, by these kinds of number."""
        values = {"PNC": self.pnc, "NOMS": self.noms, "CRN": self.crn}
        return {
            "identifiers": [{"type": kind, "value": values[kind]} for kind in kinds],
            "family_name": self.family_name,
            "given_names": self.given_names,
            "born": f"19{60 + self.place % 40}-0{1 + self.place % 9}-1{self.place % 10}",
        }


def man(place: int, chance: Random, victims: int) -> Man:
    """The man at this place, of whom so many victims may come to be known."""
    serial = f"{1_000_000 + place:07}"
    return Man(
        place=place,
        pnc=f"2009/{serial}{check_letter('09' + serial)}",
        noms=f"A{place % 10_000:04}{_LETTERS[place // 10_000 % 22]}X",
        crn=f"X{100_000 + place:06}",
        family_name=chance.choice(_FAMILY),
        given_names=chance.choice(_GIVEN),
        victims=tuple(_woman(place, number, chance) for number in range(victims)),
    )


def _woman(place: int, number: int, chance: Random) -> Woman:
    """Her name is hers alone, so that whoever may read it knows which of them she is."""
    return Woman(
        family_name=f"{chance.choice(_FAMILY)}-{_in_letters(place)}",
        given_names=f"{chance.choice(_HER_GIVEN)} {_in_letters(number)}",
        relationship=chance.choice(("ex-partner", "partner", "mother", "sister")),
        telephone=f"07700 900{(place * 7 + number) % (1_000 - _TELEPHONE) + _TELEPHONE:03}",
    )


def _in_letters(number: int) -> str:
    """A number as a name may be written: `Abc`."""
    letters = ""
    while True:
        number, digit = divmod(number, 26)
        letters = chr(ord("a") + digit) + letters
        if number == 0:
            return letters.capitalize()
