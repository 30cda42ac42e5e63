"""What agencies tell in a life: everything that was agreed with them, twice at times, and what cannot be taken."""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from schemas.ids import derive
from tests.installation import COORDINATOR, COURTS, HOMES, POLICE, PRISON
from tests.workload.life import BATCH, TAKEN, Life
from tests.workload.people import Man, Woman
from tests.workload.stage import Row

ORDERS: Final = ("restraining-order", "non-molestation-order", "stalking-protection-order", "pre-charge-bail")
PRISON_NAME: Final = "HMP Fennholt"
AHEAD: Final = "2999-01-01T00:00:00Z"


async def refer(life: Life, *kinds: str, victims: tuple[Woman, ...] = ()) -> None:
    """Police refer him, by numbers of these kinds."""
    report = {
        "about": life.man.about(*kinds),
        "route": life.chance.choice(("visible-high-risk", "professional-judgement", "potential-escalation")),
        "reason": "Reports of harassment in six weeks, with calls after he was asked to stop.",
        "dash_score": life.chance.choice((None, 14, 17, 21)),
        "victims": [victim.told for victim in victims],
    }
    await life.tell(POLICE, "police.referral-made.v1", report)
    await know(life, victims)


async def know(life: Life, victims: tuple[Woman, ...]) -> None:
    """Those who were just named are known on the victims' side, and nobody stands with them yet."""
    for victim in victims:
        life.workers.setdefault(await life.register.victim(victim.name), "")
        if victim in life.unnamed:
            life.unnamed.remove(victim)


async def refer_again(life: Life) -> None:
    """By another number, which is learnt with it; with one more victim, if there is one whom nobody has named."""
    victims = tuple(life.unnamed[:1]) if life.is_so(2) else ()
    await refer(life, "PNC", "CRN", victims=victims)


async def grant(life: Life) -> None:
    kind = life.chance.choice(ORDERS)
    granted = {"order": life.man.order, "order_kind": kind, "granted_at": life.moment()}
    terms = {"expires_on": life.chance.choice((None, "2026-12-31")), "terms": ["no-contact", "exclusion-zone"]}
    await life.tell(COURTS, "courts.order-granted.v1", {"about": life.man.about("PNC"), **granted, **terms})


async def serve(life: Life) -> None:
    method = life.chance.choice(("in-person", "at-court", "by-post"))
    served = {"order": life.man.order.lower(), "served_at": life.moment(), "method": method}
    await life.tell(POLICE, "police.order-served.v1", {"about": life.man.about("PNC", "NOMS"), **served})


async def receive(life: Life) -> None:
    received = {"received_at": life.moment(), "establishment": PRISON_NAME, "wing": life.chance.choice(("", "B Wing"))}
    await life.tell(PRISON, "prison.prisoner-received.v1", {"about": life.man.about("NOMS"), **received})


def breach(life: Life) -> Row:
    """His prison found that the order was broken."""
    return {
        "about": life.man.about("NOMS"),
        "order": life.man.order,
        "breached_at": life.moment(),
        "means": life.chance.choice(("telephone", "letter", "visit", "third-party")),
        "establishment": PRISON_NAME,
        "account": life.chance.choice(("", "Monitoring found a call to a number that the order bars.")),
    }


async def report_breach(life: Life) -> None:
    await life.tell(PRISON, "prison.order-breached.v1", breach(life))


async def report_in_a_batch(life: Life) -> None:
    """One that is taken, the same again, and one that is refused; the batch itself is always taken in."""
    good = life.event(PRISON, "prison.order-breached.v1", breach(life))
    bad = life.event(PRISON, "courts.order-granted.v1", {"about": life.man.about("NOMS")})
    answer = await life.send(PRISON, msgspec.json.encode([good, good, bad]), "a batch", "200", kind=BATCH)
    receipts = [receipt["receipt"] for receipt in answer.said["receipts"]]
    assert receipts[1:] == ["repeated", "refused"], receipts


async def wait_to_be_known(life: Life) -> None:
    """A report about somebody whom nobody has referred, or by a number that nobody has told us: it waits."""
    received = {"received_at": life.moment(), "establishment": PRISON_NAME}
    about = life.man.about("CRN")
    answer = await life.tell(PRISON, "prison.prisoner-received.v1", {"about": about, **received})
    life.waiting.append(answer.said["report"])


