"""Agencies tell over their topics: every record is acted on once and answered, whatever goes wrong in between."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import NewTopic
from structlog.testing import capture_logs

from infra.bus.kafka.client import Kafka, agency_topic, receipts_topic
from infra.bus.kafka.cluster import administered
from infra.deploy.broker import Broker
from infra.journal.rebuilt import rebuilt_indexes_equal_live
from schemas.intake import ReferralReceived, ReportReceived, ReportRefused, ReportTaken
from schemas.journal import Arrived, Asked
from services.intake.cloudevents import EVENT_BYTES_MAX
from services.intake.sealing import RAW_BYTES_MAX
from tests.broker import one_broker
from tests.domain.intake_examples import as_json, breach, event
from tests.domain.test_intake_over_http import HIM, POLICE, PRISON, referral, task_done
from tests.domain.test_intake_task import TASKED
from tests.kafka.agencies import AGENCIES, Halt, Said, Told, everything, make_anew, outcomes, receipts, send, told
from tests.kafka.village import until
from tests.kernel.parish.journals import events, without

TOLD, RECEIPTS = agency_topic(PRISON), receipts_topic(PRISON)
EVERY_TOPIC = tuple(topic for code in AGENCIES for topic in (agency_topic(code), receipts_topic(code)))
A, B, C, X, Y = (event(id=id) for id in ("a", "b", "c", "x", "y"))


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """Agencies' topics are named alike at every site, so these tests have a broker to themselves."""
    with one_broker() as broker:
        yield broker


@pytest.fixture
async def kafka(broker: Broker) -> Kafka:
    kafka = Kafka(broker.servers)
    await make_anew(kafka, *EVERY_TOPIC)
    return kafka


async def answers(kafka: Kafka, count: int, agency: str = PRISON) -> list[Said]:
    """The receipts on an agency's topic, once there are so many."""
    return await until(lambda: receipts(kafka, agency), lambda found: len(found) >= count)


async def taken(site: Told) -> list[str]:
    """The ids of the events that were taken, in their order."""
    return [one.event_id for one in await site.recorded(ReportReceived)]


async def reached(site: Told, offset: int) -> None:
    await until(site.place, lambda place: place == offset)


async def test_an_event_is_taken_and_its_receipt_is_published(tmp_path: Path, kafka: Kafka) -> None:
    async with told(tmp_path, kafka) as site:
        await send(kafka, event())
        (said,) = await answers(kafka, 1)
        (received,) = await site.recorded(ReportReceived)
        (arrived,) = await site.recorded(Arrived)

        assert (0, arrived.digest) == (said.of.offset, said.of.digest)
        assert received.report == said.key
        assert {"id": "one", "source": event()["source"], "report": received.report, "receipt": "accepted"} == {
            name: value for name, value in said.receipt.items() if value is not None
        }
        assert (0, {}) == (await site.place(), site.inbox.troubles)


async def test_what_came_over_http_is_known_on_the_topic_and_the_other_way_round(tmp_path: Path, kafka: Kafka) -> None:
    async with told(tmp_path, kafka) as site:
        over_http = (await site.tell(PRISON, A)).json()
        await send(kafka, A, B)
        first, second = await answers(kafka, 2)
        again = (await site.tell(PRISON, B)).json()
        commands = [one.command for one in await site.recorded(Asked)]

        assert ("accepted", "repeated") == (over_http["receipt"], first.receipt["receipt"])
        assert ("accepted", "repeated") == (second.receipt["receipt"], again["receipt"])
        assert [over_http["report"], again["report"]] == [first.key, second.key]
        assert (["a", "b"], ["ReceiveReport"] * 2) == (await taken(site), commands)


async def test_a_refusal_is_known_both_ways_too(tmp_path: Path, kafka: Kafka) -> None:
    bad = event(data=breach(order=None))
    async with told(tmp_path, kafka) as site:
        over_http = await site.tell(PRISON, bad)
        await send(kafka, bad, bad)
        said = await answers(kafka, 2)
        (refused,) = await site.recorded(ReportRefused)

        assert ("field-missing", "/data/order") == (over_http.json()["code"], over_http.json()["pointer"])
        assert [refused.report] * 2 == [one.key for one in said]
        assert 1 == await site.place()


async def test_what_cannot_be_taken_is_refused_kept_and_passed(tmp_path: Path, kafka: Kafka) -> None:
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
    async with told(tmp_path, kafka) as site:
        await send(kafka, *(one for one, _, _ in told_in_vain), A, key=b"a key that says nothing")
        said = await answers(kafka, len(told_in_vain) + 1)
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
        assert (["a"], len(told_in_vain)) == (await taken(site), await site.place())


