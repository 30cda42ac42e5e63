"""Agencies tell over their topics: what is taken, what is refused, and what has to wait."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from infra.bus.kafka.client import Kafka
from infra.journal.rebuilt import rebuilt_indexes_equal_live
from infra.service import Inbox
from infra.web.desk import Delivered, Desk, Reply, Take
from schemas.intake import ReferralReceived, ReportReceived, ReportRefused, ReportTaken
from schemas.journal import Arrived, Asked
from services.intake.cloudevents import EVENT_BYTES_MAX
from services.intake.sealing import RAW_BYTES_MAX
from tests.domain.intake_examples import as_json, breach, event
from tests.domain.test_intake_over_http import HIM, POLICE, PRISON, referral, task_done
from tests.domain.test_intake_task import TASKED
from tests.kafka.agencies import Topics, outcomes, told
from tests.kernel.parish.journals import events, without
from tests.kernel.parish.running import until

A, B = event(id="a"), event(id="b")


@pytest.fixture
async def topics(kafka: Kafka, site: str) -> Topics:
    topics = Topics(kafka, site)
    await topics.make()
    return topics


async def test_an_event_is_taken_and_its_receipt_is_published(tmp_path: Path, topics: Topics) -> None:
    async with told(tmp_path, topics) as site:
        await topics.send(event())
        (said,) = await topics.answers(1)
        (received,) = await site.recorded(ReportReceived)
        (arrived,) = await site.recorded(Arrived)

        assert (0, arrived.digest) == (said.of.offset, said.of.digest)
        assert received.report == said.key
        assert {"id": "one", "source": event()["source"], "report": received.report, "receipt": "accepted"} == {
            name: value for name, value in said.receipt.items() if value is not None
        }
        assert (0, {}) == (await site.place(topics.told), site.inbox.troubles)


async def test_what_came_over_http_is_known_on_the_topic_and_the_other_way_round(
    tmp_path: Path, topics: Topics
) -> None:
    async with told(tmp_path, topics) as site:
        over_http = (await site.tell(PRISON, A)).json()
        await topics.send(A, B)
        first, second = await topics.answers(2)
        again = (await site.tell(PRISON, B)).json()
        commands = [one.command for one in await site.recorded(Asked)]

        assert ("accepted", "repeated") == (over_http["receipt"], first.receipt["receipt"])
        assert ("accepted", "repeated") == (second.receipt["receipt"], again["receipt"])
        assert [over_http["report"], again["report"]] == [first.key, second.key]
        assert (["a", "b"], ["ReceiveReport"] * 2) == (await site.taken(), commands)


async def test_a_refusal_is_known_both_ways_too(tmp_path: Path, topics: Topics) -> None:
    bad = event(data=breach(order=None))
    async with told(tmp_path, topics) as site:
        over_http = await site.tell(PRISON, bad)
        await topics.send(bad, bad)
        said = await topics.answers(2)
        (refused,) = await site.recorded(ReportRefused)

        assert ("field-missing", "/data/order") == (over_http.json()["code"], over_http.json()["pointer"])
        assert [refused.report] * 2 == [one.key for one in said]
        assert 1 == await site.place(topics.told)


async def test_what_cannot_be_taken_is_refused_kept_and_passed(tmp_path: Path, topics: Topics) -> None:
    told_in_vain: list[tuple[object, str, str]] = [
        (b"\xff\xfe", "json-malformed", ""),
        (None, "json-malformed", ""),
        (b"[" * 50, "json-too-deep", ""),
        (as_json([event()]), "field-wrong", ""),
        (b"x" * (EVENT_BYTES_MAX + 1), "event-too-large", ""),
        (event(id="large", extension="y" * (RAW_BYTES_MAX + 1)), "event-too-large", ""),
        (event(id="police", type="police.order-served.v1"), "kind-not-agreed", "/type"),
        (event(id="means", data=breach(means="smoke signals")), "field-wrong", "/data/means"),
        (event(id="unknown", data=breach(his_neighbour="x")), "field-unknown", "/data"),
    ]
    async with told(tmp_path, topics) as site:
        await topics.send(*(one for one, _, _ in told_in_vain), A, key=b"a key that says nothing")
        said = await topics.answers(len(told_in_vain) + 1)
        refused = await site.recorded(ReportRefused)

        codes = [(code, pointer) for _, code, pointer in told_in_vain]
        assert [*codes, (None, None)] == [(one.receipt["code"], one.receipt["pointer"]) for one in said]
        assert codes == [(one.code, one.pointer) for one in refused]
        assert ({"report"}, [False] * 5) == (
            {one.raw.compartment for one in refused},
            [one.is_cut for one in refused][:5],
        )
        assert [one.report for one in refused] == [one.key for one in said[:-1]]
        assert ["large"] == [one.event_id for one in refused if one.is_cut]
        assert (["a"], len(told_in_vain)) == (await site.taken(), await site.place(topics.told))


async def test_two_referrals_of_one_new_man_that_come_both_ways_at_once_are_one_person(
    tmp_path: Path, topics: Topics
) -> None:
    by_noms = {"identifiers": HIM["identifiers"][1:]}
    async with told(tmp_path, topics) as site:
        await asyncio.gather(
            site.tell(POLICE, referral("one", about=by_noms)), topics.send(referral("two"), agency=POLICE)
        )
        await topics.answers(1, POLICE)
        received = await site.recorded(ReferralReceived)

        assert ["new", "repeat"] == [one.standing for one in received]
        assert 1 == len({one.person for one in received})


async def test_what_cannot_be_decided_just_now_holds_the_place_and_is_refused_to_nobody(
    tmp_path: Path, topics: Topics
) -> None:
    async with told(tmp_path, topics) as site:
        await until(lambda: site.inbox.troubles == {})
        disruption = site.host.runners["disruption"].journal
        site.host.bus.leave("disruption")
        await site.task(TASKED)
        await topics.send(task_done(), A)
        await until(lambda: site.inbox.troubles.get(topics.told) == "unreachable")

        assert (-1, [], []) == (
            await site.place(topics.told),
            await topics.receipts(),
            events(site.journal, ReportRefused),
        )

        site.host.bus.join(disruption)
        said = await topics.answers(2)
        (of_task,) = await site.recorded(ReportTaken)

        assert {"done": ["accepted"], "a": ["accepted"]} == outcomes(said)
        assert (TASKED.person, {}) == (of_task.person, site.inbox.troubles)
        assert [] == await site.recorded(ReportRefused)


async def test_a_database_that_is_away_holds_the_place(tmp_path: Path, topics: Topics) -> None:
    async with told(tmp_path, topics) as site:
        await until(lambda: site.inbox.troubles == {})
        with without(site.journal, "streams"):
            await topics.send(A, B)
            await until(lambda: topics.told in site.inbox.troubles)

            assert [] == await topics.receipts()

        assert {"a": ["accepted"], "b": ["accepted"]} == outcomes(await topics.answers(2))
        assert ["a", "b"] == await site.taken()


async def test_a_topic_with_two_partitions_is_not_read_and_that_is_seen(tmp_path: Path, topics: Topics) -> None:
    await topics.make_wrong(topics.told)
    with capture_logs() as logs:
        async with told(tmp_path, topics) as site:
            await topics.send(A)
            await topics.send(A, agency=POLICE)
            await topics.answers(1, POLICE)
            await until(lambda: site.inbox.troubles == {topics.told: "topic-wrong"})

            assert -1 == await site.place(topics.told)

    assert {"partitions"} <= {line["setting"] for line in logs if line["event"] == "topic-wrong"}


async def test_without_a_topic_for_the_receipts_nothing_is_taken_and_that_is_seen(
    tmp_path: Path, topics: Topics
) -> None:
    await topics.delete(topics.receipts_of_prison)
    async with told(tmp_path, topics) as site:
        await topics.send(A)
        await until(lambda: site.inbox.troubles == {topics.told: "topic-wrong"})

        assert [] == await site.taken()

        await topics.make()

        assert {"a": ["accepted"]} == outcomes(await topics.answers(1))


async def test_a_record_that_meets_a_mistake_of_ours_is_not_passed_over(tmp_path: Path, topics: Topics) -> None:
    async with told(tmp_path, topics, inbox=mistaken_about(topics.inbox, b'"b"')) as site:
        await topics.send(A, B, event(id="c"))
        await until(lambda: site.inbox.troubles == {topics.told: "ZeroDivisionError"})
        site.inbox.measure()

        assert (["a"], 0) == (await site.taken(), await site.place(topics.told))
        assert f'cordon_stopped{{service="intake",source="{topics.told}"}} 1.0' in site.host.metrics.shown().decode()

    async with told(tmp_path, topics) as site:
        await topics.answers(3)

        assert ["a", "b", "c"] == await site.taken()


def mistaken_about(inbox: Inbox, words: bytes) -> Inbox:
    """An inbox with a fault: what has these words in it cannot be taken."""

    def taking(desk: Desk) -> Take:
        take = inbox.take(desk)

        async def faulty(delivered: Delivered) -> Reply:
            if words in delivered.value:
                raise ZeroDivisionError
            return await take(delivered)

        return faulty

    return replace(inbox, take=taking)


async def test_the_places_made_again_from_the_journal_are_the_same(tmp_path: Path, topics: Topics) -> None:
    async with told(tmp_path, topics) as site:
        await topics.send(A, b"{", A, B)
        await topics.answers(4)
        await site.inbox.stop()
        await site.recorded(ReportReceived)

        assert [] == list(await asyncio.to_thread(lambda: list(rebuilt_indexes_equal_live(site.journal))))
        assert 3 == await site.place(topics.told)


async def test_nothing_personal_is_said_in_receipts_logs_or_metrics(tmp_path: Path, topics: Topics) -> None:
    sent = [
        event(id="account", data=breach(account="Canary of an account")),
        event(id="means", data=breach(means="Canary of a means")),
        event(id="field", data=breach(canary_of_a_field="x")),
        b'{"id": "Canary',
    ]
    with capture_logs() as logs:
        async with told(tmp_path, topics) as site:
            await topics.send(*sent, key=b"Canary of a key")
            await topics.answers(len(sent))
            shown = site.host.metrics.shown()
    records = await topics.everything(topics.receipts_of_prison)

    assert b"canary" not in b"".join([repr(records).encode(), repr(logs).encode(), shown]).lower()
