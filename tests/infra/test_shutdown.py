"""Whenever a server is told to end, it finishes what it has begun: nothing is half done, and it says that all is well.

What is under way is held up by a lock on a journal, so that the moment is chosen and not hit by chance.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from random import Random  # noqa: TID251 - moments are drawn from a seed that is printed
from typing import Final

import httpx
import pytest

from infra.entropy import SystemEntropy
from infra.web.live import RECONNECT, STILL_HERE
from infra.web.server import GRACE_SECONDS
from services.__main__ import all_services
from tests.infra.ending import INTACT, SECONDS_MAX, Ending, example, until

POLICE: Final = "northmere-police"
COORDINATOR: Final = "wrk_ruth-alder"
END_SECONDS_MAX: Final = GRACE_SECONDS + 7.0
"""What docs/operations.md promises, and what Docker waits by default: 3 s for clients, the rest for our own."""
SERVICES: Final = [service.name for service in all_services()]
ROUNDS: Final = 2
TELLERS: Final = 4
ANSWERS_MAX: Final = 40


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Ending]:
    with Ending(tmp_path) as found:
        found.until_ready()
        yield found


class Teller:
    """An agency that tells referrals, each request on a connection of its own."""

    def __init__(self, server: Ending) -> None:
        self._server: Final = server
        self._token: Final = server.token(POLICE)

    def tell(self, id: str) -> httpx.Response:
        """The answer, whatever it is."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/cloudevents+json"}
        url = f"{self._server.base}/agencies/{POLICE}/events"
        event = example("police.referral-made.v1", id)
        return httpx.post(url, json=event, headers=headers, trust_env=False, timeout=SECONDS_MAX)


def ended(server: Ending, told_at: float, within: float = END_SECONDS_MAX) -> None:
    """Wait for its end: with a good exit code, in time, and every service has said so."""
    code = server.exit_code()
    seconds = time.monotonic() - told_at
    sys.stdout.write(f"\nended after {seconds:.2f} s\n")

    assert 0 == code
    assert SERVICES == server.said_ended()
    assert seconds < within


def test_a_command_under_way_is_finished_and_answered(server: Ending) -> None:
    teller = Teller(server)
    with ThreadPoolExecutor(1) as clients, server.locked("intake") as let_go:
        asked = clients.submit(teller.tell, "told-before-the-end")
        until(lambda: server.ready()[1] == {"intake": {"database": "unwritable"}})
        told_at = server.signal()
        server.until_it_takes_nobody()
        let_go()
        answer = asked.result()
        ended(server, told_at)

    assert (202, "accepted") == (answer.status_code, answer.json()["receipt"])
    assert 1 == len(server.kept("intake", "intake.report-received.v1"))
    assert INTACT == server.verified()


def test_a_command_that_takes_longer_than_clients_are_waited_for_is_finished_all_the_same(server: Ending) -> None:
    """Its client is told that it may have been done, sends it again to the next server, and learns that it was."""
    teller = Teller(server)
    with ThreadPoolExecutor(1) as clients, server.locked("intake") as let_go:
        asked = clients.submit(teller.tell, "told-before-the-end")
        until(lambda: server.ready()[1] == {"intake": {"database": "unwritable"}})
        told_at = server.signal()
        lost = asked.result()

        assert (503, "answer-lost") == (lost.status_code, lost.json()["code"])
        assert server.is_running

        let_go()
        ended(server, told_at)

    assert 1 == len(server.kept("intake", "intake.report-received.v1"))
    assert INTACT == server.verified()

    server.start()
    server.until_ready()

    assert "repeated" == Teller(server).tell("told-before-the-end").json()["receipt"]


def test_a_batch_that_is_half_heard_is_heard_to_its_end(server: Ending) -> None:
    with server.locked("casework") as let_go:
        Teller(server).tell("heard-at-the-end")
        until(lambda: server.ready()[1].get("casework") == {"database": "unwritable"})

        assert 0 == server.place("casework", "intake")

        told_at = server.signal()
        server.until_it_takes_nobody()
        let_go()
        ended(server, told_at)

    assert server.head("intake") == server.place("casework", "intake")
    assert 1 == len(server.kept("casework", "casework.case-opened.v1"))
    assert INTACT == server.verified()


