"""The part of those who stand with her: what she tells stays with them, and they are asked before anything is done."""

from typing import Any, Final

from demo.client import Api
from demo.clients import LIAISON_LEAD, LIAISON_WORKER
from demo.step import Context, Step, Turn
from demo.stories.prison_calls import finding, people
from demo.story import Actor, Sign

RELEASED: Final = "unlawful-phone-likely-on-wing"


def victim_is_seen(api: Api) -> Context | None:
    return finding.victim(api)


def name_worker(turn: Turn, context: Context) -> Any:
    return turn.say(f"/victims/{context['victim']}/worker", {"worker": LIAISON_WORKER})


def report_contact(turn: Turn, context: Context) -> Any:
    """Her words are kept where they were said."""
    return turn.say(
        f"/victims/{context['victim']}/contacts",
        {
            "occurred_at": people.CALLED_AT,
            "means": "telephone",
            "words": people.HER_WORDS,
            "wants": ["calls-stopped", "not-named-as-source"],
        },
    )


def contact_is_kept(api: Api) -> Context | None:
    return _with_reference(api, "contact-reported", "contact")


def release(turn: Turn, context: Context) -> Any:
    """A code of the catalogue, and nothing of whom it came from."""
    return turn.say(f"/victims/{context['victim']}/releases", {"contact": context["contact"], "code": RELEASED})


def worker_is_consulted(api: Api) -> Context | None:
    return _with_reference(api, "consultation-opened", "action")


def agree(turn: Turn, context: Context) -> Any:
    """Read what he will think caused it, and answer for her about this version."""
    asked = turn.api.get(f"/consultations/{context['action']}")
    return turn.say(
        f"/consultations/{context['action']}/answers",
        {
            "version": asked["version"],
            "victim": context["victim"],
            "verdict": "agreed",
            "reason": people.HER_ANSWER,
        },
    )


def breach_is_told(api: Api) -> Context | None:
    """The notice of the breach stands on her worker's list, or was dealt with before."""
    about = worker_is_consulted(api)
    notice = finding.item(api, "/worklist", "order-breached")
    if about is None or (notice is None and _with_reference(api, "impact-told", "action") is None):
        return None
    return {**about, "notice": None if notice is None else notice["id"]}


def speak_with_her(turn: Turn, context: Context) -> Any:
    """The notice stays on the list until she has been told, and what has changed for her is recorded."""
    recorded = turn.say(
        f"/victims/{context['victim']}/impacts",
        {"action": context["action"], "effect": "contact-stopped", "words": people.HER_RELIEF},
    )
    if context["notice"] is not None:
        turn.say(f"/worklist/{context['notice']}/acknowledge", part="acknowledges")
    return recorded


def _with_reference(api: Api, what: str, name: str) -> Context | None:
    hers = finding.victim(api)
    reference = None if hers is None else finding.of_timeline(api, hers["victim"], what)
    return None if hers is None or reference is None else {"victim": hers["victim"], name: reference}


LEADS: Final = Actor(
    name="liaison-lead",
    client=LIAISON_LEAD,
    steps=(Step(name="names-worker", when=victim_is_seen, do=name_worker),),
)

STANDS_WITH_HER: Final = Actor(
    name="liaison-worker",
    client=LIAISON_WORKER,
    comes_on=(Sign(type="notifications.notice-raised.v1", holds={"code": "received-into-custody"}),),
    steps=(
        Step(name="keeps-her-report", when=victim_is_seen, do=report_contact),
        Step(name="releases-summary", when=contact_is_kept, do=release),
        Step(name="agrees-to-search", when=worker_is_consulted, do=agree),
        Step(
            name="speaks-with-her",
            when=breach_is_told,
            do=speak_with_her,
            passing=frozenset({"action-unknown", "action-not-tasked"}),
        ),
    ),
)
