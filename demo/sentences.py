"""What happened, in plain words: a sentence for each type of message, over what it says in codes.

References are never shown and nobody is named but those who take part: whoever watches learns how it works, and
nothing of whom it is about.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from demo.clients import BY_ID
from demo.ledger import Line

NOTICE: Final = "notifications.notice-raised.v1"
REPORT: Final = "intake.report-taken.v1"

SENTENCES: Final[Mapping[str, str]] = {
    "intake.referral-received.v1": "{agency} refers somebody: {route}",
    "intake.victim-named.v1": "a victim is named, to the victims' side alone: her details are sealed",
    "intake.report-waiting.v1": "a report waits for somebody to say whom it is about",
    "intake.report-waits-no-more.v1": "somebody said whom a waiting report is about",
    "casework.case-opened.v1": "a case is opened; whether he knows of it is unknown, which counts as no",
    "casework.case-allocated.v1": "the case is given to {worker}",
    "casework.engagement-recorded.v1": "how he takes part is recorded: {state}",
    "disruption.order-granted.v1": "on the register: a {order_kind}; it protects nobody until it is served",
    "disruption.order-served.v1": "the order is served, {method}: from now on breaking it counts",
    "disruption.order-breached.v1": "an order was broken, by {means}; at that time it was {standing}",
    "disruption.action-proposed.v1": "proposed: a {tactic} by {agency}; what he may think of it is rated {attribution}",
    "disruption.action-changed.v1": "the action is changed: every answer to the version before is void",
    "disruption.action-authorised.v1": "version {version} of the action is authorised by a second person",
    "disruption.action-tasked.v1": "{agency} is asked to act: {tactic}",
    "disruption.task-answered.v1": "{agency} on its task: {answer}",
    "disruption.task-overdue.v1": "{agency} has not done its task in time",
    "disruption.task-recalled.v1": "{agency} is told to stop",
    "disruption.action-concluded.v1": "what came of the action is recorded: {outcome}",
    "disruption.action-withdrawn.v1": "the action is not pursued any further",
    "victim-liaison.liaison-named.v1": "{worker} stands with a victim, and is told first of what changes",
    "victim-liaison.liaison-stood-down.v1": "{worker} is not to be told any more",
    "victim-liaison.information-released.v1": "let known: {code}; not from whom",
    "victim-liaison.clearance-given.v1": "version {version} of the action, answered for the victims: {verdict}",
    "victim-liaison.conditions-met.v1": "every step that had to come first is done",
    "victim-liaison.clearance-suspended.v1": "the clearance does not hold for now",
    "victim-liaison.impact-recorded.v1": "what the action changed for her side: {effect}",
    "notifications.notice-escalated.v1": "nobody has seen a notice in time: it goes to {to} as well",
}
REPORTS: Final[Mapping[str, str]] = {
    "courts.order-granted.v1": "{agency} tells: a court made a {order_kind}",
    "police.order-served.v1": "{agency} tells: the order was served, {method}",
    "police.referral-made.v1": "{agency} tells: somebody is referred",
    "prison.prisoner-received.v1": "{agency} tells: he was received into custody",
    "prison.order-breached.v1": "{agency} tells: its own monitoring found that the order was broken",
    "prison.phones-recovered.v1": "{agency} tells: the search is done, {handsets} phones were recovered",
    "agency.task-accepted.v1": "{agency} tells: it takes the task on",
    "agency.task-declined.v1": "{agency} tells: it declines the task",
    "agency.task-started.v1": "{agency} tells: it has begun",
    "agency.task-not-possible.v1": "{agency} tells: the task was not possible",
    "agency.task-done.v1": "{agency} tells: the task is done",
}
OWNERS: Final[Mapping[str, str]] = {
    "role:coordinator": "the coordinators",
    "role:liaison-lead": "the liaison leads",
    "role:practice-manager": "the practice managers",
}

_REFERENCE: Final = re.compile(r"[a-z]{3}_[a-z2-7]{26}")


def sentence(line: Line) -> str:
    """What a message says. A type that has no sentence yet is said by its own name."""
    said = {name: _plain(value) for name, value in (line.data | line.data.get("facts", {})).items()}
    if line.type == NOTICE:
        return _told(line.data)
    template = REPORTS.get(line.data["facts"]["kind"]) if line.type == REPORT else SENTENCES.get(line.type)
    return name_of(line) if template is None else template.format_map(said)


def name_of(line: Line) -> str:
    """A message by its short name: the middle of its type, or of its report's."""
    kind: str = line.data["facts"]["kind"] if line.type == REPORT else line.type
    return kind.split(".")[1].replace("-", " ")


def person(reference: str) -> str:
    """Somebody who takes part, by name; the holders of a role by what they are; anything else as it is."""
    client = BY_ID.get(reference)
    return OWNERS.get(reference, reference) if client is None else client["name"]


def _told(notice: Mapping[str, Any]) -> str:
    """Who is told what, and by when it is to be seen."""
    detail = "" if notice["detail"] is None else f" ({_plain(notice['detail'])})"
    due = f"{datetime.fromisoformat(notice['due_at']):%a %H:%M}"
    return f"told: {person(notice['owner'])}, to be seen by {due}: {_plain(notice['code'])}{detail}"


def _plain(value: object) -> str:
    match value:
        case str() if value in BY_ID or value in OWNERS:
            return person(value)
        case str() if _REFERENCE.fullmatch(value):
            return "a reference"
        case str():
            return value.replace("-", " ")
        case {"code": str(code), "count": int(count)}:
            return f"{_plain(code)}, {count}"
        case {"code": str(code)}:
            return _plain(code)
        case _:
            return str(value)
