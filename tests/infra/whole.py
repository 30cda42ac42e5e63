"""A whole installation in which the story was told and attacked and parts failed, and what was logged and counted."""

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from infra.clock import ManualClock
from infra.logs import configure
from schemas.reports.police import ReferralMade, VictimDetails
from schemas.reports.report import About
from services.victim_liaison.requests import NewContact
from tests.installation import CASE_MANAGER, COORDINATOR, LEAD, MONDAY, OPERATOR, POLICE, installed
from tests.kernel.parish.journals import without
from tests.walls.attacks import attack
from tests.walls.canaries import Canaries, Canary
from tests.walls.story import HAPPENED, Story
from tests.walls.watched import Watched

FAILING: Final = ("head", "streams", "journal")
"""Tables without which nothing can be written."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Whole:
    """What was said of it: `logged` as it was written, `elsewhere` whatever came to standard output or error."""

    canaries: Sequence[Canary]
    logged: bytes
    elsewhere: bytes
    metrics: str
    statuses: Sequence[int]
    routes: frozenset[str]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines that were logged."""
        return [json.loads(line) for line in self.logged.splitlines()]


@contextmanager
def logged(to: Path) -> Iterator[io.StringIO]:
    """Our log at its loudest goes to a file meanwhile. Yields what comes to standard output or error instead."""
    elsewhere = io.StringIO()
    with to.open("w", encoding="utf-8", buffering=1) as lines, redirect_stdout(elsewhere), redirect_stderr(elsewhere):
        undo = configure(as_json=True, level="DEBUG", to=lines)
        try:
            yield elsewhere
        finally:
            undo()


async def told(directory: Path) -> Whole:
    """Tell the story, attack it, and let one part after the other fail while it is said again."""
    said, clock = directory / "said", ManualClock(MONDAY)
    with logged(said) as elsewhere:
        async with installed(directory, clock=clock, hear_seconds_max=0.5) as there:
            seen = Watched(there, clock, directory / "site", said)
            routes, canaries = await seen.find_routes(), Canaries()
            story = Story(seen, canaries)
            await story.whole()
            await attack(story, routes)
            await fail(story)
            metrics = (await there.by(OPERATOR).get("/metrics")).text
        statuses = [each.status for each in seen.exchanges]
    return Whole(
        canaries=canaries.all,
        logged=said.read_bytes(),
        elsewhere=elsewhere.getvalue().encode(),
        metrics=metrics,
        statuses=statuses,
        routes=frozenset(routes),
    )


async def fail(story: Story) -> None:
    """While a journal fails, and while a service cannot be reached, everything is said with words of its own."""
    there, canaries = story.seen.there, story.canaries
    for service in ("intake", "victim_liaison", "casework"):
        for table in FAILING:
            with without(there.host.runners[service].journal, table):
                await say_all(story, canaries, f"{service} without {table}: ")
    with there.unreachable("victim_liaison"):
        await say_all(story, canaries, "victim_liaison away: ")
        await there.by(CASE_MANAGER).post(f"/actions/{story.second}/task")
    await there.settled()


async def say_all(story: Story, canaries: Canaries, occasion: str) -> None:
    """A referral, a contact and a look, whatever comes of them."""
    seen = story.seen
    report = {
        **canaries.of(ReferralMade, occasion),
        "about": canaries.him(About, occasion),
        "route": "visible-high-risk",
        "dash_score": 17,
        "victims": [canaries.of(VictimDetails, occasion)],
    }
    event = {
        "specversion": "1.0",
        "id": f"event {occasion}",
        "source": "//northmere-police.example.org/tests",
        "type": "police.referral-made.v1",
        "data": report,
    }
    await seen.by(POLICE).post(f"/agencies/{POLICE}/events", event)
    contact = {"occurred_at": HAPPENED, "means": "telephone", "wants": [], **canaries.of(NewContact, occasion)}
    await seen.by(LEAD).post(f"/victims/{story.victims[0]}/contacts", contact)
    await seen.get(COORDINATOR, f"/cases/{story.person}/identity")
    await seen.get(LEAD, f"/victims/{story.victims[0]}")
