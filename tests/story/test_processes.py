"""The actors' processes: one that is killed is started again, and none is left behind."""

import os
import signal
import time
from typing import Final

from demo.clients import CLIENTS
from demo.processes import Processes
from demo.stories import ALL

NOWHERE: Final = "http://127.0.0.1:9"
SECRETS: Final = {client["id"]: "invented" for client in CLIENTS}
(STORY,) = ALL


def is_there(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_actor_that_is_killed_is_started_again_and_none_is_left_behind() -> None:
    with Processes(STORY, NOWHERE, SECRETS, speed=50) as processes:
        before = dict(processes.ids)
        os.kill(before["case-manager"], signal.SIGKILL)
        while processes.ids == before:
            processes.look_after()
            time.sleep(0.01)
        after = dict(processes.ids)

        assert {"case-manager"} == {name for name in before if before[name] != after[name]}
        assert () == processes.failed

    assert [] == [name for name, process_id in after.items() if is_there(process_id)]


def test_every_actor_is_a_client_of_the_demonstration() -> None:
    assert set() == {actor.client for actor in STORY.actors} - SECRETS.keys()
