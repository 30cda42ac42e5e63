"""Nobody reads a word of a person unrecorded: not even where nothing can be recorded in the journal."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from infra.openings import Kept
from schemas.journal import PersonalDataOpened
from tests.installation import CASE_MANAGER, CLIENTS, COORDINATOR, LEAD, LENA, PRACTICE_MANAGER, PRISON, installed
from tests.walls.canaries import caught, net
from tests.walls.statements import FETCHES_KEY, Statement, committed, statements, unwritable
from tests.walls.told import Told
from tests.walls.watched import OPENINGS

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
    assert [record["recordedtime"] for record in records] == [record["time"] for record in records]
    assert [one.fields] * 2 == [frozenset(name for _, name in each) for each in fields]
    assert one.compartment in {compartment for each in fields for compartment, _ in each}
    assert [] == caught(net(told.story.canaries.all), {"records": repr(records).encode()})


async def test_where_the_journal_cannot_be_written_the_opening_is_in_a_file_before_a_key_is_fetched(told: Told) -> None:
    """SR-27: she may need help now. SR-15: and who looked is known all the same, in the journal from the next start."""
    path, file = told.path(OPENINGS[3]), told.files / "openings-victim_liaison.ndjson"
    at_the_key: list[int] = []

    def look(each: Statement) -> None:
        if FETCHES_KEY in each[1]:
            at_the_key.append(len(kept(file)))

    for _ in range(3):
        await told.seen.pause()
    before = told.openings()
    with unwritable(told.files / "victim_liaison.sqlite"), statements(look):
        answer = await told.seen.get(LENA, path)
    (opening,) = (one.opening for one in kept(file))

    assert 200 == answer.status_code
    assert HER == {name for name, words in answer.json()["details"].items() if words}
    assert {1} == set(at_the_key)
    assert {} == added(before, told.openings())
    assert (LENA, "support-victim") == (opening.reader, opening.purpose)
    assert HER == {field.split("/")[2] for field in opening.fields}
    assert [] == caught(net(told.story.canaries.all), {file.name: file.read_bytes()})


async def test_what_can_be_recorded_nowhere_is_not_shown(told: Told) -> None:
    (told.files / "openings-casework.ndjson").mkdir()
    with unwritable(told.files / "casework.sqlite"), statements() as asked:
        answer = await told.seen.get(CASE_MANAGER, told.path(OPENINGS[0]))
    (told.files / "openings-casework.ndjson").rmdir()

    assert (500, "failed-here") == (answer.status_code, answer.json()["code"])
    assert not [text for _, text in asked if FETCHES_KEY in text]
    assert [] == caught(net(told.story.canaries.all), {"answer": answer.content})


async def test_an_opening_kept_in_a_file_is_journalled_once_at_the_next_start(tmp_path: Path) -> None:
    """It keeps the moment at which it happened. A line that was torn was shown to nobody."""
    line = Kept(
        id="0" * 32,
        opened_at="2026-03-01T03:04:05.000006Z",
        agency="northmere-change",
        opening=PersonalDataOpened(reader=LENA, on_behalf_of="", purpose="support-victim", fields=("victim/vic/name",)),
    )
    whole = msgspec.json.encode(line)
    file = tmp_path / "site" / "openings-victim_liaison.ndjson"
    file.parent.mkdir(mode=0o700)
    file.write_bytes(b"\n" + whole[:20] + b"\n" + whole + b"\n\n" + whole)
    for _ in range(2):
        async with installed(tmp_path):
            assert not file.exists()
    (record,) = committed(tmp_path / "site" / "victim_liaison.sqlite")

    assert (LENA, line.opened_at, line.agency) == (record["actor"], record["time"], record["agency"])
    assert ["victim/vic/name"] == record["data"]["fields"]


def kept(file: Path) -> list[Kept]:
    """The openings in a local file."""
    return [msgspec.json.decode(line, type=Kept) for line in file.read_bytes().splitlines() if line]
