"""An installation in which the story was told up to the task that stands, and that goes on from there."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from infra.clock import ManualClock
from tests.installation import AUDITOR, LENA, MONDAY, PRISON, SERVICES, installed
from tests.walls.canaries import Canaries
from tests.walls.statements import committed
from tests.walls.story import Story
from tests.walls.watched import Watched


class Told:
    """The story up to the task that stands, in an installation that goes on."""

    def __init__(self, story: Story, routes: Mapping[str, Mapping[str, Any]], files: Path, message: str) -> None:
        self.story: Final = story
        self.seen: Final = story.seen
        self.routes: Final = routes
        self.files: Final = files
        self.known: Final[Mapping[str, str]] = {
            "person": story.person,
            "action": story.action,
            "action_id": story.action,
            "reference": story.victims[0],
            "contact": story.contact,
            "task_id": story.task,
            "report_id": story.report,
            "notice_id": story.notice,
            "code": PRISON,
            "name": "victim_liaison",
            "message_id": message,
        }

    def path(self, route: str, **other: str) -> str:
        """The address with the references of the story, or with others."""
        return re.sub(r"\{(\w+)\}", lambda name: {**self.known, **other}[name[1]], route)

    def openings(self) -> dict[str, list[dict[str, Any]]]:
        """Every opening of every service, as it stands on the disk."""
        return {service.name: committed(self.files / f"{service.name}.sqlite") for service in SERVICES}


@asynccontextmanager
async def telling(directory: Path) -> AsyncIterator[Told]:
    """Told anew in this directory."""
    clock = ManualClock(MONDAY)
    async with installed(directory, clock=clock) as there:
        seen = Watched(there, clock, directory / "site", directory / "said")
        routes = await seen.find_routes()
        story = Story(seen, Canaries())
        await story.he_is_referred()
        await story.he_is_known()
        await story.she_tells()
        await story.a_search_is_planned()
        story.notice = (await seen.by(LENA).read("/worklist"))["items"][0]["id"]
        messages = (await seen.by(AUDITOR).read("/audit/messages"))["messages"]
        yield Told(story, routes, directory / "site", messages[0]["id"])
