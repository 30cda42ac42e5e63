"""What is not yours looks like what is not there (SR-14): the same answer, for the same work, and nothing is opened.

Asked of every address with a reference in it, by everybody who finds nothing there: whoever may see it is no witness.
"""

import json
import re
from collections import Counter
from typing import Final

import pytest
from httpx import Response

from schemas.ids import derive
from tests.installation import AUDITOR, CLIENTS, LEAD, LENA, MAY, OTHER_CASE_MANAGER, PRISON
from tests.walls.statements import FETCHES_KEY, Statement, statements
from tests.walls.told import Told
from tests.walls.walks import STREAMS, WITH_PERSON

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOWHERE: Final = {
    "person": derive("per", "nobody"),
    "action": derive("act", "nobody"),
    "action_id": derive("act", "nobody"),
    "reference": derive("vic", "nobody"),
    "contact": derive("con", "nobody"),
    "task_id": derive("tsk", "nobody"),
    "report_id": derive("rep", "nobody"),
    "notice_id": derive("ntc", "nobody"),
    "name": "nowhere",
    "message_id": "00000000-0000-5000-8000-000000000000",
}
"""References of the right form that nobody ever gave."""


SAID_LATER: Final[dict[str, dict[str, object]]] = {
    "/actions/{action_id}/conclude": {"code": "phones-recovered", "count": 3},
    "/actions/{action_id}/withdraw": {"reason": "no-longer-needed"},
    "/persons/{person}/substitute": {"worker": MAY},
    "/reports/{report_id}/person": {"person": NOWHERE["person"]},
    "/victims/{reference}/impacts": {"action": NOWHERE["action"], "effect": "no-change"},
}
"""Bodies that these routes take; of the others, somebody has said one in the story so far."""

ATTEMPTS: Final = 3
"""A service that compares itself with another meanwhile asks as well, once a minute: it is no difference that stays."""


async def look(told: Told, who: str, method: str, path: str, body: bytes) -> tuple[Response, Counter[Statement]]:
    headers = {"Idempotency-Key": f"{who} at {path}".replace(" ", "-"), "Content-Type": "application/json"}
    with statements() as asked:
        answer = await told.seen.by(who).send(method, path, body, headers if method == "POST" else {})
    if answer.status_code != 404:
        await told.seen.there.settled()
    return answer, Counter(asked)


def addresses(told: Told) -> list[tuple[str, str, bytes]]:
    """Method, route and a body that the route takes, for each that names something."""
    said = {each.route: each.sent for each in told.seen.exchanges if each.method == "POST" and each.status < 300}
    bodies = {**{route: json.dumps(body).encode() for route, body in SAID_LATER.items()}, **said}
    return [
        (method.upper(), route, bodies.get(route, b"") if method == "post" else b"")
        for route, methods in told.routes.items()
        for method in methods
        if "{" in route and route not in STREAMS
    ]


def elsewhere(route: str) -> dict[str, str]:
    """The same address with nothing there. An agency's part of it is only changed where it is all that is named."""
    others = {name: NOWHERE[name] for name in re.findall(r"\{(\w+)\}", route) if name != "code"}
    return others or {"code": "northmere-nowhere"}


async def difference(told: Told, who: str, method: str, route: str, body: bytes) -> str | None:
    """How the two differ for this reader; None where there is something for him or her to see."""
    said = ""
    for _ in range(ATTEMPTS):
        here, work_here = await look(told, who, method, told.path(route), body)
        if here.status_code != 404:
            return None
        there, work_there = await look(told, who, method, told.path(route, **elsewhere(route)), body)
        if opened(work_here):
            return f"opened for {who} by {method} {route}"
        if answered(here) == answered(there) and work_here == work_there:
            return ""
        said = f"{who} {method} {route}: {answered(here)} {work_here - work_there} {work_there - work_here}"
    return said


def answered(answer: Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    return answer.status_code, answer.content, sorted(answer.headers.items())


def opened(work: Counter[Statement]) -> bool:
    return any(FETCHES_KEY in text or "INSERT INTO journal" in text for _, text in work)


async def test_not_yours_looks_like_not_there_and_is_the_same_work(told: Told) -> None:
    """Statements are counted in all services together; what was answered is compared byte for byte."""
    found = {
        (method, route, who): await difference(told, who, method, route, body)
        for method, route, body in addresses(told)
        for who in CLIENTS
    }
    unlike = [said for said in found.values() if said]
    compared = {(method, route) for (method, route, _), said in found.items() if said is not None}

    assert [] == unlike, "\n".join(unlike)
    assert {(method, route) for method, route, _ in addresses(told)} == compared


@pytest.mark.parametrize("who", [OTHER_CASE_MANAGER, LENA, LEAD, PRISON, AUDITOR])
@pytest.mark.parametrize("route", WITH_PERSON)
async def test_a_list_about_somebody_elses_person_is_as_empty_as_about_nobody(told: Told, who: str, route: str) -> None:
    here, work_here = await look(told, who, "GET", f"{route}?person={told.story.person}", b"")
    there, work_there = await look(told, who, "GET", f"{route}?person={NOWHERE['person']}", b"")

    assert answered(here) == answered(there)
    assert work_here == work_there


@pytest.mark.parametrize("who", [OTHER_CASE_MANAGER, LENA, PRISON, AUDITOR])
@pytest.mark.parametrize("route", ["/actions", "/victims"])
async def test_nothing_is_begun_about_somebody_elses_person_nor_about_nobody(told: Told, who: str, route: str) -> None:
    """The person stands in the body; what else does is in order."""
    sent = next(each.sent for each in told.seen.exchanges if each.method == "POST" and each.route == "/actions")
    if route == "/victims":
        her = {"family_name": "Sample", "given_names": "Ann", "relationship": "partner"}
        sent = json.dumps({"person": told.story.person, **her}).encode()
    here, work_here = await look(told, who, "POST", route, sent)
    nobody = sent.replace(told.story.person.encode(), NOWHERE["person"].encode())
    there, work_there = await look(told, who, "POST", route, nobody)

    assert 404 == here.status_code
    assert answered(here) == answered(there)
    assert work_here == work_there
