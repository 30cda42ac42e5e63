"""What agencies tell over their topics is what they tell over HTTP: on a whole host with real keys, but no broker."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec
import pytest
from fastapi import APIRouter
from httpx import ASGITransport, AsyncClient

from infra.bus.kafka.client import agency_topic, receipts_topic
from infra.bus.port import UnreachableError
from infra.clock import ManualClock
from infra.entropy import SeededEntropy
from infra.host import Host
from infra.journal.arrivals import Arrival, Reached, reached
from infra.journal.place import StaleListenerError
from infra.sealing.keys import load_keys
from infra.service import Service
from infra.settings import Settings
from infra.web.asking import asking_by_topic
from infra.web.desk import Delivered, Desk, Reply, Take
from infra.web.issuer import Issuer
from infra.web.tokens import Tokens
from schemas.agencies import agencies
from schemas.intake import ReportReceived, ReportRefused
from schemas.journal import Arrived, Asked
from services.intake.feed import INBOX
from services.intake.receipts import Receipt
from services.intake.service import INTAKE
from tests.domain.intake_examples import NOW, as_json, breach, event
from tests.domain.test_intake_over_http import POLICE, PRISON, Site, referral, task_done
from tests.kernel.parish.journals import events

TOPIC = agency_topic(PRISON)
START = Reached()


class Fed(Site):
    """A site that is also given records, as if a broker had them."""

    def __init__(self, host: Host, client: AsyncClient, issuer: Issuer, desk: Desk, secret: bytes) -> None:
        super().__init__(host, client, issuer)
        self.desk = desk
        self._take: Take = INBOX.take(desk)
        self._secret = secret

    async def give(self, told: object, after: Reached, offset: int, agency: str = PRISON) -> Receipt:
        """The receipt of a record that is the next one behind this place."""
        value = told if isinstance(told, bytes) else as_json(told)
        topic = agency_topic(agency)
        arrival = Arrival(topic=topic, after=after, to=Reached(offset, b"%d" % offset))
        asking = partial(asking_by_topic, secret=self._secret, now=NOW, arrival=arrival)
        reply: Reply = await self._take(Delivered(topic=topic, value=value, asking=asking))
        receipt = msgspec.json.decode(reply.body, type=Receipt)

        assert receipt.report == reply.key
        return receipt

    async def place(self) -> Reached:
        return await self.host.runners["intake"].read(lambda connection: reached(connection, TOPIC))


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Fed]:
    clock = ManualClock(NOW)
    issuer = Issuer("tests", "northmere", clock, {})
    tokens = Tokens("tests", "northmere", clock, issuer.keys)
    settings = Settings(data=tmp_path / "site", hear_seconds_max=0.2)
    desks: list[Desk] = []

    def routes(desk: Desk) -> APIRouter:
        desks.append(desk)
        assert INTAKE.routes is not None
        return INTAKE.routes(desk)

    services = [replace(INTAKE, routes=routes), Service(name="disruption")]
    async with (
        Host(services, settings, tokens, clock=clock, entropy=SeededEntropy(1)) as host,
        AsyncClient(transport=ASGITransport(host.app), base_url="http://cordon.example.org") as client,
    ):
        secret = load_keys(settings.keys_directory(), "intake").fingerprint
        yield Fed(host, client, issuer, desks[0], secret)


def at(offset: int) -> Reached:
    return Reached(offset, b"%d" % offset)


def test_each_agency_has_a_topic_and_one_for_its_receipts() -> None:
    assert {agency_topic(code): receipts_topic(code) for code in agencies()} == INBOX.topics


async def test_what_came_over_http_is_known_and_asked_once(site: Fed) -> None:
    over_http = (await site.tell(PRISON, event())).json()
    receipt = await site.give(event(), START, 0)

    assert (over_http["report"], "repeated") == (receipt.report, receipt.receipt)
    assert 1 == len(await site.recorded(Asked))
    assert at(0) == await site.place()


async def test_what_came_by_the_topic_is_known_over_http(site: Fed) -> None:
    receipt = await site.give(event(), START, 0)
    over_http = await site.tell(PRISON, event())

    assert ("accepted", 200, "repeated") == (receipt.receipt, over_http.status_code, over_http.json()["receipt"])
    assert 1 == len(await site.recorded(Asked))


async def test_the_same_record_twice_is_another_arrival_of_one_event(site: Fed) -> None:
    receipts = [
        await site.give(event(), START, 0),
        await site.give(event(), at(0), 1),
        await site.give(event(), at(1), 2),
    ]

    assert ["accepted", "repeated", "repeated"] == [receipt.receipt for receipt in receipts]
    assert [0, 1, 2] == [arrived.offset for arrived in await site.recorded(Arrived)]
    assert 1 == len(await site.recorded(ReportReceived))


async def test_a_refusal_that_a_rule_decides_moves_the_place_once_it_is_kept(site: Fed) -> None:
    await site.give(event(), START, 0)
    receipt = await site.give(event(data=breach(means="letter")), at(0), 1)
    commands = [(one.command, one.refused) for one in await site.recorded(Asked)]

    assert ("refused", "report-id-reused", "/id") == (receipt.receipt, receipt.code, receipt.pointer)
    assert [("ReceiveReport", "report-id-reused"), ("RefuseReport", None)] == commands[1:]
    assert [0, 1] == [arrived.offset for arrived in await site.recorded(Arrived)]
    assert at(1) == await site.place()


async def test_an_old_copy_that_comes_late_changes_nothing(site: Fed) -> None:
    await site.give(event(id="a"), START, 0)
    with pytest.raises(StaleListenerError):
        await site.give(event(id="b"), START, 0)
    with pytest.raises(StaleListenerError):
        await site.give(b"{", START, 0)

    assert ["a"] == [one.event_id for one in await site.recorded(ReportReceived)]
    assert ([], at(0)) == (await site.recorded(ReportRefused), await site.place())


async def test_what_cannot_be_looked_up_just_now_is_refused_to_nobody(site: Fed) -> None:
    site.host.bus.leave("disruption")
    with pytest.raises(UnreachableError):
        await site.give(task_done(), START, 0)

    assert (START, []) == (await site.place(), events(site.host.runners["intake"].journal, ReportRefused))


async def test_a_field_we_do_not_know_is_not_named_where_a_broker_keeps_it(site: Fed) -> None:
    receipt = await site.give(event(data=breach(canary_name="x")), START, 0)

    assert ("field-unknown", "/data") == (receipt.code, receipt.pointer)


async def test_referrals_that_come_both_ways_are_taken_one_by_one(site: Fed) -> None:
    async with site.desk.one_by_one("referral"):
        both = [
            asyncio.create_task(site.tell(POLICE, referral("one"))),
            asyncio.create_task(site.give(referral("two"), START, 0, POLICE)),
        ]
        done, _ = await asyncio.wait(both, timeout=0.3)

        assert set() == done

    await asyncio.gather(*both)

    assert 2 == len(await site.recorded(ReportReceived))