async def test_two_referrals_of_one_new_man_that_come_both_ways_at_once_are_one_person(
    tmp_path: Path, kafka: Kafka
) -> None:
    by_noms = {"identifiers": HIM["identifiers"][1:]}
    async with told(tmp_path, kafka) as site:
        await asyncio.gather(
            site.tell(POLICE, referral("one", about=by_noms)), send(kafka, referral("two"), agency=POLICE)
        )
        await answers(kafka, 1, POLICE)
        received = await site.recorded(ReferralReceived)

        assert ["new", "repeat"] == [one.standing for one in received]
        assert 1 == len({one.person for one in received})


async def test_ended_between_the_commit_and_the_receipt_it_gives_the_receipt_at_the_next_start(
    tmp_path: Path, kafka: Kafka
) -> None:
    halt = Halt(is_committed=True, at=2)
    await send(kafka, A, B, C)
    async with told(tmp_path, kafka, inbox=halt.inbox) as site:
        await halt.stands.wait()

        assert (1, ["a", "b"]) == (await site.place(), await taken(site))

    before = await receipts(kafka)
    async with told(tmp_path, kafka) as site:
        said = await answers(kafka, 3)

        assert {"a": ["accepted"]} == outcomes(before)
        assert {"a": ["accepted"], "b": ["repeated"], "c": ["accepted"]} == outcomes(said)
        assert ["a", "b", "c"] == await taken(site)
        assert [(-1, 0), (0, 1), (1, 2)] == [(one.after, one.offset) for one in await site.recorded(Arrived)]


async def test_ended_before_the_commit_it_takes_the_record_at_the_next_start(tmp_path: Path, kafka: Kafka) -> None:
    halt = Halt(is_committed=False, at=2)
    await send(kafka, A, B, C)
    async with told(tmp_path, kafka, inbox=halt.inbox) as site:
        await halt.stands.wait()

        assert (0, ["a"]) == (await site.place(), await taken(site))

    async with told(tmp_path, kafka) as site:
        said = await answers(kafka, 3)

        assert {"a": ["accepted"], "b": ["accepted"], "c": ["accepted"]} == outcomes(said)
        assert ["a", "b", "c"] == await taken(site)


async def test_a_refusal_whose_receipt_is_missing_is_not_kept_twice(tmp_path: Path, kafka: Kafka) -> None:
    halt = Halt(is_committed=True)
    await send(kafka, b"{", A)
    async with told(tmp_path, kafka, inbox=halt.inbox):
        await halt.stands.wait()
    async with told(tmp_path, kafka) as site:
        said = await answers(kafka, 2)

        assert ["refused", "accepted"] == [one.receipt["receipt"] for one in said]
        assert 1 == len(await site.recorded(ReportRefused))


@pytest.mark.parametrize(
    "regrown",
    [[X], [X, Y, A], [A, B, C], [X, A, B, C, Y], [X, B, C], []],
    ids=["below", "as long", "the same again", "above", "the last one alike", "empty"],
)
async def test_of_a_topic_made_anew_while_we_were_away_nothing_is_lost_or_doubled(
    tmp_path: Path, kafka: Kafka, regrown: list[dict[str, Any]]
) -> None:
    await send(kafka, A, B, C)
    async with told(tmp_path, kafka):
        await answers(kafka, 3)
    await make_anew(kafka, TOLD)
    await send(kafka, *regrown)
    async with told(tmp_path, kafka) as site:
        said = (await answers(kafka, 3 + len(regrown)))[3:]
        if not regrown:
            await until(lambda: TOLD not in site.inbox.troubles)
            await send(kafka, X)
            said = (await answers(kafka, 4))[3:]
        new = [one["id"] for one in regrown or [X] if one in (X, Y)]

        assert [one["id"] for one in regrown or [X]] == [one.receipt["id"] for one in said]
        assert ["a", "b", "c", *new] == await taken(site)
        assert len(said) - 1 == await site.place()