async def identify(life: Life, person: str = "") -> None:
    """A coordinator says whom a waiting report is about; that it was said already is no other answer."""
    for report in life.waiting:
        path = f"/reports/{report}/person"
        await life.ask(COORDINATOR, path, {"person": derive("per", life.name)}, "person-unknown", what="identify")
        await life.ask(COORDINATOR, path, {"person": person or life.person}, what="identify")
    life.waiting.clear()


async def refused(life: Life) -> None:
    """Something that cannot be taken."""
    await life.chance.choice(REFUSED)(life)


async def _mistyped(life: Life) -> None:
    about = life.man.about("PNC")
    right = about["identifiers"][0]["value"]
    about["identifiers"][0]["value"] = right[:-1] + ("A" if right[-1] != "A" else "B")
    report = {"about": about, "received_at": life.moment(), "establishment": PRISON_NAME}
    await life.tell(PRISON, "prison.prisoner-received.v1", report, "identifier-check-letter-wrong")


async def _not_agreed(life: Life) -> None:
    await life.tell(COURTS, "police.order-served.v1", {"about": life.man.about("PNC")}, "kind-not-agreed")


async def _unknown_kind(life: Life) -> None:
    await life.tell(HOMES, "housing.rent-late.v1", {"about": life.man.about("PNC")}, "kind-unknown")


async def _unknown_order(life: Life) -> None:
    granted = {"order": life.man.order, "order_kind": "letter-of-regret", "granted_at": life.moment()}
    report = {"about": life.man.about("PNC"), **granted}
    await life.tell(COURTS, "courts.order-granted.v1", report, "order-kind-unknown")


async def _ahead(life: Life) -> None:
    report = {"about": life.man.about("NOMS"), "received_at": AHEAD, "establishment": PRISON_NAME}
    await life.tell(PRISON, "prison.prisoner-received.v1", report, "time-too-far-ahead")


async def _about_nobody(life: Life) -> None:
    report = {"received_at": life.moment(), "establishment": PRISON_NAME}
    await life.tell(PRISON, "prison.prisoner-received.v1", report, "about-missing")


async def _too_much(life: Life) -> None:
    report = {"about": life.man.about("NOMS"), "received_at": life.moment(), "establishment": "", "mood": "low"}
    await life.tell(PRISON, "prison.prisoner-received.v1", report, "field-unknown")


async def _no_task(life: Life) -> None:
    task = derive("tsk", life.name, life.moment())
    await life.tell(HOMES, "agency.task-accepted.v1", {"task": task}, "task-unknown")


async def _no_json(life: Life) -> None:
    await life.send(POLICE, f"{{ {life.name} {life.moment()}".encode(), "no JSON", "json-malformed")


async def _no_id(life: Life) -> None:
    event = life.event(COURTS, "courts.order-granted.v1", {}) | {"id": ""}
    await life.send(COURTS, msgspec.json.encode(event), "no id", "event-attribute-missing")


async def _plain_text(life: Life) -> None:
    said = f"{life.name} rang at {life.moment()}".encode()
    await life.send(HOMES, said, "plain text", "media-type-unknown", kind="text/plain")


async def _reused_id(life: Life) -> None:
    """The same event id with another content: the first stands."""
    id = f"{life.name}-{life.moment()}"
    await life.tell(PRISON, "prison.order-breached.v1", breach(life), id=id)
    await life.tell(PRISON, "prison.order-breached.v1", breach(life), "report-id-reused", id=id)


REFUSED: Final[tuple[Callable[[Life], Awaitable[None]], ...]] = (
    _mistyped,
    _not_agreed,
    _unknown_kind,
    _unknown_order,
    _ahead,
    _about_nobody,
    _too_much,
    _no_task,
    _no_json,
    _no_id,
    _plain_text,
    _reused_id,
)


async def ambiguous(life: Life, brother: Man) -> None:
    """A report with a number of his and one of his brother's: somebody has to look."""
    mixed = life.man.about("PNC")
    mixed["identifiers"] += brother.about("NOMS")["identifiers"]
    report = {"about": mixed, "received_at": life.moment(), "establishment": PRISON_NAME}
    answer = await life.tell(PRISON, "prison.prisoner-received.v1", report, TAKEN)
    life.waiting.append(answer.said["report"])


AT_ANY_TIME: Final[tuple[Callable[[Life], Awaitable[None]], ...]] = (
    receive,
    report_breach,
    report_in_a_batch,
    refused,
    refused,
)
"""What may come at any time once he is known."""
