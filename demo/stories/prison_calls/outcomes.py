"""What must be seen once the story is played: each thing through the API, by somebody who may see it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Final

import msgspec

from demo import chains, ledger
from demo.client import Api
from demo.clients import AUDITOR, CASE_MANAGER, LIAISON_LEAD, LIAISON_WORKER, PRISON
from demo.ledger import Line
from demo.outcomes import NotSeenError, compared, looked_at, seen
from demo.sentences import NOTICE
from demo.stories.prison_calls import finding, people
from demo.stories.prison_calls.finding import Row
from demo.story import Look, Seen

ONCE: Final = {
    "intake.referral-received.v1": 1,
    "intake.victim-named.v1": 1,
    "intake.report-taken.v1": 7,
    "casework.case-opened.v1": 1,
    "casework.case-allocated.v1": 1,
    "casework.engagement-recorded.v1": 1,
    "disruption.order-granted.v1": 1,
    "disruption.order-served.v1": 1,
    "disruption.order-breached.v1": 1,
    "disruption.action-proposed.v1": 1,
    "disruption.action-authorised.v1": 1,
    "disruption.action-tasked.v1": 1,
    "disruption.task-answered.v1": 3,
    "disruption.action-concluded.v1": 1,
    "victim-liaison.liaison-named.v1": 1,
    "victim-liaison.information-released.v1": 1,
    "victim-liaison.clearance-given.v1": 1,
    "victim-liaison.impact-recorded.v1": 1,
}
"""How often each thing is said of him, whatever went wrong on the way: seven reports, three answers to one task."""

HANDSETS: Final = 3


class _View:
    """What the entitled see at one moment. Raises NotSeenError for what is not there."""

    def __init__(self, look: Look) -> None:
        self.look: Final = look

    @property
    def manager(self) -> Api:
        return self.look(CASE_MANAGER)

    @property
    def liaison(self) -> Api:
        return self.look(LIAISON_WORKER)

    @cached_property
    def case(self) -> Row:
        his = _there(finding.case(self.manager), "his case")
        return _there(self.manager.get(f"/cases/{his['person']}"), "his case")

    @cached_property
    def victim(self) -> str:
        return str(_there(finding.victim(self.liaison), "her record")["victim"])

    @cached_property
    def action(self) -> Row:
        return _there(finding.action(self.manager), "the action")

    @cached_property
    def messages(self) -> Sequence[Line]:
        """All that was said of him."""
        return [line for line in ledger.read(self.look(AUDITOR)) if line.person == self.case["person"]]

    def only(self, type: str, **holds: Any) -> Line:
        """The one message of this type that holds this."""
        match [line for line in self.messages if line.type == type and line.data.items() >= holds.items()]:
            case [one]:
                return one
            case found:
                raise NotSeenError(f"{len(found)} messages {type} {holds or ''}")

    def told(self, code: str, owner: str) -> Line:
        """The one notice of this code to this owner."""
        return self.only(NOTICE, code=code, owner=owner)


def _there(found: Row | None, what: str) -> Row:
    if found is None:
        raise NotSeenError(f"{what} is not there")
    return found


def outcomes(look: Look) -> Mapping[str, Seen]:
    """Every expected outcome by its name, as it stands now."""
    view = _View(look)
    return looked_at({name: partial(outcome, view) for name, outcome in _ALL.items()})


def _case_is_held(view: _View) -> Seen:
    expected = (CASE_MANAGER, "unaware", False)
    actual = (view.case["case_manager"], view.case["engagement"], view.case["may_be_messaged"])
    return compared(expected, actual, "held by a case manager; he counts as unaware, so nothing is ever sent to him")


def _order_is_served_and_broken(view: _View) -> Seen:
    (order,) = finding.rows(view.manager, "/orders", "orders", person=view.case["person"]) or [{}]
    actual = (order.get("reference"), order.get("method"), order.get("breaches"), order.get("protects_today"))
    return compared((people.ORDER, "at-court", 1, True), actual, "granted, served at court, broken once")


def _search_is_concluded(view: _View) -> Seen:
    names = ("standing", "outcome", "outcome_count")
    actual = tuple(view.action[name] for name in names)
    return compared(("concluded", "phones-recovered", HANDSETS), actual, f"{HANDSETS} phones recovered")


def _gate_was_kept(view: _View) -> Seen:
    cleared = view.only("victim-liaison.clearance-given.v1", action=view.action["action"])
    authorised = view.only("disruption.action-authorised.v1", action=view.action["action"])
    tasked = view.only("disruption.action-tasked.v1", action=view.action["action"])
    in_time = cleared.recordedtime < authorised.recordedtime < tasked.recordedtime
    versions = {line.data["version"] for line in (cleared, authorised, tasked)}
    return compared((True, {1}), (in_time, versions), "cleared, then authorised, then asked for: the same version")


def _released_is_a_code(view: _View) -> Seen:
    released = view.only("victim-liaison.information-released.v1")
    actual = (released.data["code"], sorted(released.data), released.causationid == released.id)
    expected = ("unlawful-phone-likely-on-wing", ["code", "person", "release"], True)
    return compared(expected, actual, "a code, and no trace of whom it came from")


def _liaison_is_told_first(view: _View) -> Seen:
    hers, his = (view.told("order-breached", owner).number for owner in (LIAISON_WORKER, CASE_MANAGER))
    if hers < his:
        return seen(f"her worker's notice is number {hers}, the case manager's {his}")
    return Seen(is_seen=False, detail=f"her worker's notice is number {hers}, after {his}")


def _breach_is_seen(view: _View) -> Seen:
    waiting = finding.item(view.liaison, "/worklist", "order-breached")
    alerted = finding.item(view.manager, "/worklist", "order-breached")
    effect = view.only("victim-liaison.impact-recorded.v1").data["effect"]
    actual = (waiting is None, alerted is not None, effect)
    return compared((True, True, "contact-stopped"), actual, "seen by her worker; contact has stopped")


def _prison_is_not_named_to_her_side(view: _View) -> Seen:
    pages = [
        *(
            api.get(path)
            for api in (view.liaison, view.look(LIAISON_LEAD))
            for path in ("/worklist", "/liaison/worklist")
        ),
        view.liaison.get(f"/victims/{view.victim}/timeline"),
        view.liaison.get(f"/consultations/{view.action['action']}"),
        *(line.data for line in view.messages if line.type == NOTICE and line.data["owner"] == LIAISON_WORKER),
    ]
    words = (PRISON, people.PRISON_NAME, people.PRISON_NAME.split()[-1])
    return _without(words, pages, "neither code nor name on her side's worklists, timeline, consultation and notices")


def _she_is_not_named_to_his_side(view: _View) -> Seen:
    person, action = view.case["person"], view.action["action"]
    pages = [
        *(view.manager.get(path) for path in ("/worklist", f"/cases/{person}", f"/cases/{person}/timeline")),
        *(view.manager.get(f"/actions/{action}{page}") for page in ("", "/text")),
        view.look(PRISON).get(f"/agencies/{PRISON}/tasks"),
        *(line.data for line in view.messages),
    ]
    words = (*(people.SHE[name] for name in ("family_name", "given_names", "telephone")), people.HER_WORDS)
    return _without(
        words, pages, "neither name nor number nor word of hers on his side, at the prison or in the ledger"
    )


def _without(words: Sequence[str], pages: Sequence[Any], detail: str) -> Seen:
    if None in pages:
        raise NotSeenError("a page is not there")
    text = msgspec.json.encode(pages).decode().casefold()
    return compared([], [word for word in words if word.casefold() in text], detail)


def _nothing_twice(view: _View) -> Seen:
    said = Counter(line.type for line in view.messages)
    notices = Counter(
        (line.data["owner"], line.data["code"], line.data["about"]) for line in view.messages if line.type == NOTICE
    )
    other = {type: said[type] for type, times in ONCE.items() if said[type] != times}
    twice = sorted(code for (_, code, _), times in notices.items() if times > 1)
    return compared(({}, []), (other, twice), f"one case, one task, one breach; {len(notices)} notices, each told once")


def _ledger_holds(view: _View) -> Seen:
    return compared([], chains.broken(view.look(AUDITOR)), "every message in its place, every chain reckoned anew")


def _all_is_well(view: _View) -> Seen:
    return compared(expected=True, actual=view.manager.is_well(), detail="every service hears every other")


_ALL: Final = {
    "the case is open and held": _case_is_held,
    "the order is served, and its breach recorded": _order_is_served_and_broken,
    "the search is concluded": _search_is_concluded,
    "nobody was asked to act before it was cleared": _gate_was_kept,
    "what was released is a code": _released_is_a_code,
    "her worker is told of the breach first": _liaison_is_told_first,
    "the breach is seen, and what changed recorded": _breach_is_seen,
    "the prison is not named to her side": _prison_is_not_named_to_her_side,
    "she is not named to his side": _she_is_not_named_to_his_side,
    "nothing happened twice": _nothing_twice,
    "the ledger is whole": _ledger_holds,
    "all services are well": _all_is_well,
}