def test_a_live_stream_ends_by_itself_and_nobody_waits_for_its_reader(server: Ending) -> None:
    headers = {"Authorization": f"Bearer {server.token(COORDINATOR)}"}
    url = f"{server.base}/worklist/stream"
    with httpx.stream("GET", url, headers=headers, trust_env=False, timeout=SECONDS_MAX) as stream:
        chunks = stream.iter_raw()
        first = next(chunks)
        told_at = server.signal()
        rest = b"".join(chunks)  # an answer that was cut off raises
        ended(server, told_at, within=GRACE_SECONDS)

    assert RECONNECT == first
    assert rest in {b"", STILL_HERE}


def test_told_again_and_again_it_waits_for_no_client_and_still_finishes(server: Ending) -> None:
    teller = Teller(server)
    with ThreadPoolExecutor(1) as clients, server.locked("intake") as let_go:
        asked = clients.submit(teller.tell, "told-before-the-end")
        until(lambda: server.ready()[1] == {"intake": {"database": "unwritable"}})
        told_at = server.signal()
        server.until_it_takes_nobody()
        for again in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            server.signal(again)

            assert server.is_running

        let_go()
        ended(server, told_at)
        asked.exception()

    assert 1 == len(server.kept("intake", "intake.report-received.v1"))
    assert INTACT == server.verified()


def test_told_to_end_as_it_starts_it_ends_though_a_journal_keeps_it_waiting(server: Ending) -> None:
    server.signal()
    server.exit_code()
    with server.locked("casework") as let_go:
        server.start()
        ready = server.ready()
        refused = httpx.get(f"{server.base}/cases", trust_env=False)
        told_at = server.signal()
        code = server.exit_code()
        seconds = time.monotonic() - told_at
        let_go()

    assert (503, {name: {"itself": "starting"} for name in SERVICES}) == ready
    assert (503, "service-unavailable") == (refused.status_code, refused.json()["code"])
    assert 0 == code
    assert seconds < GRACE_SECONDS
    assert INTACT == server.verified()

    server.start()
    server.until_ready()


def test_told_to_end_at_any_moment_what_it_answered_is_there_once(server: Ending) -> None:
    """Under load. What was not answered is sent again to the next server: it was taken, or it is taken now."""
    seed = int(os.environ.get("CORDON_SEED", "0")) or int.from_bytes(SystemEntropy().bytes(4), "big")
    chance = Random(seed)
    sys.stdout.write(f"\nCORDON_SEED={seed}\n")
    answered, unanswered = set[str](), set[str]()
    for round in range(ROUNDS):
        told = told_until_it_ends(server, round, chance.randrange(1, ANSWERS_MAX))
        answered |= {id for id, is_answered in told.items() if is_answered}
        unanswered |= {id for id, is_answered in told.items() if not is_answered}
        server.start()
        server.until_ready()
    again = Teller(server)
    receipts = {id: again.tell(id).json()["receipt"] for id in sorted(answered)}
    for id in unanswered:
        again.tell(id)
    ended(server, server.signal())

    assert dict.fromkeys(sorted(answered), "repeated") == receipts
    assert INTACT == server.verified()
    assert answered
    assert len(answered) + len(unanswered) == len(server.kept("intake", "intake.report-received.v1"))


def told_until_it_ends(server: Ending, round: int, answers: int) -> dict[str, bool]:
    """Referrals are told by several at once, until the server takes nobody: it is told to end after so many answers.

    Event id -> whether it was answered.
    """
    numbers, told, teller = count(1), dict[str, bool](), Teller(server)

    def tell_on() -> None:
        for number in numbers:
            id = f"round-{round}-{number}"
            told[id] = False
            try:
                told[id] = teller.tell(id).is_success
            except httpx.TransportError:
                return

    with ThreadPoolExecutor(TELLERS) as tellers:
        telling = [tellers.submit(tell_on) for _ in range(TELLERS)]
        until(lambda: sum(told.copy().values()) >= answers)
        ended(server, server.signal())
        for each in telling:
            each.result()
    return told
