"""What an agency holds a receipt for counts at the gate at once, wherever it still is on its way inside."""

import pytest

from tests.gate.journey import JOAN, authorised
from tests.installation import CASE_MANAGER, Installation

pytestmark = pytest.mark.asyncio(loop_scope="module")

TIMES = 8
"""Word of her is under way for a few milliseconds: one try could find it arrived by chance."""


async def test_sr_1_a_victim_whose_report_was_taken_is_never_missed(there: Installation) -> None:
    for _ in range(TIMES):
        journey = await authorised(there)
        await journey.tell_of(JOAN)
        answer = await journey.by(CASE_MANAGER).post(f"/actions/{journey.action}/task")

        assert (409, "clearance-suspended") == (answer.status_code, answer.json()["code"])
        assert [] == await journey.tasks()
