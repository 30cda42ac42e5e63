"""What a service owns comes to that service and to nobody else; what nobody owns, or is for services alone, to none."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Final

import pytest
from fastapi.routing import APIRoute
from httpx import AsyncClient

from infra.web.front_owners import Owners
from infra.web.nobody import NOBODY
from infra.web.problems import NOT_THERE_BODY
from tests.front.serving import StandIn, fronted, said_back, serving, status_of
from tests.installation import SERVICES

ROUTES: Final = [
    (service.name, method, route.path)
    for service in SERVICES
    if service.routes is not None
    for route in service.routes(NOBODY).routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]
NOT_PASSED_ON: Final = (
    "/services/intake/messages",
    "/services/intake/head",
    "/services/x",
    "/info",
    "/nothing",
    "/case",
)

SPELLINGS: Final = (
    "/%2e%2e/metrics",
    "/metrics",
    "//metrics",
    "/cases/../../metrics",
    "/cases/%2e%2e",
    "/cases/..%2f..%2fmetrics/identity",
    "/cases/%2E./identity",
    "/cases/./identity",
    "/cases/%0a..%0a/../../metrics",
    "//services/intake/messages",
    "/services%2fintake%2fmessages",
    "/%73ervices/intake/messages",
    "%2Fcases",
    "http://example.org/cases",
    "http://example.org/services/intake/messages",
    "*",
)


@pytest.fixture
async def each() -> AsyncIterator[tuple[str, dict[str, StandIn]]]:
    """A front before a stand-in for each service, each on an address of its own."""
    stand_ins = {service.name: StandIn(service.name) for service in SERVICES}
    async with AsyncExitStack() as stack:
        urls = {name: await stack.enter_async_context(serving(app)) for name, app in stand_ins.items()}
        base, _ = await stack.enter_async_context(fronted(urls))
        yield base, stand_ins


async def test_every_route_of_every_service_comes_to_that_service_alone(
    each: tuple[str, dict[str, StandIn]],
) -> None:
    base, stand_ins = each
    async with AsyncClient(base_url=base, trust_env=False) as client:
        answered = [
            (await client.request(method, path.replace("{", "").replace("}", ""))).text for _, method, path in ROUTES
        ]

    assert [name for name, _, _ in ROUTES] == answered
    assert len(ROUTES) == sum(len(stand_in.asked) for stand_in in stand_ins.values())


async def test_another_method_comes_to_the_service_that_knows_which_there_are(
    each: tuple[str, dict[str, StandIn]],
) -> None:
    base, _ = each
    async with AsyncClient(base_url=base, trust_env=False) as client:
        answered = [
            (await client.request("DELETE", path.replace("{", "").replace("}", ""))).text for _, _, path in ROUTES
        ]

    assert [name for name, _, _ in ROUTES] == answered


async def test_what_nobody_owns_is_not_there_and_comes_to_nobody(stand_in: StandIn, client: AsyncClient) -> None:
    answers = [await client.get(path) for path in NOT_PASSED_ON]

    assert {(404, NOT_THERE_BODY, "application/problem+json")} == {
        (answer.status_code, answer.content, answer.headers["content-type"]) for answer in answers
    }
    assert [] == stand_in.asked


async def test_no_spelling_of_an_address_gets_to_where_only_services_may_go(stand_in: StandIn, base: str) -> None:
    answers = {
        target: await said_back(base, f"GET {target} HTTP/1.1\r\nhost: front\r\nconnection: close\r\n\r\n".encode())
        for target in SPELLINGS
    }

    assert dict.fromkeys(SPELLINGS, 404) == {target: status_of(answer) for target, answer in answers.items()}
    assert all(answer.endswith(NOT_THERE_BODY) for answer in answers.values())
    assert [] == stand_in.asked


async def test_a_route_of_nobody_asks_nobody() -> None:
    with pytest.raises(AssertionError, match="`look`"):
        await NOBODY.look(lambda _: None)


def test_a_service_without_routes_owns_nothing() -> None:
    assert tuple(service.name for service in SERVICES if service.routes is not None) == Owners(SERVICES).names
