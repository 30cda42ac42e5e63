"""A client outlives its server and says the same again under the same key, until it is answered."""

from typing import Any, Final

import pytest

from demo.client import Api, RefusedError, ServerAwayError, never
from demo.step import Pace, Turn
from tests.story.scripted import Request, scripted

FAST: Final = Pace(speed=100)
PASSING: Final = frozenset({"victim-liaison-unreachable"})


def turn(api: Api) -> Turn:
    return Turn(api=api, key="story/actor/step", pace=FAST, passing=PASSING)


def said(*answers: tuple[int, Any]) -> list[Request]:
    """What a step sends until it is taken, to a server that answers so, one after the other."""
    asked: list[Request] = []

    def answer(request: Request) -> tuple[int, Any]:
        asked.append(request)
        return answers[len(asked) - 1]

    with scripted(answer) as base, Api(base, "wrk_tomas-bright", "invented", gives_up=never) as api:
        turn(api).say("/actions", {"tactic": "cell-search"})
    return asked


def test_a_server_that_is_away_is_told_the_same_again() -> None:
    asked = said((503, {}), (503, {}), (201, {"action": "a"}))

    assert ["story/actor/step"] * 3 == [request.key for request in asked]


def test_a_server_that_was_started_again_is_asked_for_another_token() -> None:
    asked = said((401, {"code": "token-malformed"}), (201, {}))

    assert [("story/actor/step", "token-1"), ("story/actor/step", "token-2")] == [
        (request.key, request.token) for request in asked
    ]


def test_what_is_not_there_yet_is_asked_again_under_the_same_key() -> None:
    asked = said((404, {"code": "not-there"}), (201, {}))

    assert ["story/actor/step"] * 2 == [request.key for request in asked]


def test_a_refusal_that_passes_is_followed_by_an_attempt_under_the_next_key() -> None:
    refused = (409, {"code": "victim-liaison-unreachable", "title": "Try again shortly."})
    asked = said(refused, refused, (200, {}))

    assert ["story/actor/step", "story/actor/step#1", "story/actor/step#2"] == [request.key for request in asked]


def test_any_other_refusal_ends_the_step_with_its_code() -> None:
    with pytest.raises(RefusedError, match="409 clearance-missing: Wait for its answer") as refusal:
        said((409, {"code": "clearance-missing", "title": "Wait for its answer."}))

    assert "clearance-missing" == refusal.value.code


def test_an_answer_that_is_no_problem_of_ours_is_a_refusal_all_the_same() -> None:
    with pytest.raises(RefusedError, match="500 unknown"):
        said((500, "<html>"))


def test_a_client_that_gives_up_does_not_wait() -> None:
    api = Api("http://127.0.0.1:9", "wrk_tomas-bright", "invented", gives_up=lambda: True)

    with api, pytest.raises(ServerAwayError, match="does not answer"):
        api.get("/cases")
