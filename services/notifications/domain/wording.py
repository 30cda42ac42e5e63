"""What a notice says to people: one sentence on what is so and one on what to do next, for the side that reads it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from schemas import catalogue
from schemas.catalogue.entries import Entry

Titles = Callable[[], Mapping[str, Entry]]


def no_titles() -> Mapping[str, Entry]:
    """The detail is a word of its own: its hyphens become spaces."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of one code. `says` has no full stop: a detail may follow it, in the words of `titles`.

    `for_case` and `for_liaison` are the next step as each side sees it; empty where that side is never told.
    """

    code: str
    says: str
    for_case: str = ""
    for_liaison: str = ""
    titles: Titles = no_titles


ALL: Final = (
    Wording(
        code="identify-report",
        says="A report waits: we do not know whom it is about",
        for_case="Look at the waiting reports and say whom it is about; nothing is done about it until then.",
    ),
    Wording(
        code="find-liaison-worker",
        says="Nobody stands with the victims of this person",
        for_liaison="Name a liaison worker, or a substitute where no victim is known: until then nothing is cleared.",
    ),
    Wording(
        code="allocate-case",
        says="A case was opened and nobody holds it",
        for_case="Name a case manager who stands with no victim of this person.",
    ),
    Wording(
        code="case-opened",
        says="A case was opened on this person",
        for_liaison="Tell your manager if you cannot take part; you are asked before any action.",
    ),
    Wording(
        code="case-manager-named",
        says="A case manager was named for this person",
        for_liaison="Arrange the first talk with the case manager and agree how first contact is covered.",
    ),
    Wording(
        code="case-allocated",
        says="You are the case manager of this person",
        for_case="Record how he takes part. Until you mark him aware, nothing is ever sent to him.",
    ),
    Wording(
        code="worker-on-both-sides",
        says="One worker was named on both sides of this person's case",
        for_case="Name another case manager: the case is closed to this worker until you do.",
        for_liaison="Agree with the coordinator which side this worker leaves, and see that the victim is told.",
    ),
    Wording(
        code="person-aware",
        says="He knows of the programme now",
        for_liaison="Review the safety plan with the victim: he may look for whoever he blames.",
        titles=catalogue.engagement_states,
    ),
    Wording(
        code="engagement-recorded",
        says="How he takes part was recorded",
        for_liaison="Consider whether it changes the risk to the victim.",
        titles=catalogue.engagement_states,
    ),
    Wording(
        code="received-into-custody",
        says="He was received into custody",
        for_case="Look at what was planned for a man at liberty, and at what can be done from inside.",
        for_liaison="Tell the victim by the safe-contact plan, and ask about contact from inside.",
    ),
    Wording(
        code="order-granted",
        says="A court made an order; it protects nobody until it is served",
        for_case="See that it is served.",
        for_liaison="Tell the victim that it is not in force against him until he has been served.",
        titles=catalogue.orders,
    ),
    Wording(
        code="order-served",
        says="An order was served: he knows of it",
        for_case="Record what he said of it, if you work with him.",
        for_liaison="Tell the victim by the safe-contact plan: from now on breaking it counts.",
    ),
    Wording(
        code="order-breached",
        says="An order was broken",
        for_case="Consider what to propose. Talk to nobody on his side about how it became known.",
        for_liaison="Contact the victim by the safe-contact plan and review the risk today.",
    ),
    Wording(
        code="action-authorised",
        says="An action was authorised",
        for_case="Task the agency.",
    ),
    Wording(
        code="action-tasked",
        says="An agency was asked to act",
        for_case="Nothing to do until the agency answers.",
        for_liaison="Prepare the victim as agreed: he may notice it at any time from now on.",
        titles=catalogue.tactics,
    ),
    Wording(
        code="task-accepted",
        says="The agency takes the task on",
        for_case="Nothing to do until it is done.",
    ),
    Wording(
        code="task-declined",
        says="The agency declined the task",
        for_case="Answer the reason, propose something else, or take it to the panel.",
    ),
    Wording(
        code="task-started",
        says="The agency has begun",
        for_case="Nothing to do until it is done.",
    ),
    Wording(
        code="task-not-possible",
        says="The agency could not do it",
        for_case="Propose something else, or withdraw the action.",
    ),
    Wording(
        code="task-overdue",
        says="The agency has not done what it was asked for in time",
        for_case="Speak to the agency; if it does not act, take it to the panel.",
    ),
    Wording(
        code="task-done",
        says="What the agency was asked for is done",
        for_case="Record what came of the action.",
        for_liaison="Ask the victim what has changed, when it is safe.",
    ),
    Wording(
        code="task-recalled",
        says="The agency was told to stop",
        for_case="See whether it has, and what he may have noticed.",
        for_liaison="Tell the victim that it may not happen, and review what was planned around it.",
    ),
    Wording(
        code="action-concluded",
        says="What came of an action was recorded",
        for_liaison="Ask the victim what it changed, and record the effect.",
    ),
    Wording(
        code="action-withdrawn",
        says="An action is not pursued any further",
        for_liaison="Tell the victim if it had been expected.",
    ),
    Wording(
        code="information-released",
        says="Something that you may act on was let known",
        for_case="Consider an action that points to nobody.",
        titles=catalogue.releases,
    ),
    Wording(
        code="clearance-agreed",
        says="The action is cleared",
        for_case="It waits for a practice manager to authorise it.",
    ),
    Wording(
        code="clearance-with-conditions",
        says="The action is cleared once certain steps are done",
        for_case="See which steps are asked for; it can be tasked when they are done.",
    ),
    Wording(
        code="clearance-objected",
        says="The action is not cleared: there is an objection",
        for_case="Change the action or withdraw it. Do not ask for the reason.",
    ),
    Wording(
        code="clearance-cannot-reach",
        says="The action is not cleared: whoever must be asked cannot be reached",
        for_case="Wait, or change the action. If danger is imminent, speak to a practice manager.",
    ),
    Wording(
        code="authorise-action",
        says="An action is cleared and waits to be authorised",
        for_case="Look at its attribution plan, then authorise it or send it back.",
    ),
    Wording(
        code="conditions-met",
        says="Every step that had to come first is done",
        for_case="The action can be authorised and tasked.",
    ),
    Wording(
        code="clearance-suspended",
        says="A clearance does not hold for now",
        for_case="Do nothing more on this action until it is cleared again. A task that was given is recalled.",
    ),
    Wording(
        code="impact-recorded",
        says="What an action changed was recorded",
        for_case="Take it into account before you propose the next one.",
    ),
)
BY_CODE: Final = {wording.code: wording for wording in ALL}


def sentence(code: str, detail: str | None) -> str:
    """What is so, with the detail in words if there is one. A code given up since is said as it is."""
    wording = BY_CODE.get(code)
    if wording is None:
        return f"{_words(code).capitalize()}."
    return f"{wording.says}." if detail is None else f"{wording.says}: {_in_words(detail, wording.titles())}."


def next_step(code: str, *, on_the_victims_side: bool) -> str:
    """What the reader may do about it."""
    wording = BY_CODE.get(code)
    if wording is None:
        return "Look at what it is about."
    return wording.for_liaison if on_the_victims_side else wording.for_case


def _in_words(detail: str, titles: Mapping[str, Entry]) -> str:
    entry = titles.get(detail)
    return _words(detail) if entry is None else entry.title[0].lower() + entry.title[1:]


def _words(code: str) -> str:
    return code.replace("-", " ")