@pytest.mark.parametrize("regrown", [[X], [X, A, B, C, Y]], ids=["below", "above"])
async def test_of_a_topic_made_anew_under_a_running_reader_nothing_is_lost_or_doubled(
    tmp_path: Path, kafka: Kafka, regrown: list[dict[str, Any]]
) -> None:
    await send(kafka, A, B, C)
    async with told(tmp_path, kafka, compare_seconds=0.5) as site:
        await answers(kafka, 3)
        await make_anew(kafka, TOLD)
        await send(kafka, *regrown)
        new = [one["id"] for one in regrown if one in (X, Y)]
        await until(lambda: taken(site), lambda found: set(new) <= set(found))
        await reached(site, len(regrown) - 1)
        said = await until(lambda: receipts(kafka), lambda found: set(new) <= outcomes(found).keys())

        assert ["a", "b", "c", *new] == await taken(site)
        assert all("accepted" in outcomes(said)[id] for id in new)


async def test_the_first_receipt_in_a_topic_made_anew_is_not_taken_for_given(tmp_path: Path, kafka: Kafka) -> None:
    halt = Halt(is_committed=True)
    await send(kafka, A)
    async with told(tmp_path, kafka):
        await answers(kafka, 1)
    await make_anew(kafka, TOLD)
    await send(kafka, X)
    async with told(tmp_path, kafka, inbox=halt.inbox) as site:
        await halt.stands.wait()

        assert 0 == await site.place()

    async with told(tmp_path, kafka):
        assert {"a": ["accepted"], "x": ["repeated"]} == outcomes(await answers(kafka, 2))


async def test_receipts_that_were_lost_are_given_again(tmp_path: Path, kafka: Kafka) -> None:
    await send(kafka, A, b"{", C)
    async with told(tmp_path, kafka):
        await answers(kafka, 3)
    await make_anew(kafka, RECEIPTS)
    async with told(tmp_path, kafka) as site:
        said = await answers(kafka, 3)

        assert ["repeated", "refused", "repeated"] == [one.receipt["receipt"] for one in said]
        assert (["a", "c"], 1) == (await taken(site), len(await site.recorded(ReportRefused)))
        assert 3 == len(await site.recorded(Arrived))


async def test_what_others_wrote_among_the_receipts_is_passed_over(tmp_path: Path, kafka: Kafka) -> None:
    await send(kafka, A)
    async with told(tmp_path, kafka):
        await answers(kafka, 1)
    await send(kafka, b"no receipt", agency=f"{PRISON}.receipts")
    async with told(tmp_path, kafka) as site:
        await send(kafka, B)
        await reached(site, 1)
        records = await until(lambda: everything(kafka, RECEIPTS), lambda found: len(found) >= 3)

        assert [True, False, True] == [bool(record.headers) for record in records]


async def test_an_old_copy_that_acts_late_has_not_acted(tmp_path: Path, kafka: Kafka) -> None:
    halt = Halt(is_committed=False)
    await send(kafka, A)
    async with told(tmp_path, kafka, inbox=halt.inbox) as site:
        await halt.stands.wait()
        await site.copy.start()
        await answers(kafka, 1)
        await send(kafka, B)
        await answers(kafka, 2)
        with capture_logs() as logs:
            halt.goes_on.set()
            await until(lambda: any(line.get("error") == "StaleListenerError" for line in logs))
        await site.copy.stop()
        await send(kafka, C)
        await answers(kafka, 3)

        assert ["a", "b", "c"] == await taken(site)
        assert [(-1, 0), (0, 1), (1, 2)] == [(one.after, one.offset) for one in await site.recorded(Arrived)]


async def test_two_that_read_at_once_act_once(tmp_path: Path, kafka: Kafka) -> None:
    ids = [f"event-{number}" for number in range(20)]
    async with told(tmp_path, kafka) as site:
        await site.copy.start()
        await send(kafka, *(event(id=id) for id in ids))
        await reached(site, len(ids) - 1)
        said = await until(lambda: receipts(kafka), lambda found: set(ids) <= outcomes(found).keys())

        assert ids == await taken(site)
        assert set(ids) == outcomes(said).keys()
        assert list(range(20)) == [one.offset for one in await site.recorded(Arrived)]


async def test_what_cannot_be_decided_just_now_holds_the_place_and_is_refused_to_nobody(
    tmp_path: Path, kafka: Kafka
) -> None:
    async with told(tmp_path, kafka) as site:
        disruption = site.host.runners["disruption"].journal
        site.host.bus.leave("disruption")
        await site.task(TASKED)
        await send(kafka, task_done(), A)
        await until(lambda: site.inbox.troubles.get(TOLD) == "unreachable")

        assert (-1, [], []) == (await site.place(), await receipts(kafka), events(site.journal, ReportRefused))

        site.host.bus.join(disruption)
        said = await answers(kafka, 2)
        (of_task,) = await site.recorded(ReportTaken)

        assert {"done": ["accepted"], "a": ["accepted"]} == outcomes(said)
        assert (TASKED.person, {}) == (of_task.person, site.inbox.troubles)
        assert [] == await site.recorded(ReportRefused)


