"""What workers of both sides do in a life, but for actions: who holds the case, who stands with whom, what she told."""

from typing import Final

from tests.installation import (
    CASE_MANAGER,
    COORDINATOR,
    LEAD,
    LENA,
    MAY,
    OTHER_CASE_MANAGER,
    PRACTICE_MANAGER,
    TWO_HATS,
)
from tests.workload.life import Life

LIAISON: Final = (LENA, MAY)
ENGAGEMENTS: Final = ("unaware", "not-yet-contacted", "engaging", "intermittent", "declined", "in-custody")
RELEASES: Final = ("unlawful-phone-likely-on-wing", "unwanted-contact-continues", "order-likely-broken")
NOBODY: Final = ""


async def allocate(life: Life) -> None:
    """A case manager is named; one who stands with a victim of his is refused first, at times."""
    path = f"/cases/{life.person}/allocation"
    if TWO_HATS in {*life.workers.values(), life.substitute}:
        await life.ask(COORDINATOR, path, {"worker": TWO_HATS}, "worker-on-both-sides")
    life.case_manager = life.chance.choice((CASE_MANAGER, OTHER_CASE_MANAGER))
    await life.ask(COORDINATOR, path, {"worker": life.case_manager})


async def engage(life: Life) -> None:
    """The case manager says how he takes part."""
    path = f"/cases/{life.person}/engagement"
    if life.is_so(10):
        await life.ask(life.case_manager, path, {"state": "enthusiastic"}, "engagement-state-unknown")
    await life.ask(life.case_manager, path, {"state": life.chance.choice(ENGAGEMENTS)})


async def name_workers(life: Life) -> None:
    """Somebody stands with each victim; where none is known, somebody answers in the victims' stead."""
    if not life.workers:
        worker = life.chance.choice((*LIAISON, TWO_HATS))
        await life.ask(LEAD, f"/persons/{life.person}/substitute", {"worker": worker})
        life.substitute = worker
    for victim, before in tuple(life.workers.items()):
        if before == NOBODY:
            await assign(life, victim)


async def assign(life: Life, victim: str) -> None:
    """Another worker than before."""
    others = [worker for worker in LIAISON if worker != life.workers[victim]]
    if life.case_manager and life.is_so(8):
        refused = {"worker": life.case_manager}
        await life.ask(LEAD, f"/victims/{victim}/worker", refused, "worker-on-both-sides")
    worker = life.chance.choice(others)
    standing = life.chance.choice(("assigned", "substitute"))
    await life.ask(LEAD, f"/victims/{victim}/worker", {"worker": worker, "standing": standing})
    life.workers[victim] = worker


async def record_victim(life: Life) -> None:
    """The lead records somebody whom no referral named."""
    if not life.unnamed:
        return
    victim = life.unnamed.pop(0)
    answer = await life.ask(LEAD, "/victims", {"person": life.person, **victim.told}, "201")
    life.workers[answer.said["victim"]] = NOBODY
    await name_workers(life)


async def report_contact(life: Life) -> None:
    """She told her worker that he made contact; some of it is let known on the other side."""
    for victim, worker in tuple(life.workers.items()):
        if worker == NOBODY:
            continue
        contact = {
            "occurred_at": life.moment(),
            "means": life.chance.choice(("telephone", "letter", "third-party")),
            "words": "He has rung four times this week, from a number that is not the prison's.",
            "wants": ["calls-stopped", "not-named-as-source"],
        }
        answer = await life.ask(worker, f"/victims/{victim}/contacts", contact, "201")
        released = {"contact": answer.said["contact"], "code": life.chance.choice(RELEASES)}
        await life.ask(worker, f"/victims/{victim}/releases", released, "201")
        if life.is_so(4):
            await life.open(worker, f"/victims/{victim}/contacts/{released['contact']}")
            unknown = {**released, "code": "weather-likely"}
            await life.ask(worker, f"/victims/{victim}/releases", unknown, "release-unknown")


async def acknowledge(life: Life) -> None:
    """Somebody looks at what waits because of him, and has seen one thing of it."""
    readers = (COORDINATOR, LEAD, PRACTICE_MANAGER, life.case_manager or COORDINATOR, *life.workers.values())
    reader = life.chance.choice([one for one in readers if one != NOBODY])
    which = life.chance.random()
    items = await life.worklist(reader)
    if items:
        item = items[int(which * len(items))]
        await life.ask(reader, f"/worklist/{item['id']}/acknowledge", None)


async def look_around(life: Life) -> None:
    """Those who may see who he is, and who she is, look: each time it is recorded."""
    if life.case_manager:
        await life.open(life.case_manager, f"/cases/{life.person}/identity")
    for victim, worker in life.workers.items():
        if worker != NOBODY:
            await life.open(worker, f"/victims/{victim}")
