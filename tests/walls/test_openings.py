"""Nobody reads a word of a person unrecorded, and who may not read it cannot tell it from what is not there."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from httpx import Response

from infra.clock import ManualClock
from schemas.ids import derive
from tests.installation import (
    CASE_MANAGER,
    CLIENTS,
    COORDINATOR,
    COURTS,
    HOMES,
    LEAD,
    LENA,
    MONDAY,
    POLICE,
    PRACTICE_MANAGER,
    PRISON,
    SERVICES,
    installed,
)
from tests.walls.canaries import Canaries, caught, net
from tests.walls.statements import FETCHES_KEY, Statement, committed, statements, unwritable
from tests.walls.story import Story
from tests.walls.walks import STREAMS
from tests.walls.watched import OPENINGS, Watched

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Who may read what by which route, which service opens it, and what its record says of why and what."""

    route: str
    service: str
    readers: tuple[str, ...]
    purpose: str
    compartment: str
    fields: frozenset[str]


HIM: Final = frozenset({"family_name", "given_names", "born", "pnc", "cro", "noms", "crn", "establishment"})
HER: Final = frozenset({"family_name", "given_names", "relationship", "telephone", "address"})
WORK_ON_HIS_CASE: Final = (COORDINATOR, CASE_MANAGER, PRACTICE_MANAGER)


def opening(route: str, service: str, readers: tuple[str, ...], purpose: str, what: str, fields: set[str]) -> Opening:
    return Opening(
        route=route,
        service=service,
        readers=readers,
        purpose=purpose,
        compartment=what,
        fields=frozenset(fields),
    )


ALL: Final = (
    opening(OPENINGS[0], "casework", WORK_ON_HIS_CASE, "case-identity", "person", set(HIM)),
    opening(OPENINGS[1], "disruption", WORK_ON_HIS_CASE, "action-text", "person", {"plan", "tasking"}),
    opening(OPENINGS[2], "disruption", (PRISON,), "task-text", "person", {"tasking"}),
    opening(OPENINGS[3], "victim_liaison", (LENA, LEAD), "support-victim", "victim", set(HER)),
    opening(OPENINGS[4], "victim_liaison", (LENA, LEAD), "support-victim", "victim", {"words"}),
    opening(OPENINGS[5], "victim_liaison", (LENA, LEAD), "support-victim", "person", {"plan", "reason"}),
)


class Told:
    """The story up to the task that stands, in an installation that goes on."""

    def __init__(self, story: Story, routes: Mapping[str, Mapping[str, Any]], files: Path) -> None:
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
            "message_id": "",
        }

    def path(self, route: str, **other: str) -> str:
        """The address with the references of the story, or with others."""
        return re.sub(r"\{(\w+)\}", lambda name: {**self.known, **other}[name[1]], route)

    def openings(self) -> dict[str, list[dict[str, Any]]]:
        """Every opening of every service, as it stands on the disk."""
        return {service.name: committed(self.files / f"{service.name}.sqlite") for service in SERVICES}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Told]:
    directory, clock = tmp_path_factory.mktemp("openings"), ManualClock(MONDAY)
    async with installed(directory, clock=clock) as there:
        seen = Watched(there, clock, directory / "site", directory / "said")
        routes = await seen.find_routes()
        story = Story(seen, Canaries())
        await story.he_is_referred()
        await story.he_is_known()
        await story.she_tells()
        await story.a_search_is_planned()
        story.notice = (await seen.by(LENA).read("/worklist"))["items"][0]["id"]
        yield Told(story, routes, directory / "site")


def added(before: Mapping[str, list[Any]], after: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: after[name][len(before[name]) :] for name in after if len(after[name]) > len(before[name])}


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.route)
async def test_an_opening_is_on_the_disk_before_a_key_is_fetched(told: Told, one: Opening) -> None:
    """And so before there is any plain text. Keys that were kept in memory are forgotten first."""
    at_the_key: list[int] = []

    def look(each: Statement) -> None:
        if FETCHES_KEY in each[1]:
            at_the_key.append(len(told.openings()[one.service]))

    for _ in range(3):
        await told.seen.pause()
    before = len(told.openings()[one.service])
    with statements(look):
        answer = await told.seen.get(one.readers[0], told.path(one.route))

    assert 200 == answer.status_code
    assert {before + 1} == set(at_the_key)


@pytest.mark.parametrize(("one", "place"), [(one, place) for one in ALL for place in range(len(one.readers))])
async def test_each_request_leaves_one_record_of_who_read_what_and_why(told: Told, one: Opening, place: int) -> None:
    """Said again it is read again. The record says which fields of whom, and never what they hold."""
    reader, before = one.readers[place], told.openings()
    answers = [await told.seen.get(reader, told.path(one.route)) for _ in range(2)]
    new = added(before, told.openings())
    records = new[one.service]
    fields = [{tuple(field.split("/"))[::2] for field in record["data"]["fields"]} for record in records]

    assert [200, 200] == [answer.status_code for answer in answers]
    assert {one.service: 2} == {service: len(found) for service, found in new.items()}
    assert [(reader, one.purpose, reader)] * 2 == [
        (record["data"]["reader"], record["data"]["purpose"], record["actor"]) for record in records
    ]
    assert {CLIENTS[reader].agency} == {record["agency"] for record in records}
    assert [one.fields] * 2 == [frozenset(name for _, name in each) for each in fields]
    assert one.compartment in {compartment for each in fields for compartment, _ in each}
    assert [] == caught(net(told.story.canaries.all), {"records": repr(records).encode()})
