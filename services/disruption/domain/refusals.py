"""What people read when disruption says no: what is wrong, and what to do about it."""

from collections.abc import Mapping
from typing import Final

REFUSALS: Final[Mapping[str, str]] = {
    "victim-liaison-unreachable": (
        "The victim liaison service cannot be heard just now, so nobody can say that the clearance still holds. "
        "Try again shortly; nothing was sent to the agency."
    ),
    "clearance-missing": "The victims' side has not answered yet. Wait for its answer; until then nothing is sent.",
    "clearance-stale": "What was cleared was an earlier version of this action. The present one is being asked about.",
    "clearance-suspended": "The clearance does not hold for now: somebody is being asked again. Wait for the answer.",
    "clearance-objected": "The victims' side objects. Change the action to meet the objection, or withdraw it.",
    "victim-not-reached": "A victim could not be reached, which is no consent. Ask the liaison lead what can be done.",
    "conditions-not-met": "The victims' side agreed on conditions, and not every step is done. Wait for the last.",
    "not-authorised": "No practice manager has authorised this version. Ask for its authorisation first.",
    "attribution-plan-missing": "There is no attribution plan. Say what he will believe prompted the action.",
    "points-to-victim-without-agreement": (
        "This action points to the victim. It needs the victims' own side to agree, with every step it asked for done."
    ),
    "attribution-understated": "Nobody can hide what prompts this tactic: rate it as it is, and plan for that.",
    "authoriser-is-author": "Somebody who proposed or changed this action cannot authorise it. Ask another manager.",
    "version-stale": "This has been changed since you last looked: look again.",
    "tactic-unknown": "There is no such tactic. Choose one that is offered.",
    "agency-unknown": "There is no such agency at this site. Choose one that is offered.",
    "agency-cannot-act": "An agency of this kind has no power to do this. Choose one that has, or another tactic.",
    "action-unknown": "There is no such action.",
    "action-tasked": "The agency has been asked already. Withdraw the action to stop it, then propose another.",
    "action-not-tasked": "No agency has been asked to carry this action out, so nothing can have come of it yet.",
    "action-not-answered": "The agency has not had its last word. Wait for it, or withdraw the action to stop it.",
    "action-answered": "The agency has given its last word on this action. Record what came of it.",
    "action-closed": "This action is concluded or withdrawn. Propose another if more is to be done.",
    "task-not-present": "This task was recalled and replaced by another. Answer the one that is on your list.",
    "task-not-yours": "This task was given to another agency.",
    "task-answered": "Your last word on this task is recorded. If it was wrong, tell the case manager.",
    "task-recalled": "This task was recalled. If you had acted already, report it as done.",
    "order-of-another-person": "This order was made against somebody else. Find out whom the report is about.",
    "order-already-registered": "This order is on the register with other contents. Ask the court which ones hold.",
    "text-may-locate": (
        "The text may say where somebody is or how to reach them: a postcode, number, address, school, refuge or, in "
        "the plan, a prison. Say it without."
    ),
    "text-may-name-source": (
        "The text may show who told us: a relation, the victim, what somebody said. Write only what the agency must do."
    ),
    "text-may-name-a-person": (
        "This task is about a place, and its text singles somebody out. Write it so that it fits everybody there."
    ),
}
