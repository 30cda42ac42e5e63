"""One seed is one input: whatever the timing, it is answered alike and comes to the same history, with other keys too.

`CORDON_SEED=… pytest tests/workload` plays the seed that was printed.
"""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

from infra.clock import ManualClock
from infra.likeness import alike, journals_at
from infra.verify import verify
from services.cli.verify import WITNESSES
from tests.installation import MONDAY, installed
from tests.workload.client import embedded, service_of
from tests.workload.workload import Played, Workload, drawn_seed

LATER = timedelta(days=40)


async def played(workload: Workload, directory: Path, *, lanes: int, later: timedelta = timedelta()) -> Played:
    """What came of it in an installation of its own."""
    async with installed(directory, clock=ManualClock(MONDAY + later)) as there:
        return await workload.play(embedded(there), lanes)


async def test_one_seed_comes_to_one_history_whatever_the_timing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workload = Workload(seed=drawn_seed(), people=8, reports=60)
    with capsys.disabled():
        sys.stdout.write(f"\n{workload} ")
    ours = await played(workload, tmp_path / "ours", lanes=16)
    theirs = await played(workload, tmp_path / "theirs", lanes=3, later=LATER)

    assert ours.given == theirs.given
    differences = alike(
        journals_at(str(tmp_path / "ours" / "site")),
        journals_at(str(tmp_path / "theirs" / "site")),
        witnesses=WITNESSES,
        in_turn=True,
    )
    assert [] == [str(difference) for difference in differences]
    assert () == verify(tmp_path / "ours" / "site", witnesses=WITNESSES).findings


async def test_what_is_told_is_what_was_asked_for(tmp_path: Path) -> None:
    reports = 40
    told = await played(Workload(seed=20_260_302, people=4, reports=reports), tmp_path, lanes=16)

    assert reports <= sum(one.what.startswith(("a batch", "no ", "plain")) or "." in one.what for one in told.given)


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/agencies/hmp-fennholt/events", "intake"),
        ("/agencies/hmp-fennholt/tasks/tsk_x", "disruption"),
        ("/persons/per_x/substitute", "victim_liaison"),
        ("/worklist?after=0", "notifications"),
        ("/services/audit/head", "audit"),
    ],
)
def test_an_address_says_whose_it_is(path: str, service: str) -> None:
    assert service == service_of(path)
