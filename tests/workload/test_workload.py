"""One seed is one input: whatever the timing, it is answered alike and comes to the same history, with other keys too.

`CORDON_SEED=… pytest tests/workload` plays the seed that was printed.
"""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from infra.clock import ManualClock
from infra.likeness import alike, journals_at
from infra.verify import verify
from services.cli.verify import WITNESSES
from tests.installation import MONDAY, POLICE, installed
from tests.story.scripted import scripted
from tests.workload.client import Answer, Client, Request, embedded, one_place, over_http, service_of
from tests.workload.stage import OtherwiseError
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
    assert workload.reports <= ours.reports
    differences = alike(
        journals_at(str(tmp_path / "ours" / "site")),
        journals_at(str(tmp_path / "theirs" / "site")),
        witnesses=WITNESSES,
        in_turn=True,
    )
    assert [] == [str(difference) for difference in differences]
    assert () == verify(tmp_path / "ours" / "site", witnesses=WITNESSES).findings


class Failing:
    """An API that goes wrong at one of its answers."""

    def __init__(self, client: Client, at: int) -> None:
        self._client: Final = client
        self._left = at

    async def send(self, request: Request) -> Answer:
        answer = await self._client.send(request)
        self._left -= request.method == "POST"
        return Answer(outcome="failed-here", said=None) if self._left == 0 else answer


async def test_an_answer_that_must_not_be_ends_it_and_names_whose_it_was(tmp_path: Path) -> None:
    workload = Workload(seed=20_260_302, people=2, reports=4)
    async with installed(tmp_path) as there:
        with pytest.raises(OtherwiseError, match=r"^life-000\d, input \d+: .*: failed-here, not "):
            await workload.play(Failing(embedded(there), 5))


async def test_what_decided_nothing_is_asked_again_and_what_was_refused_is_not() -> None:
    answers = iter(
        [
            (503, {"code": "service-unavailable"}),
            (502, {}),
            (401, {"code": "token-expired"}),
            (200, {"said": "at last"}),
            (503, {"code": "disruption-unreachable"}),
        ]
    )
    with scripted(lambda _asked: next(answers)) as base:
        async with over_http(one_place(base), f"{base}/demo/token", {POLICE: "secret"}) as http:
            said = await http.send(Request(who=POLICE, method="GET", path="/anything"))
            refused = await http.send(Request(who=POLICE, method="GET", path="/anything"))

    assert Answer(outcome="200", said={"said": "at last"}) == said
    assert "disruption-unreachable" == refused.outcome


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