async def test_a_database_that_is_away_holds_the_place(tmp_path: Path, kafka: Kafka) -> None:
    async with told(tmp_path, kafka) as site:
        await until(lambda: site.inbox.troubles == {})
        with without(site.journal, "streams"):
            await send(kafka, A, B)
            await until(lambda: TOLD in site.inbox.troubles)

            assert [] == await receipts(kafka)

        assert {"a": ["accepted"], "b": ["accepted"]} == outcomes(await answers(kafka, 2))
        assert ["a", "b"] == await taken(site)


async def test_a_broker_that_is_away_at_the_start_is_waited_for(tmp_path: Path, own_broker: Broker) -> None:
    kafka = Kafka(own_broker.servers)
    await make_anew(kafka, *EVERY_TOPIC)
    await send(kafka, A)
    await asyncio.to_thread(own_broker.stop)
    async with told(tmp_path, kafka) as site:
        over_http = await site.tell(PRISON, B)

        assert ("accepted", "unreachable") == (over_http.json()["receipt"], site.inbox.troubles[TOLD])

        await asyncio.to_thread(own_broker.start)

        assert {"a": ["accepted"]} == outcomes(await answers(kafka, 1))
        assert {} == site.inbox.troubles


async def test_a_broker_that_dies_meanwhile_loses_nothing(tmp_path: Path, own_broker: Broker) -> None:
    kafka = Kafka(own_broker.servers)
    await make_anew(kafka, *EVERY_TOPIC)
    halt = Halt(is_committed=True, at=2)
    async with told(tmp_path, kafka, inbox=halt.inbox) as site:
        await send(kafka, A, B, C)
        await halt.stands.wait()
        await asyncio.to_thread(own_broker.kill)
        halt.goes_on.set()
        await until(lambda: site.inbox.troubles.get(TOLD) == "unreachable")
        await asyncio.to_thread(own_broker.start)
        said = await answers(kafka, 3)

        assert ["a", "b", "c"] == [one.receipt["id"] for one in said]
        assert ["a", "b", "c"] == await taken(site)
        await until(lambda: site.inbox.troubles == {})


async def test_a_topic_with_two_partitions_is_not_read_and_that_is_seen(tmp_path: Path, kafka: Kafka) -> None:
    async with administered(kafka, seconds_max=20) as admin:
        await admin.delete_topics([TOLD])
        while TOLD in await admin.list_topics():
            pass
        await admin.create_topics([NewTopic(TOLD, 2, 1)])
    with capture_logs() as logs:
        async with told(tmp_path, kafka) as site:
            await send(kafka, A)
            await send(kafka, A, agency=POLICE)
            await answers(kafka, 1, POLICE)
            await until(lambda: site.inbox.troubles == {TOLD: "topic-wrong"})

            assert -1 == await site.place()

    assert {"partitions"} <= {line["setting"] for line in logs if line["event"] == "topic-wrong"}


async def test_the_places_made_again_from_the_journal_are_the_same(tmp_path: Path, kafka: Kafka) -> None:
    async with told(tmp_path, kafka) as site:
        await send(kafka, A, b"{", A, B)
        await answers(kafka, 4)
        await site.inbox.stop()
        await site.recorded(ReportReceived)

        assert [] == list(await asyncio.to_thread(lambda: list(rebuilt_indexes_equal_live(site.journal))))
        assert 3 == await site.place()


async def test_nothing_personal_is_said_in_receipts_logs_or_metrics(tmp_path: Path, kafka: Kafka) -> None:
    sent = [
        event(id="account", data=breach(account="Canary of an account")),
        event(id="means", data=breach(means="Canary of a means")),
        event(id="field", data=breach(canary_of_a_field="x")),
        b'{"id": "Canary',
    ]
    with capture_logs() as logs:
        async with told(tmp_path, kafka) as site:
            await send(kafka, *sent, key=b"Canary of a key")
            await answers(kafka, len(sent))
            shown = site.host.metrics.shown()
    records = await everything(kafka, RECEIPTS)

    assert b"canary" not in b"".join([repr(records).encode(), repr(logs).encode(), shown]).lower()
