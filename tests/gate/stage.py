"""Something of everything there is to see, and every command that can be said about it, each by who may say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas.ids import derive
from tests.gate.journey import RUTH, WING, Journey
from tests.installation import (
    CASE_MANAGER,
    COORDINATOR,
    COURTS,
    LEAD,
    LENA,
    MAY,
    PRACTICE_MANAGER,
    PRISON,
    Installation,
)

OPEN: Final = frozenset({"/health/liveness", "/health/readiness", "/metrics", "/demo/token"})
"""Addresses where nobody is asked who they are; the last one is there to become somebody."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command as it is said by somebody who may: the route, its references, and what is sent; None for nothing."""

    by: str
    route: str
    body: Any

    def path(self, references: Mapping[str, str]) -> str:
        """The address, with these references in it."""
        return self.route.format_map(references)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """References by the names that they have in addresses, and the commands."""

    there: Installation
    references: Mapping[str, str]
    commands: tuple[Command, ...]


async def set_up(there: Installation) -> Stage:
    """One person with a victim, an order, an action that was tasked, a report of hers, and events nobody took."""
    journey = Journey(there)
    await journey.refer(RUTH)
    await journey.allocate()
    await journey.assign()
    court = {"order": "NM-2026-1", "order_kind": "restraining-order", "granted_at": "2026-02-02T10:00:00Z"}
    about = {"identifiers": [{"type": "CRN", "value": journey.crn}]}
    await there.by(COURTS).tell("courts.order-granted.v1", {"about": about, **court})
    nobody = {"identifiers": [{"type": "CRN", "value": "Y000001"}]}
    received = {"about": nobody, "received_at": "2026-02-02T10:00:00Z", "establishment": "HMP Fennholt"}
    report = (await there.by(PRISON).tell("prison.prisoner-received.v1", received))["report"]
    await there.by(PRISON).post(f"/agencies/{PRISON}/events", {"specversion": "1.0"})
    called = {"occurred_at": "2026-03-01T19:00:00Z", "means": "telephone", "words": "He rang four times."}
    contact = (await there.by(LENA).say(f"/victims/{journey.victims[0]}/contacts", called))["contact"]
    await journey.propose()
    await journey.answer()
    await journey.authorise()
    task = await journey.task()
    await there.settled()
    notice = (await there.by(CASE_MANAGER).read("/worklist"))["items"][0]["id"]
    messages = (await there.by("wrk_ada-quill").read("/audit/messages"))["messages"]
    references = {
        "code": PRISON,
        "report_id": report,
        "person": journey.person,
        "action_id": journey.action,
        "action": journey.action,
        "reference": journey.victims[0],
        "contact": contact,
        "task_id": task,
        "notice_id": notice,
        "message_id": messages[0]["id"],
        "name": "disruption",
    }
    return Stage(there=there, references=references, commands=_commands(journey, called, contact, received))


def _commands(journey: Journey, called: dict[str, Any], contact: str, received: dict[str, Any]) -> tuple[Command, ...]:
    victim = journey.victims[0]
    event = {
        "specversion": "1.0",
        "id": "event-of-the-stage",
        "source": "//hmp-fennholt.example.org/tests",
        "type": "prison.prisoner-received.v1",
        "time": "2026-03-01T10:00:00Z",
        "data": received,
    }
    about_action = "/actions/{action_id}"
    her = "/victims/{reference}"
    asked = "/consultations/{action}"
    answer = {"version": 1, "victim": victim, "verdict": "agreed-with-conditions", "conditions": ["alarm-in-place"]}
    return (
        Command(by=PRISON, route="/agencies/{code}/events", body=event),
        Command(by=COORDINATOR, route="/reports/{report_id}/person", body={"person": journey.person}),
        Command(by=COORDINATOR, route="/cases/{person}/allocation", body={"worker": CASE_MANAGER}),
        Command(by=CASE_MANAGER, route="/cases/{person}/engagement", body={"state": "unaware"}),
        Command(by=CASE_MANAGER, route="/actions", body={"person": journey.person, **WING}),
        Command(by=CASE_MANAGER, route=f"{about_action}/change", body={"version": 1, **WING}),
        Command(by=PRACTICE_MANAGER, route=f"{about_action}/authorise", body={"version": 1}),
        Command(by=CASE_MANAGER, route=f"{about_action}/task", body=None),
        Command(by=LEAD, route="/victims", body={"person": journey.person, **RUTH, "telephone": "07700 900361"}),
        Command(by=LEAD, route=f"{her}/worker", body={"worker": LENA, "standing": "assigned"}),
        Command(by=LEAD, route="/persons/{person}/substitute", body={"worker": MAY}),
        Command(by=LENA, route=f"{her}/contacts", body={**called, "wants": ["calls-stopped"]}),
        Command(by=LENA, route=f"{her}/releases", body={"contact": contact, "code": "risk-judged-higher"}),
        Command(
            by=LENA, route=f"{her}/impacts", body={"action": journey.action, "effect": "no-change", "words": "No."}
        ),
        Command(by=LENA, route=f"{asked}/answers", body={**answer, "reason": "Once her alarm is there."}),
        Command(
            by=LENA,
            route=f"{asked}/conditions",
            body={"version": 1, "victim": victim, "condition": "alarm-in-place"},
        ),
        Command(by=CASE_MANAGER, route="/worklist/{notice_id}/acknowledge", body=None),
        Command(by=CASE_MANAGER, route=f"{about_action}/withdraw", body={"reason": "superseded"}),
        Command(by=CASE_MANAGER, route=f"{about_action}/conclude", body={"code": "nothing-found", "count": 0}),
    )


def nowhere(name: str) -> str:
    """A reference of the right form that stands for nothing, for a name in addresses."""
    prefixes = {
        "person": "per",
        "report_id": "rep",
        "action_id": "act",
        "action": "act",
        "reference": "vic",
        "contact": "con",
        "task_id": "tsk",
        "notice_id": "ntc",
    }
    return derive(prefixes[name], "nowhere") if name in prefixes else "nowhere"
