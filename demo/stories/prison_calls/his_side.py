"""The part of those who work on his case: it is given to a case manager, who plans, asks, and says what came of it."""

from typing import Any, Final

from demo.client import Api
from demo.clients import CASE_MANAGER, COORDINATOR, PRACTICE_MANAGER, PRISON
from demo.step import Context, Step, Turn
from demo.stories.prison_calls import finding, people
from demo.story import Actor, Sign

AFTER_CLEARANCE: Final = frozenset({"authorised", "tasked", "accepted", "started", "done", "concluded"})
AFTER_AUTHORISATION: Final = AFTER_CLEARANCE
AFTER_SEARCH: Final = frozenset({"done", "concluded"})
"""How the action stands once a step may be said, and whenever it is said again."""


def case_is_seen(api: Api) -> Context | None:
    return finding.case(api)


def allocate(turn: Turn, context: Context) -> Any:
    return turn.say(f"/cases/{context['person']}/allocation", {"worker": CASE_MANAGER})


def record_engagement(turn: Turn, context: Context) -> Any:
    """He does not know of the programme, and is not to learn of it from a message."""
    return turn.say(f"/cases/{context['person']}/engagement", {"state": "unaware"})


def information_is_released(api: Api) -> Context | None:
    """The released summary stands on the case manager's worklist, or has been acted on already."""
    proposed = finding.action(api)
    return proposed or finding.item(api, "/worklist", "information-released")


def propose_search(turn: Turn, context: Context) -> Any:
    """The search covers the wing, not the man: that hides who told."""
    return turn.say(
        "/actions",
        {
            "person": context["person"],
            "tactic": "cell-search",
            "agency": PRISON,
            "attribution": "safe",
            "plan": people.PLAN,
            "tasking": people.TASKING,
        },
    )


def action_is_cleared(api: Api) -> Context | None:
    proposed = finding.action(api)
    if proposed is None or not (proposed["clearance"] == "agreed" or proposed["standing"] in AFTER_CLEARANCE):
        return None
    return proposed


def authorise(turn: Turn, context: Context) -> Any:
    """Read in plain words what is proposed, and answer for it as a second person."""
    turn.api.get(f"/actions/{context['action']}/text")
    return turn.say(f"/actions/{context['action']}/authorise", {"version": context["version"]})


def action_is_authorised(api: Api) -> Context | None:
    return _standing(api, AFTER_AUTHORISATION)


def ask_prison(turn: Turn, context: Context) -> Any:
    return turn.say(f"/actions/{context['action']}/task")


def breach_is_told_too(api: Api) -> Context | None:
    """The search is done, and he has heard of the breach: only then does he say what came of it."""
    is_told = finding.item(api, "/worklist", "order-breached") is not None
    return _standing(api, AFTER_SEARCH) if is_told else None


def conclude(turn: Turn, context: Context) -> Any:
    return turn.say(
        f"/actions/{context['action']}/conclude", {"code": context["outcome"], "count": context["outcome_count"]}
    )


def _standing(api: Api, standings: frozenset[str]) -> Context | None:
    found = finding.action(api)
    return found if found is not None and found["standing"] in standings else None


ALLOCATES: Final = Actor(
    name="coordinator",
    client=COORDINATOR,
    comes_on=(Sign(type="victim-liaison.liaison-named.v1"),),
    steps=(Step(name="allocates-case", when=case_is_seen, do=allocate),),
)

MANAGES: Final = Actor(
    name="case-manager",
    client=CASE_MANAGER,
    steps=(
        Step(name="records-engagement", when=case_is_seen, do=record_engagement),
        Step(name="proposes-search", when=information_is_released, do=propose_search),
        Step(
            name="asks-prison",
            when=action_is_authorised,
            do=ask_prison,
            passing=frozenset({"victim-liaison-unreachable"}),
        ),
        Step(name="concludes", when=breach_is_told_too, do=conclude),
    ),
)

AUTHORISES: Final = Actor(
    name="practice-manager",
    client=PRACTICE_MANAGER,
    steps=(Step(name="authorises-search", when=action_is_cleared, do=authorise),),
)
