"""Whatever goes wrong with an agency's topic, the broker or us: every record is acted on once, and answered."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from structlog.testing import capture_logs

from infra.bus.kafka.client import Kafka
from infra.deploy.broker import Broker
from schemas.intake import ReportRefused
from schemas.journal import Arrived
from tests.domain.intake_examples import event
from tests.domain.test_intake_over_http import PRISON
from tests.kafka.agencies import Halt, Topics, awaited, outcomes, told
from tests.kernel.parish.running import until

A_DAY = 86_400.0
A, B, C, X, Y = (event(id=id) for id in ("a", "b", "c", "x", "y"))


@pytest.fixture
async def topics(kafka: Kafka, site: str) -> Topics:
    topics = Topics(kafka, site)
    await topics.make()
    return topics


async def test_ended_between_the_commit_and_the_receipt_it_gives_the_receipt_at_the_next_start(
    tmp_path: Path, topics: Topics
) -> None:
    halt = Halt(topics.inbox, is_committed=True, at=2)
    await topics.send(A, B, C)
    async with told(tmp_path, topics, inbox=halt.inbox) as site:
        await halt.stands.wait()

        assert (1, ["a", "b"]) == (await site.place(topics.told), await site.taken())

    before = await topics.receipts()
    async with told(tmp_path, topics) as site:
        said = await topics.answers(3)

        assert {"a": ["accepted"]} == outcomes(before)
        assert {"a": ["accepted"], "b": ["repeated"], "c": ["accepted"]} == outcomes(said)
        assert ["a", "b", "c"] == await site.taken()
        assert [(-1, 0), (0, 1), (1, 2)] == [(one.after, one.offset) for one in await site.recorded(Arrived)]


async def test_ended_before_the_commit_it_takes_the_record_at_the_next_start(tmp_path: Path, topics: Topics) -> None:
    halt = Halt(topics.inbox, is_committed=False, at=2)
    await topics.send(A, B, C)
    async with told(tmp_path, topics, inbox=halt.inbox) as site:
        await halt.stands.wait()

        assert (0, ["a"]) == (await site.place(topics.told), await site.taken())

    async with told(tmp_path, topics) as site:
        said = await topics.answers(3)

        assert {"a": ["accepted"], "b": ["accepted"], "c": ["accepted"]} == outcomes(said)
        assert ["a", "b", "c"] == await site.taken()


async def test_a_refusal_whose_receipt_is_missing_is_not_kept_twice(tmp_path: Path, topics: Topics) -> None:
    halt = Halt(topics.inbox, is_committed=True)
    await topics.send(b"{", A)
    async with told(tmp_path, topics, inbox=halt.inbox):
        await halt.stands.wait()
    async with told(tmp_path, topics) as site:
        said = await topics.answers(2)

        assert ["refused", "accepted"] == [one.receipt["receipt"] for one in said]
        assert 1 == len(await site.recorded(ReportRefused))


@pytest.mark.parametrize(
    "regrown",
    [[X], [X, Y, A], [A, B, C], [X, A, B, C, Y], [X, B, C], []],
    ids=["below", "as long", "the same again", "above", "the last one alike", "empty"],
)
async def test_of_a_topic_made_anew_while_we_were_away_nothing_is_lost_or_doubled(
    tmp_path: Path, topics: Topics, regrown: list[dict[str, Any]]
) -> None:
    await topics.send(A, B, C)
    async with told(tmp_path, topics):
        await topics.answers(3)
    await topics.make_anew(topics.told)
    await topics.send(*regrown)
    async with told(tmp_path, topics) as site:
        said = (await topics.answers(3 + len(regrown)))[3:]
        if not regrown:
            await until(lambda: topics.told not in site.inbox.troubles)
            await topics.send(X)
            said = (await topics.answers(4))[3:]
        new = [one["id"] for one in regrown or [X] if one in (X, Y)]

        assert [one["id"] for one in regrown or [X]] == [one.receipt["id"] for one in said]
        assert ["a", "b", "c", *new] == await site.taken()
        assert len(said) - 1 == await site.place(topics.told)


@pytest.mark.parametrize(
    ("regrown", "compare_seconds"),
    [([X], A_DAY), ([X, A, B, C, Y], A_DAY), ([X, Y, A], 0.5)],
    ids=["below", "above", "as long"],
)
async def test_of_a_topic_made_anew_under_a_running_reader_nothing_is_lost_or_doubled(
    tmp_path: Path, topics: Topics, regrown: list[dict[str, Any]], compare_seconds: float
) -> None:
    await topics.send(A, B, C)
    async with told(tmp_path, topics, compare_seconds=compare_seconds) as site:
        await topics.answers(3)
        while_everything_here_stands_still(make_anew_with(topics, regrown))
        new = [one["id"] for one in regrown if one in (X, Y)]
        await awaited(site.taken, lambda found: set(new) <= set(found))
        await site.reached(topics.told, len(regrown) - 1)
        said = await awaited(topics.receipts, lambda found: set(new) <= outcomes(found).keys())

        assert ["a", "b", "c", *new] == await site.taken()
        assert [["accepted"]] * len(new) == [outcomes(said)[id] for id in new]


async def test_records_that_grew_too_old_leave_no_gap(tmp_path: Path, topics: Topics) -> None:
    await topics.send(A, B)
    async with told(tmp_path, topics):
        await topics.answers(2)
    await topics.expire(topics.told, before=2)
    async with told(tmp_path, topics) as site:
        await topics.send(C)
        said = await topics.answers(3)

        assert {"a": ["accepted"], "b": ["accepted"], "c": ["accepted"]} == outcomes(said)
        assert [(-1, 0), (0, 1), (1, 2)] == [(one.after, one.offset) for one in await site.recorded(Arrived)]


async def test_nor_does_a_topic_made_anew_while_our_place_was_too_old_to_be_there(
    tmp_path: Path, topics: Topics
) -> None:
    await topics.send(A, B, C)
    async with told(tmp_path, topics):
        await topics.answers(3)
    await topics.expire(topics.told, before=3)
    async with told(tmp_path, topics) as site:
        await until(lambda: site.inbox.troubles == {})
        while_everything_here_stands_still(make_anew_with(topics, [X, A, B, C, Y]))
        await awaited(site.taken, lambda found: {"x", "y"} <= set(found))

        assert 5 == len(await site.taken())


async def make_anew_with(topics: Topics, told_there: list[dict[str, Any]]) -> None:
    await topics.make_anew(topics.told)
    await topics.send(*told_there)


def while_everything_here_stands_still(work: Coroutine[Any, Any, None]) -> None:
    """Have it done in a loop of its own, and let nothing turn in this one: no reader sees what was in between."""
    thread = Thread(target=lambda: asyncio.run(work))
    thread.start()
    thread.join()


async def test_the_first_receipt_in_a_topic_made_anew_is_not_taken_for_given(tmp_path: Path, topics: Topics) -> None:
    halt = Halt(topics.inbox, is_committed=True)
    await topics.send(A)
    async with told(tmp_path, topics):
        await topics.answers(1)
    await topics.make_anew(topics.told)
    await topics.send(X)
    async with told(tmp_path, topics, inbox=halt.inbox) as site:
        await halt.stands.wait()

        assert 0 == await site.place(topics.told)

    async with told(tmp_path, topics):
        assert {"a": ["accepted"], "x": ["repeated"]} == outcomes(await topics.answers(2))


async def test_receipts_that_were_lost_are_given_again(tmp_path: Path, topics: Topics) -> None:
    await topics.send(A, b"{", C)
    async with told(tmp_path, topics):
        await topics.answers(3)
    await topics.make_anew(topics.receipts_of_prison)
    async with told(tmp_path, topics) as site:
        said = await topics.answers(3)

        assert ["repeated", "refused", "repeated"] == [one.receipt["receipt"] for one in said]
        assert (["a", "c"], 1) == (await site.taken(), len(await site.recorded(ReportRefused)))
        assert 3 == len(await site.recorded(Arrived))


async def test_receipts_that_are_lost_meanwhile_are_given_again(tmp_path: Path, topics: Topics) -> None:
    await topics.send(A, B)
    async with told(tmp_path, topics, compare_seconds=0.5) as site:
        await topics.answers(2)
        await topics.make_anew(topics.receipts_of_prison)

        assert ["repeated", "repeated"] == [one.receipt["receipt"] for one in (await topics.answers(2))[:2]]
        assert ["a", "b"] == await site.taken()


async def test_what_others_wrote_among_the_receipts_is_passed_over(tmp_path: Path, topics: Topics) -> None:
    await topics.send(A)
    async with told(tmp_path, topics):
        await topics.answers(1)
    await topics.send(b"no receipt", topic=topics.receipts_of_prison)
    async with told(tmp_path, topics) as site:
        await topics.send(B)
        await site.reached(topics.told, 1)
        records = await awaited(lambda: topics.everything(topics.receipts_of_prison), lambda found: len(found) >= 3)

        assert [True, False, True] == [bool(record.headers) for record in records]


async def test_an_old_copy_that_acts_late_has_not_acted(tmp_path: Path, topics: Topics) -> None:
    halt = Halt(topics.inbox, is_committed=False)
    await topics.send(A)
    async with told(tmp_path, topics, inbox=halt.inbox) as site:
        await halt.stands.wait()
        await site.copy.start()
        await topics.answers(1)
        await topics.send(B)
        await topics.answers(2)
        with capture_logs() as logs:
            halt.goes_on.set()
            await until(lambda: any(line.get("error") == "StaleListenerError" for line in logs))
        await site.copy.stop()
        await topics.send(C)
        await topics.answers(3)

        assert ["a", "b", "c"] == await site.taken()
        assert [(-1, 0), (0, 1), (1, 2)] == [(one.after, one.offset) for one in await site.recorded(Arrived)]


async def test_two_that_read_at_once_act_once(tmp_path: Path, topics: Topics) -> None:
    ids = [f"event-{number}" for number in range(20)]
    async with told(tmp_path, topics) as site:
        await site.copy.start()
        await topics.send(*(event(id=id) for id in ids))
        await site.reached(topics.told, len(ids) - 1)
        said = await awaited(topics.receipts, lambda found: set(ids) <= outcomes(found).keys())

        assert ids == await site.taken()
        assert set(ids) == outcomes(said).keys()
        assert list(range(20)) == [one.offset for one in await site.recorded(Arrived)]


async def test_a_broker_that_is_away_at_the_start_is_waited_for(tmp_path: Path, own_broker: Broker) -> None:
    topics = Topics(Kafka(own_broker.servers), "own")
    await topics.make()
    await topics.send(A)
    await asyncio.to_thread(own_broker.stop)
    async with told(tmp_path, topics) as site:
        over_http = await site.tell(PRISON, B)

        assert ("accepted", "unreachable") == (over_http.json()["receipt"], site.inbox.troubles[topics.told])

        await asyncio.to_thread(own_broker.start)

        assert {"a": ["accepted"]} == outcomes(await topics.answers(1))
        assert {} == site.inbox.troubles


async def test_a_broker_that_dies_meanwhile_loses_nothing(tmp_path: Path, own_broker: Broker) -> None:
    topics = Topics(Kafka(own_broker.servers), "own")
    await topics.make()
    halt = Halt(topics.inbox, is_committed=True, at=2)
    async with told(tmp_path, topics, inbox=halt.inbox) as site:
        await topics.send(A, B, C)
        await halt.stands.wait()
        await asyncio.to_thread(own_broker.kill)
        halt.goes_on.set()
        await until(lambda: site.inbox.troubles.get(topics.told) == "unreachable")
        await asyncio.to_thread(own_broker.start)
        said = await topics.answers(3)

        assert ["a", "b", "c"] == [one.receipt["id"] for one in said]
        assert ["a", "b", "c"] == await site.taken()
        await until(lambda: site.inbox.troubles == {})
