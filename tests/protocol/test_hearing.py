"""Rules 7 to 13 of the protocol, but for those of Kafka: how a service hears another."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from infra.bus.local import LocalBus
from infra.hearing import FORKED, GAP, Trouble
from infra.journal.chain import NOTHING, link
from infra.journal.journal import Forked, Journal, Sent, messages
from infra.journal.place import Place, StaleListenerError
from infra.metrics import Metrics
from infra.service import Ask, Known, Note
from infra.service import Heard as Reacted
from schemas.journal import Heard, SourceStopped
from tests.kernel.parish.events import SweepingPlanned
from tests.kernel.parish.journals import NOW, book, cause, entries, events, stopped, without
from tests.kernel.parish.running import LyingBus, SleepyBus, at_work, heard, settings, until
from tests.kernel.parish.services import PARISH, SEXTON
from tests.kernel.parish.town import Town, town
from tests.protocol.processes import Process, hear, processes, said


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    with processes(tmp_path) as process:
        yield process


def swept(journal: Journal) -> list[str]:
    return [event.hall for event in events(journal, SweepingPlanned)]


def test_rule_7_of_two_who_hear_the_same_batch_exactly_one_acts(process: Process) -> None:
    parish, both, together = process(), [process(SEXTON), process(SEXTON)], Barrier(2)
    for name in ("nave", "aisle", "tower", "porch"):
        book(parish, name)
    batches = [said(parish)[:2], said(parish)]

    def listen(which: int) -> int:
        together.wait()
        return sum(hear(both[which], batch).heard for batch in batches)

    with ThreadPoolExecutor(2) as pool:
        acted = list(pool.map(listen, range(2)))

    assert 4 == sum(acted)
    assert ["nave", "aisle", "tower", "porch"] == swept(both[0])


def test_rule_7_a_place_is_moved_only_from_where_it_was_read(process: Process) -> None:
    sexton = process(SEXTON)
    with pytest.raises(StaleListenerError):
        hear_while_it_is_moved(sexton)

    assert [] == entries(sexton)


def hear_while_it_is_moved(sexton: Journal) -> None:
    def move(connection: Connection) -> bool:
        return connection.execute(text("UPDATE heard SET number = 1 WHERE source = 'parish'")).rowcount == 1

    with sexton.transaction(NOW) as transaction:
        transaction.move_place("parish", Place(1, link(NOTHING, b"{}")), 1)
        transaction.remember_heard("parish", 0, cause("c"))
        transaction.holds(move)


def test_rule_7_how_far_was_heard_is_in_the_transaction_that_acted(process: Process) -> None:
    parish, sexton = process(), process(SEXTON)
    book(parish, "nave", "aisle")
    batch = said(parish)
    hear(sexton, batch)

    assert [Heard(source="parish", after=0, to=2, hash=batch[1].hash)] == events(sexton, Heard)
    assert Heard.TYPE == entries(sexton)[-1].type


def test_rule_8_known_next_beyond_and_disagreeing(process: Process) -> None:
    parish, sexton = process(), process(SEXTON)
    book(parish, "nave", "aisle", "tower")
    first, second, third = said(parish)
    known, following = hear(sexton, [first]), hear(sexton, [first, second])
    gap = hear(sexton, [replace(third, number=4)])
    forks = [
        hear(sexton, [replace(second, hash=third.hash)]),
        hear(sexton, [replace(third, hash=second.hash)]),
        hear(sexton, [replace(third, raw=third.raw.replace(b"per-tower", b"per-other"))]),
    ]

    assert [1, 1] == [known.heard, following.heard]
    assert Trouble(number=4, code=GAP) == gap.trouble
    assert [Trouble(number=2, code=FORKED)] + 2 * [Trouble(number=3, code=FORKED)] == [fork.trouble for fork in forks]
    assert ["nave", "aisle"] == swept(sexton)


def test_rule_9_a_tail_begins_after_exactly_the_message_that_was_heard(process: Process) -> None:
    parish = process()
    book(parish, "nave", "aisle")
    first, second = said(parish)
    bus = LocalBus()
    bus.join(parish)

    assert [second] == bus.tail("parish", Place(1, first.hash), 500)
    for number, hash in ((1, second.hash), (2, first.hash), (3, second.hash), (0, first.hash)):
        with pytest.raises(Forked):
            bus.tail("parish", Place(number, hash), 500)


async def test_rule_9_over_http_too(tmp_path: Path, keys: Path) -> None:
    async with town(tmp_path / "site", keys) as served:
        await served.book("nave")
        await served.book("aisle")
        first = (await said_over_http(served, 0, NOTHING))[0]

        assert [2] == [message["number"] for message in await said_over_http(served, 1, bytes.fromhex(first["hash"]))]

        for number in (1, 2, 3):
            path = f"/services/parish/messages?after={number}&hash={'ab' * 32}"

            assert (409, "forked", None) == await served.refusal("GET", path, worker="sexton")


async def said_over_http(served: Town, after: int, hash: bytes) -> list[dict[str, Any]]:
    path = f"/services/parish/messages?after={after}&hash={hash.hex()}"
    answer = await served.ask("GET", path, worker="sexton")
    lines: list[dict[str, Any]] = answer.json()["messages"]
    return lines


async def test_rule_9_a_source_behind_what_was_heard_is_not_taken_for_one_with_nothing_new(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
        book(parish.journal, "nave", "aisle")
        parish.bus.wake("parish")

        assert await heard(sexton, 2)

    (tmp_path / "parish.sqlite").unlink()
    async with at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
        await until(lambda: sexton.stopped == {"parish": Trouble(number=2, code=FORKED)})


async def test_rule_10_a_quiet_tail_is_found_by_comparing_heads(tmp_path: Path) -> None:
    """The bus loses the last message and every wake-up, and nothing follows that would show it."""
    async with at_work(tmp_path, PARISH, SEXTON, bus=SleepyBus(), using=settings(tmp_path)) as (parish, sexton):
        book(parish.journal, "nave")
        await until(lambda: swept(sexton.journal) == ["nave"])


async def test_rule_10_what_was_said_before_the_start_is_fetched_at_the_start(tmp_path: Path) -> None:
    async with at_work(tmp_path, PARISH) as (parish,):
        book(parish.journal, "nave")
    async with at_work(tmp_path, PARISH, SEXTON, bus=SleepyBus()) as (parish, sexton):
        await until(lambda: swept(sexton.journal) == ["nave"])


async def test_rule_10_a_stall_is_seen_in_the_lag(tmp_path: Path) -> None:
    metrics = Metrics()
    bus, using = LyingBus(lambda _batch: []), settings(tmp_path)
    async with at_work(tmp_path, PARISH, SEXTON, bus=bus, metrics=metrics, using=using) as (parish, _):
        book(parish.journal, "nave", "aisle")
        await until(lambda: b'cordon_lag_messages{service="sexton",source="parish"} 2.0' in metrics.shown())


async def test_rule_12_hear_to_the_present_head_and_then_decide(tmp_path: Path) -> None:
    """Unwoken: only asking for the head tells that there is something. Where that is not possible, it says so."""
    using = settings(tmp_path, compare_seconds=86_400.0, hear_seconds_max=1.0)
    async with at_work(tmp_path, PARISH, SEXTON, bus=SleepyBus(), using=using) as (parish, sexton):
        await until(lambda: bool(entries(sexton.journal)))
        book(parish.journal, "nave")
        is_heard, then = await sexton.hear_to_head("parish"), swept(sexton.journal)
        parish.bus.leave("parish")

        assert (True, ["nave"]) == (is_heard, then)
        assert not await sexton.hear_to_head("parish")


async def test_rule_12_not_before_the_source_has_itself_heard_what_was_there_for_it(tmp_path: Path) -> None:
    """A head is no head while its service has not acted on everything: what is still to be said is not yet in it."""
    vicar = replace(SEXTON, name="vicar", hears={"sexton": (SweepingPlanned,)})
    bus, using = LyingBus(lambda _batch: []), settings(tmp_path, hear_seconds_max=0.1)
    async with at_work(tmp_path, PARISH, SEXTON, vicar, bus=bus, using=using) as (parish, _, listener):
        is_settled = await listener.hear_to_head("sexton")
        book(parish.journal, "nave")

        assert is_settled
        assert not await listener.hear_to_head("sexton")


@pytest.mark.parametrize(
    ("halls", "broom", "code"),
    [
        (("nave", "cellar"), "", "ZeroDivisionError"),
        (("nave", "aisle"), "the-only-one", "IntegrityError"),
    ],
    ids=["raised", "refused-by-the-database"],
)
async def test_rule_13_what_pure_code_raised_stops_its_source_at_the_culprit(
    tmp_path: Path, halls: Sequence[str], broom: str, code: str
) -> None:
    async with at_work(tmp_path, PARISH, SEXTON) as (parish, sexton):
        book(parish.journal, *halls, broom=broom)
        parish.bus.wake("parish")

        assert not await heard(sexton, 2)
        assert (["nave"], [("parish", 2, code)]) == (swept(sexton.journal), stopped(sexton.journal))


async def test_rule_13_a_type_that_nobody_knows_yet_is_never_passed_over(tmp_path: Path) -> None:
    def newer(batch: Sequence[Sent]) -> list[Sent]:
        raws = [sent.raw.replace(b"hall-booked.v2", b"hall-booked.v3") for sent in batch]
        return [Sent(1, link(NOTHING, raw), raw) for raw in raws]

    async with at_work(tmp_path, PARISH, SEXTON, bus=LyingBus(newer)) as (parish, sexton):
        book(parish.journal, "nave")
        parish.bus.wake("parish")

        assert not await heard(sexton, 1)
        assert [("parish", 1, "unknown-type")] == stopped(sexton.journal)


@pytest.mark.parametrize("table", ["streams", "journal", "head", "brooms"])
async def test_rule_13_a_failing_infrastructure_is_tried_again_and_stops_nobody(tmp_path: Path, table: str) -> None:
    metrics, using = Metrics(), settings(tmp_path)
    async with at_work(tmp_path, PARISH, SEXTON, metrics=metrics, using=using) as (parish, sexton):
        with without(sexton.journal, table):
            book(parish.journal, "nave")
            parish.bus.wake("parish")
            await until(lambda: b'cordon_retries_total{service="sexton",source="parish"}' in metrics.shown())

        assert await heard(sexton, 1)
        assert ([], ["nave"]) == (events(sexton.journal, SourceStopped), swept(sexton.journal))


def test_rule_13_a_connection_lost_in_a_reaction_is_no_mistake_of_it(process: Process) -> None:
    """Raised where pure code asks what is known: the whole is tried again, and nobody is stopped."""

    def losing(heard: Reacted, known: Known) -> Sequence[Note | Ask]:  # noqa: ARG001 - it is a reaction
        raise OperationalError(None, None, Exception("server closed the connection"))

    parish, sexton = process(), process(replace(SEXTON, react=losing))
    book(parish, "nave")
    with pytest.raises(OperationalError):
        hear(sexton, said(parish))

    assert [] == entries(sexton)


def test_messages_of_a_source_are_read_in_their_order(process: Process) -> None:
    """What rules 8 and 9 stand on."""
    parish = process()
    book(parish, "nave", "aisle", "tower")
    with parish.database.reading() as connection:
        assert [1, 2, 3] == [sent.number for sent in messages(connection, 0, NOTHING, 500)]
