"""Who is who, found as workers find it: whoever may see a case or a victim opens each new one once, and remembers."""

import asyncio
from typing import Final

from tests.installation import COORDINATOR, LEAD
from tests.workload.stage import OtherwiseError, Row, Stage


class Register:
    """The references of men by their PNC number, and of victims by their name."""

    def __init__(self, stage: Stage) -> None:
        self._stage: Final = stage
        self._people: Final[dict[str, str]] = {}
        self._victims: Final[dict[str, str]] = {}
        self._seen: Final[set[str]] = set()
        self._one_at_a_time: Final = asyncio.Lock()

    async def person(self, pnc: str) -> str:
        """Whose case was opened for this number. Raises OtherwiseError where none was."""
        async with self._one_at_a_time:
            if pnc not in self._people:
                await self._look_at_cases()
        return _found(self._people, pnc, "case")

    async def victim(self, name: str) -> str:
        """The victim of this name. Raises OtherwiseError where nobody knows her."""
        async with self._one_at_a_time:
            if name not in self._victims:
                await self._look_at_victims()
        return _found(self._victims, name, "victim")

    async def _look_at_cases(self) -> None:
        for row in await self._new("person", await self._stage.pages(COORDINATOR, "/cases", "cases")):
            shown = await self._stage.open(COORDINATOR, f"/cases/{row['person']}/identity")
            self._people[shown["fields"]["pnc"]] = row["person"]

    async def _look_at_victims(self) -> None:
        for row in await self._new("victim", await self._stage.pages(LEAD, "/victims", "victims")):
            shown = (await self._stage.open(LEAD, f"/victims/{row['victim']}"))["details"]
            self._victims[f"{shown['given_names']} {shown['family_name']}"] = row["victim"]

    async def _new(self, name: str, rows: list[Row]) -> list[Row]:
        new = [row for row in rows if row[name] not in self._seen]
        self._seen.update(row[name] for row in new)
        return new


def _found(known: dict[str, str], key: str, what: str) -> str:
    if key not in known:
        raise OtherwiseError(f"a {what} that must be there is not")
    return known[key]
