"""A plan is read on her side, so it may not name the prison; the prison itself may be asked in its own name."""

import pytest

from tests.installation import CASE_MANAGER, PRISON
from tests.walls.story import SEARCH
from tests.walls.told import Told

pytestmark = pytest.mark.asyncio(loop_scope="module")

TASKING = "Search the cells on B Wing for unlawful phones."


@pytest.mark.parametrize(
    "plan",
    [
        "All of HMP Fennholt is searched on one day.",
        "It looks like one of the usual searches at Fennholt.",
        "fennholt's wings are all searched in turn.",
        "He came from HMYOI Elsewhere and expects searches.",
        "Everybody at Otherplace Prison is searched.",
        "He knows it from his time in a YOI.",
    ],
)
async def test_a_plan_that_names_a_prison_is_refused(told: Told, plan: str) -> None:
    proposal = {"person": told.story.person, **SEARCH, "plan": plan, "tasking": TASKING}
    answer = await told.seen.by(CASE_MANAGER).post("/actions", proposal)

    assert (422, "text-may-locate", "/plan") == (
        answer.status_code,
        answer.json()["code"],
        answer.json()["pointer"],
    )


@pytest.mark.parametrize(
    "plan",
    [
        "Every cell on the wing is searched on one day, as the Prison Rules provide, and none is singled out.",
        "The prison does this in all of its wings; he will take it for a routine search.",
    ],
)
async def test_a_plan_that_speaks_of_prison_and_wing_is_taken(told: Told, plan: str) -> None:
    proposal = {"person": told.story.person, **SEARCH, "plan": plan, "tasking": f"{TASKING} At HMP Fennholt."}
    answer = await told.seen.by(CASE_MANAGER).post("/actions", proposal)

    assert PRISON == SEARCH["agency"]
    assert 201 == answer.status_code, answer.text
