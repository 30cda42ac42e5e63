"""SR-12 and SR-14: every address that is read, by everybody: for whom nothing is there, it looks as if nothing was."""

from collections.abc import Mapping
from typing import Final

import pytest
import pytest_asyncio

from schemas.journal import PersonalDataOpened
from tests.gate.stage import OPEN, Stage, nowhere, set_up
from tests.installation import (
    AUDITOR,
    CASE_MANAGER,
    CLIENTS,
    COORDINATOR,
    LEAD,
    LENA,
    LISTENER,
    MAY,
    OPERATOR,
    OTHER_CASE_MANAGER,
    PRACTICE_MANAGER,
    PRISON,
    TWO_HATS,
    Installation,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

HIS_SIDE: Final = frozenset({COORDINATOR, PRACTICE_MANAGER, CASE_MANAGER})
HER_SIDE: Final = frozenset({LEAD, LENA})
WHO_SEES: Final[Mapping[str, frozenset[str]]] = {
    "/agencies/{code}/reports/{report_id}": frozenset({PRISON}),
    "/agencies/{code}/refused": frozenset({PRISON}),
    "/agencies/{code}/tasks": frozenset({PRISON}),
    "/agencies/{code}/tasks/{task_id}": frozenset({PRISON}),
    "/reports": frozenset({COORDINATOR}),
    "/reports/refused": frozenset({COORDINATOR}),
    "/cases": HIS_SIDE,
    "/cases/{person}": HIS_SIDE,
    "/cases/{person}/timeline": HIS_SIDE,
    "/cases/{person}/identity": HIS_SIDE,
    "/actions": HIS_SIDE,
    "/actions/{action_id}": HIS_SIDE,
    "/actions/{action_id}/text": HIS_SIDE,
    "/orders": HIS_SIDE,
    "/liaison/worklist": frozenset(),
    "/victims": HER_SIDE,
    "/victims/{reference}": HER_SIDE,
    "/victims/{reference}/timeline": HER_SIDE,
    "/victims/{reference}/contacts/{contact}": HER_SIDE,
    "/consultations": HER_SIDE,
    "/consultations/{action}": HER_SIDE,
    "/worklist": frozenset({COORDINATOR, CASE_MANAGER, LEAD, LENA}),
    "/worklist/stream": frozenset(),
    "/audit/messages": frozenset({AUDITOR}),
    "/audit/messages/stream": frozenset(),
    "/audit/messages/{message_id}": frozenset({AUDITOR}),
    "/audit/causes/{message_id}": frozenset({AUDITOR}),
    "/audit/checks": frozenset({AUDITOR}),
    "/services/{name}/messages": frozenset({LISTENER}),
    "/services/{name}/standing": frozenset({LISTENER}),
    "/services/{name}/head": frozenset({LISTENER}),
    "/info": frozenset({OPERATOR}),
}
"""Who finds something there, as the stage is set; on the victims' list of what waits, nothing does any more."""

OWN_LISTS: Final[Mapping[str, frozenset[str]]] = {
    "/cases": frozenset({OTHER_CASE_MANAGER}),
    "/actions": frozenset(CLIENTS),
    "/orders": frozenset(CLIENTS),
    "/liaison/worklist": frozenset({LEAD, LENA, MAY, TWO_HATS}),
    "/victims": frozenset({MAY, TWO_HATS}),
    "/consultations": frozenset({MAY, TWO_HATS}),
    "/worklist": frozenset({PRACTICE_MANAGER, OTHER_CASE_MANAGER, MAY, TWO_HATS}),
}
"""Who has a list there on which nothing stands, as anybody's would be who works with nobody. Whoever has a role on each
side finds what the victims' side has, and nothing of the other."""

STREAMS: Final[Mapping[str, frozenset[str]]] = {
    "/worklist/stream": HIS_SIDE | HER_SIDE | {OTHER_CASE_MANAGER, MAY, TWO_HATS},
    "/audit/messages/stream": frozenset({AUDITOR}),
}
"""Who may listen there; a stream does not end, and has tests of its own."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(there: Installation) -> Stage:
    return await set_up(there)


async def test_every_address_that_is_read_is_here(stage: Stage) -> None:
    assert stage.there.host.app is not None
    read = {path for path, methods in stage.there.host.app.openapi()["paths"].items() if "get" in methods}

    assert read - OPEN == WHO_SEES.keys()


@pytest.mark.parametrize("route", WHO_SEES)
async def test_who_is_entitled_finds_something_and_everybody_else_nothing(stage: Stage, route: str) -> None:
    path = route.format_map(stage.references)
    query = {"person": stage.references["person"]} if route in {"/actions", "/orders"} else {}
    nothing = await stage.there.by(COORDINATOR).get("/nowhere")
    for id in CLIENTS.keys() - STREAMS.get(route, frozenset()):
        answer = await stage.there.by(id).get(path, **query)
        if id in WHO_SEES[route]:
            assert (200, True) == (answer.status_code, any(answer.json().values())), id
        elif id in OWN_LISTS.get(route, ()):
            assert (200, False) == (answer.status_code, any(answer.json().values())), id
        else:
            assert (404, nothing.content) == (answer.status_code, answer.content), id


@pytest.mark.parametrize("route", [route for route in WHO_SEES if "{" in route])
async def test_what_is_not_there_looks_the_same_to_who_is_entitled(stage: Stage, route: str) -> None:
    nothing = await stage.there.by(COORDINATOR).get("/nowhere")
    names = [name for name in stage.references if f"{{{name}}}" in route]
    for name in names:
        for wrong in (nowhere(name), "x" * 3000, "%2e%2e", "%E2%98%83", "%0a", "'%20or%20''='"):
            path = route.format_map({**stage.references, name: wrong})
            for id in WHO_SEES[route]:
                answer = await stage.there.by(id).get(path)

                assert (404, nothing.content) == (answer.status_code, answer.content), (name, wrong)


async def test_sr_16_who_finds_nothing_has_nothing_opened(stage: Stage) -> None:
    openings = [
        (service, opened.reader)
        for service in stage.there.host.runners
        for opened in await stage.there.recorded(service, PersonalDataOpened)
    ]

    assert {reader for _, reader in openings} <= {*HIS_SIDE, *HER_SIDE, PRISON}
    assert {reader for service, reader in openings if service == "victim_liaison"} <= HER_SIDE
    assert {reader for service, reader in openings if service != "victim_liaison"} <= {*HIS_SIDE, PRISON}


@pytest.mark.parametrize("wrong", ["after=-1", "after=x", "count=0", "count=1e9", "after=9" + "9" * 400, "count="])
async def test_a_parameter_of_the_wrong_form_is_a_problem(stage: Stage, wrong: str) -> None:
    for route, id in (("/cases", COORDINATOR), ("/victims", LEAD), ("/worklist", LENA), ("/audit/messages", AUDITOR)):
        answer = await stage.there.by(id).send("GET", f"{route}?{wrong}")

        assert (422, "request-wrong") == (answer.status_code, answer.json()["code"])
        assert "application/problem+json" == answer.headers["content-type"]
