"""The edge's own addresses, and what it says when something of ours is broken: the database, a source, the program."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from infra.journal.chain import NOTHING, link
from infra.service import Ask, Heard, Known, Note
from tests.kernel.parish.journals import book, without
from tests.kernel.parish.running import has_begun, heard, until
from tests.kernel.parish.services import SEXTON
from tests.kernel.parish.town import SERVED, Town, checked, town

BOOKINGS = "/halls/nave/bookings"
GOOD = b'{"person":"per-a"}'


@pytest.fixture
async def broken(tmp_path: Path, keys: Path) -> AsyncIterator[Town]:
    """Served as a server would: what the application raises becomes an answer."""
    async with town(tmp_path / "site", keys, safe=False) as served:
        yield served


async def test_its_own_addresses_answer(edge: Town) -> None:
    await has_begun(edge.host.runners["sexton"])
    paths = ("/", "/docs", "/openapi.json", "/health/liveness", "/health/readiness")
    answers = {path: await edge.client.get(path) for path in paths}
    for answer in answers.values():
        checked(answer)

    assert [307, 200, 200, 200, 200] == [answer.status_code for answer in answers.values()]
    assert {"status": "up"} == answers["/health/liveness"].json()
    assert {"status": "up", "stopped": {"parish": {}, "sexton": {}}} == answers["/health/readiness"].json()


async def test_openapi_names_every_route_that_is_for_clients(edge: Town) -> None:
    paths = (await edge.client.get("/openapi.json")).json()["paths"]

    assert {"/halls", "/halls/{name}", "/halls/{name}/bookings", "/services/{name}/messages"} <= paths.keys()


async def test_the_metrics_are_for_operators(edge: Town) -> None:
    await edge.book()
    shown = await edge.ask("GET", "/metrics", worker="wrk_opal")
    hidden = await edge.ask("GET", "/metrics")
    lines = shown.text.splitlines()

    assert (200, 404) == (shown.status_code, hidden.status_code)
    assert shown.headers["content-type"].startswith("text/plain")
    assert 'cordon_commands_total{outcome="decided",service="parish"} 1.0' in lines
    assert 'cordon_request_seconds_count{route="/halls/{name}/bookings",status="201"} 1.0' in lines


async def test_neither_metrics_nor_logs_name_what_stood_in_an_address_or_a_body(edge: Town) -> None:
    with capture_logs() as lines:
        await edge.book("canary-hall", person="per-canary")
        await edge.ask("GET", "/halls?person=per-canary")
        await edge.ask("GET", "/canary-nowhere")

    assert "canary" not in str(lines)
    assert b"canary" not in edge.host.metrics.shown()
    assert ["/halls/{name}/bookings", "/halls", "none"] == [
        line["route"] for line in lines if line["event"] == "served"
    ]


async def test_while_the_database_fails_nothing_is_kept_and_the_client_may_try_again(edge: Town) -> None:
    for table in ("head", "streams", "journal"):
        with without(edge.journal, table):
            refusal = await edge.refusal("POST", BOOKINGS, GOOD, idempotency_key="k")

        assert (503, "service-unavailable", None) == refusal

    again = await edge.ask("POST", BOOKINGS, GOOD, idempotency_key="k")

    assert (201, 1) == (again.status_code, edge.journal.head().number)


async def test_while_the_database_fails_looking_says_so_too(edge: Town) -> None:
    await edge.book()
    with without(edge.journal, "journal"):
        state = await edge.refusal("GET", "/halls/nave")
        messages = await edge.refusal("GET", "/services/parish/messages", worker="sexton")
    with without(edge.journal, "bookings"):
        read_model = await edge.refusal("GET", "/halls")

    assert {(503, "service-unavailable", None)} == {state, messages, read_model}


async def test_while_the_database_fails_the_edge_itself_is_up(edge: Town) -> None:
    with without(edge.journal, "head"):
        answer = await edge.client.get("/health/liveness")

    assert 200 == answer.status_code


async def test_a_mistake_of_the_program_is_answered_without_a_word_of_it(broken: Town) -> None:
    headers = {"authorization": f"Bearer {broken.token()}", "idempotency-key": "k"}
    answer = await broken.client.post("/halls/nave/collapse", headers=headers)

    assert (500, "failed-here") == (answer.status_code, answer.json()["code"])
    assert "application/problem+json" == answer.headers["content-type"]
    assert "nosniff" == answer.headers["x-content-type-options"]
    assert b"ZeroDivision" not in answer.content
    assert (
        b'cordon_request_seconds_count{route="/halls/{name}/collapse",status="500"} 1.0' in broken.host.metrics.shown()
    )
    assert 0 == broken.journal.head().sequence


async def test_a_source_that_is_stopped_is_seen_in_readiness_and_metrics_and_the_rest_goes_on(edge: Town) -> None:
    book(edge.journal, "cellar")
    sexton = edge.host.runners["sexton"]

    assert not await heard(sexton, 1)

    answer = await edge.client.get("/health/readiness")
    metrics = (await edge.ask("GET", "/metrics", worker="wrk_opal")).text

    assert (503, {"status": "degraded", "stopped": {"parish": {}, "sexton": {"parish": "ZeroDivisionError"}}}) == (
        answer.status_code,
        answer.json(),
    )
    assert 'cordon_stopped{service="sexton",source="parish"} 1.0' in metrics
    assert 201 == (await edge.book()).status_code


async def test_readiness_is_well_again_when_the_source_goes_on(tmp_path: Path, keys: Path) -> None:
    is_mended = False

    def react(heard: Heard, known: Known) -> Sequence[Note | Ask]:
        return () if is_mended else SEXTON.react(heard, known)

    async with town(tmp_path / "site", keys, SERVED, replace(SEXTON, react=react)) as served:
        book(served.journal, "cellar")
        sexton = served.host.runners["sexton"]

        assert not await heard(sexton, 1)

        is_mended = True
        sexton.listeners["parish"].wake()
        await until(lambda: not sexton.stopped)

        assert 200 == (await served.client.get("/health/readiness")).status_code


async def test_messages_are_for_services_and_come_as_they_are_stored(edge: Town) -> None:
    for name in ("nave", "aisle", "tower"):
        await edge.book(name)
    whole = (await edge.ask("GET", "/services/parish/messages", worker="sexton")).json()["messages"]
    first = whole[0]
    rest = await edge.ask("GET", f"/services/parish/messages?after=1&hash={first['hash']}&limit=1", worker="sexton")

    assert [1, 2, 3] == [message["number"] for message in whole]
    assert link(NOTHING, first["record"].encode()).hex() == first["hash"]
    assert [whole[1]] == rest.json()["messages"]


async def test_messages_after_what_is_not_held_are_forked(edge: Town) -> None:
    await edge.book()
    wrong = "ab" * 32
    refusals = {
        await edge.refusal("GET", f"/services/parish/messages?after={after}&hash={wrong}", worker="sexton")
        for after in (0, 1, 2, 2**53)
    }

    assert {(409, "forked", None)} == refusals


async def test_a_place_that_is_none_is_refused(edge: Town) -> None:
    wrong = (
        "after=-1",
        "after=one",
        f"after={2**53 + 1}",
        "after=" + "9" * 99,
        "hash=xyz",
        "hash=" + "AB" * 32,
        "limit=0",
    )
    refusals = {await edge.refusal("GET", f"/services/parish/messages?{query}", worker="sexton") for query in wrong}

    assert {(422, "request-wrong", None)} == refusals


async def test_openings_kept_in_a_file_are_journalled_before_anything_is_served(tmp_path: Path, keys: Path) -> None:
    kept = b'{"id":"k1","opened_at":"2026-03-02T09:00:00+00:00","agency":"partnership","opening":'
    opening = b'{"reader":"wrk_ada","on_behalf_of":"","purpose":"case-work","fields":["person/per_a/name"]}}'
    (tmp_path / "site").mkdir(mode=0o700)
    (tmp_path / "site" / "openings-parish.ndjson").write_bytes(kept + opening + b"\n")
    async with town(tmp_path / "site", keys) as served:
        with served.journal.database.reading() as connection:
            names = connection.execute(text("SELECT name FROM streams")).scalars().all()

        assert ["opened"] == names
