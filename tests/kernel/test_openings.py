"""Nobody is shown personal data without a record of it, and no broken database keeps anybody from being shown it."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from infra.clock import ManualClock
from infra.entropy import SystemEntropy
from infra.journal.journal import Journal
from infra.openings import Openings
from infra.runner import Runner
from infra.sealing.keyring import Keyring
from infra.sealing.keys import load_keys
from infra.sealing.sealer import Sealer
from infra.web.reader import Reader
from schemas.journal import PersonalDataOpened
from schemas.sealed import Sealed
from tests.kernel.parish.journals import NOW, SITE, entries, events, without
from tests.kernel.parish.running import at_work
from tests.kernel.parish.services import PARISH

READER = Reader(id="wrk_ada", roles=frozenset({"case-manager"}), agency="partnership", site=SITE)
PLAIN = {"name": "Daniel Example", "phone": "07700 900123"}


@pytest.fixture
def keyring(tmp_path: Path, keys: Path) -> Iterator[Keyring]:
    public = load_keys(keys, "casework").public
    keyring = Keyring(f"sqlite:///{tmp_path / 'keyring.sqlite'}", public, ManualClock(NOW), SystemEntropy())
    yield keyring
    keyring.close()


@pytest.fixture
def sealer(keyring: Keyring, keys: Path) -> Sealer:
    return Sealer("casework", keyring, load_keys(keys, "casework"), SystemEntropy())


@pytest.fixture
def sealed(sealer: Sealer) -> list[Sealed]:
    return list(sealer.seal("person", "per_daniel", PLAIN).values())


@dataclass
class Office:
    """The openings of one running service, and where they are kept when its journal cannot be written."""

    openings: Openings
    runner: Runner
    file: Path

    @property
    def journal(self) -> Journal:
        return self.runner.journal

    def opened(self) -> list[PersonalDataOpened]:
        return events(self.journal, PersonalDataOpened)


@asynccontextmanager
async def office(directory: Path, sealer: Sealer) -> AsyncIterator[Office]:
    async with at_work(directory, PARISH) as (runner,):
        openings = Openings(runner, sealer, SystemEntropy(), directory)
        yield Office(openings, runner, directory / "openings-parish.ndjson")


async def test_an_opening_says_who_why_and_which_fields_and_nothing_of_what_they_say(
    tmp_path: Path, sealer: Sealer, sealed: list[Sealed]
) -> None:
    async with office(tmp_path, sealer) as here:
        plain = await here.openings.open(READER, "case-work", sealed)
        (record,) = entries(here.journal)

        assert list(PLAIN.values()) == plain
        assert [
            PersonalDataOpened(
                reader="wrk_ada",
                on_behalf_of="",
                purpose="case-work",
                fields=("person/per_daniel/name", "person/per_daniel/phone"),
            )
        ] == here.opened()
        assert not [word for word in PLAIN.values() if word.encode() in record.raw]
        assert ("opened", None) == (record.stream, record.number)
        assert b'cordon_openings_total{service="parish"} 1.0' in here.runner.metrics.shown()


async def test_it_is_journalled_before_anything_is_opened(tmp_path: Path, sealer: Sealer) -> None:
    """Here the key is not held, so nothing can be shown; that it was tried stands in the journal all the same."""
    sealed = sealer.seal("victim", "vic_leanne", {"name": "Leanne Example"})["name"]
    async with office(tmp_path, sealer) as here:
        with pytest.raises(PermissionError):
            await here.openings.open(READER, "case-work", [sealed])

        assert [("victim/vic_leanne/name",)] == [opening.fields for opening in here.opened()]


async def test_nothing_to_open_is_no_opening(tmp_path: Path, sealer: Sealer) -> None:
    async with office(tmp_path, sealer) as here:
        assert [] == await here.openings.open(READER, "case-work", [])
        assert [] == entries(here.journal)


async def test_what_was_erased_is_nothing_but_was_looked_at(
    tmp_path: Path, sealer: Sealer, keyring: Keyring, sealed: list[Sealed]
) -> None:
    keyring.erase("per_daniel")
    async with office(tmp_path, sealer) as here:
        assert [None, None] == await here.openings.open(READER, "case-work", sealed)
        assert 1 == len(here.opened())


async def test_where_the_journal_cannot_be_written_it_is_kept_in_a_file_and_shown(
    tmp_path: Path, sealer: Sealer, sealed: list[Sealed]
) -> None:
    async with office(tmp_path, sealer) as here:
        with without(here.journal, "head"):
            plain = await here.openings.open(READER, "case-work", sealed)
        kept = here.file.read_text()

        assert list(PLAIN.values()) == plain
        assert [] == here.opened()
        assert "per_daniel" in kept
        assert not [word for word in PLAIN.values() if word in kept]


async def test_what_was_kept_is_journalled_at_the_next_start_once(
    tmp_path: Path, sealer: Sealer, sealed: list[Sealed]
) -> None:
    async with office(tmp_path, sealer) as here:
        with without(here.journal, "head"):
            for purpose in ("case-work", "review"):
                await here.openings.open(READER, purpose, sealed)
    imported = []
    for _ in range(2):
        async with office(tmp_path, sealer) as here:
            imported.append(await here.openings.bring_in())
            record = json.loads(entries(here.journal)[0].raw)

            assert not here.file.exists()
            assert ["case-work", "review"] == [opening.purpose for opening in here.opened()]
            assert ("wrk_ada", "partnership", "case-work") == (record["actor"], record["agency"], record["purpose"])
            assert NOW == datetime.fromisoformat(record["time"])

    assert [2, 0] == imported


async def test_an_import_that_was_cut_off_is_not_done_twice(
    tmp_path: Path, sealer: Sealer, sealed: list[Sealed]
) -> None:
    """It ended after the commit and before the file was gone."""
    async with office(tmp_path, sealer) as here:
        with without(here.journal, "head"):
            await here.openings.open(READER, "case-work", sealed)
        kept = here.file.read_bytes()

        assert 1 == await here.openings.bring_in()

        here.file.write_bytes(kept)

        assert 0 == await here.openings.bring_in()
        assert 1 == len(here.opened())
        assert not here.file.exists()


@pytest.mark.parametrize("torn", [1, 20, -3], ids=["hardly-begun", "begun", "nearly-whole"])
async def test_a_torn_line_costs_no_other_opening(
    tmp_path: Path, sealer: Sealer, sealed: list[Sealed], torn: int
) -> None:
    """The machine stopped while a line was written: nothing was shown for it."""
    async with office(tmp_path, sealer) as here:
        with without(here.journal, "head"):
            await here.openings.open(READER, "case-work", sealed)
            whole = here.file.read_bytes()
            here.file.write_bytes(whole + whole.strip()[:torn])
            await here.openings.open(READER, "review", sealed)

        assert 2 == await here.openings.bring_in()
        assert ["case-work", "review"] == [opening.purpose for opening in here.opened()]


async def test_what_cannot_be_imported_yet_stays_kept(tmp_path: Path, sealer: Sealer, sealed: list[Sealed]) -> None:
    async with office(tmp_path, sealer) as here:
        with without(here.journal, "head"):
            await here.openings.open(READER, "case-work", sealed)
            with pytest.raises(Exception, match="head"):
                await here.openings.bring_in()

        assert here.file.exists()
        assert 1 == await here.openings.bring_in()
