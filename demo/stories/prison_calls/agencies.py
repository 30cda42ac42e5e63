"""The agencies' part: they tell what happened in the world, and the prison is asked to act and answers."""

from collections.abc import Mapping
from typing import Any, Final

from demo.clients import CASE_MANAGER, COURTS, POLICE, PRISON
from demo.step import Context, Step, Turn
from demo.stories.prison_calls import finding, people
from demo.story import Actor, Sign


def told(kind: str, time: str, report: Mapping[str, Any]) -> Any:
    """A step's word: this report, about him."""
    return lambda turn, _context: turn.tell(kind, time, {"about": people.HE, **report})


def answered(kind: str, time: str, **report: Any) -> Any:
    """A step's word about the task: whom it is about, the prison is not told and does not say."""
    return lambda turn, context: turn.tell(kind, time, {"task": context["task"], **report})


def read_and_accept(turn: Turn, context: Context) -> Any:
    """The prison reads what is asked, with its own authorisation, and takes it on."""
    turn.api.get(f"/agencies/{PRISON}/tasks/{context['task']}")
    return turn.tell("agency.task-accepted.v1", people.ACCEPTED_AT, {"task": context["task"]})


REFERRER: Final = Actor(
    name="northmere-police",
    client=POLICE,
    steps=(
        Step(
            name="refers",
            do=told(
                "police.referral-made.v1",
                people.REFERRED_AT,
                {"route": "visible-high-risk", "reason": people.REASON, "dash_score": 17, "victims": [people.SHE]},
            ),
        ),
    ),
)

COURT: Final = Actor(
    name="northmere-courts",
    client=COURTS,
    comes_on=(Sign(type="notifications.notice-raised.v1", holds={"code": "case-allocated", "owner": CASE_MANAGER}),),
    steps=(
        Step(
            name="grants-order",
            do=told(
                "courts.order-granted.v1",
                people.GRANTED_AT,
                {
                    "order": people.ORDER,
                    "order_kind": "restraining-order",
                    "granted_at": people.GRANTED_AT,
                    "terms": ["no-contact"],
                },
            ),
        ),
    ),
)

SERVER_OF_ORDER: Final = Actor(
    name="northmere-police-at-court",
    client=POLICE,
    comes_on=(Sign(type="disruption.order-granted.v1"),),
    steps=(
        Step(
            name="serves-order",
            do=told(
                "police.order-served.v1",
                people.SERVED_AT,
                {"order": people.ORDER, "served_at": people.SERVED_AT, "method": "at-court"},
            ),
        ),
    ),
)

SECURITY: Final = Actor(
    name="hmp-fennholt",
    client=PRISON,
    comes_on=(Sign(type="disruption.order-served.v1"),),
    steps=(
        Step(
            name="receives-prisoner",
            do=told(
                "prison.prisoner-received.v1",
                people.RECEIVED_AT,
                {"received_at": people.RECEIVED_AT, "establishment": people.PRISON_NAME, "wing": "B Wing"},
            ),
        ),
        Step(name="accepts-task", when=finding.task, do=read_and_accept),
        Step(
            name="starts-search",
            when=finding.task,
            do=answered("agency.task-started.v1", people.STARTED_AT),
        ),
        Step(
            name="recovers-phones",
            when=finding.task,
            do=answered("prison.phones-recovered.v1", people.SEARCHED_AT, searched_at=people.SEARCHED_AT, handsets=3),
        ),
        Step(
            name="reports-breach",
            do=told(
                "prison.order-breached.v1",
                people.BREACHED_AT,
                {
                    "order": people.ORDER,
                    "breached_at": people.BREACHED_AT,
                    "means": "telephone",
                    "establishment": people.PRISON_NAME,
                    "account": people.ACCOUNT,
                },
            ),
        ),
    ),
)
