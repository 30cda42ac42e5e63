"""The course of one action in a life: proposed, asked about, authorised, asked for, answered, concluded; or not."""

from dataclasses import dataclass
from typing import Final

from tests.installation import HOMES, LEAD, POLICE, PRACTICE_MANAGER, PRISON
from tests.workload.life import Life
from tests.workload.people import PLAN, TASKINGS
from tests.workload.stage import OtherwiseError, Row
from tests.workload.workers import NOBODY, assign, name_workers, record_victim

CONDITIONS: Final = ("alarm-in-place", "safety-plan-reviewed", "victim-told-first", "police-flag-confirmed")
NOT_CLEARED: Final = ("clearance-missing", "clearance-suspended", "clearance-stale")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tactic:
    """What an agency can be asked, how it may be rated, and what may come of it."""

    code: str
    agency: str
    attribution: str
    outcomes: tuple[str, ...]


TACTICS: Final = (
    Tactic(code="cell-search", agency=PRISON, attribution="safe", outcomes=("nothing-found", "phones-recovered")),
    Tactic(code="unwanted-contact-block", agency=PRISON, attribution="points-to-victim", outcomes=("contact-blocked",)),
    Tactic(code="trace-and-serve", agency=POLICE, attribution="ambiguous", outcomes=("order-served", "not-found")),
    Tactic(code="cctv-for-evidence", agency=HOMES, attribution="safe", outcomes=("nothing-recorded", "not-fitted")),
)


@dataclass(slots=True, kw_only=True)
class Action:
    """One action as its people have it in mind."""

    id: str
    author: str
    tactic: Tactic
    version: int = 1
    task: str = ""

    @property
    def path(self) -> str:
        return f"/actions/{self.id}"


async def act(life: Life) -> None:
    """One action, from its proposal to its end."""
    action = await propose(life)
    if not await cleared(life, action):
        await withdraw(life, action, "risk-to-victim")
        return
    if action.author == PRACTICE_MANAGER:
        await life.ask(
            PRACTICE_MANAGER, f"{action.path}/authorise", {"version": action.version}, "authoriser-is-author"
        )
        await withdraw(life, action, "superseded")
        return
    await authorise(life, action)
    await task(life, action)
    await answered(life, action)


async def propose(life: Life) -> Action:
    """By the case manager, or now and then by the practice manager, who then cannot authorise it."""
    tactic = life.chance.choice(TACTICS)
    author = PRACTICE_MANAGER if life.is_so(12) else life.case_manager
    proposal = drafted(tactic) | {"person": life.person}
    await _proposed_in_vain(life, author, proposal)
    answer = await life.ask(author, "/actions", proposal, "201")
    return Action(id=answer.said["action"], author=author, tactic=tactic)


def drafted(tactic: Tactic) -> Row:
    """The action itself, in words that tell nothing they must not."""
    return {
        "tactic": tactic.code,
        "agency": tactic.agency,
        "attribution": tactic.attribution,
        "plan": PLAN,
        "tasking": TASKINGS[tactic.code],
    }


async def _proposed_in_vain(life: Life, author: str, proposal: Row) -> None:
    """What is refused before anything is decided leaves no record; it is said all the same."""
    if life.is_so(6):
        await life.ask(author, "/actions", {**proposal, "agency": "northmere-courts"}, "agency-cannot-act")
    if life.is_so(6):
        telling = {**proposal, "tasking": "Her sister told us where he is."}
        await life.ask(author, "/actions", telling, "text-may-name-source")
    if life.is_so(6) and proposal["tactic"] == "unwanted-contact-block":
        await life.ask(author, "/actions", {**proposal, "attribution": "safe"}, "attribution-understated")


async def cleared(life: Life, action: Action) -> bool:
    """Whether the victims' side has cleared it, after some asking again; nobody is asked of an agency before."""
    if life.is_so(3):
        await life.ask(life.case_manager, f"{action.path}/task", None, *NOT_CLEARED)
    if life.is_so(6):
        await record_victim(life)
    if life.is_so(8) and life.workers:
        await assign(life, life.chance.choice(tuple(life.workers)))
    await name_workers(life)
    if life.is_so(5):
        await change(life, action)
    for attempt in range(3):
        verdict = await answer_for_all(life, action, hopeful=attempt > 0)
        if verdict == "agreed":
            return True
        if life.is_so(3):
            return False
        await life.ask(life.case_manager, f"{action.path}/task", None, "clearance-objected", "victim-not-reached")
        await change(life, action)
    return False


async def change(life: Life, action: Action) -> None:
    """Make it another one: whatever was cleared before is void."""
    changed = drafted(action.tactic) | {"version": action.version, "plan": f"{PLAN} Nothing is said of it beforehand."}
    stale = changed | {"version": action.version + 1}
    if life.is_so(6):
        await life.ask(life.case_manager, f"{action.path}/change", stale, "version-stale")
    await life.ask(life.case_manager, f"{action.path}/change", changed)
    action.version += 1


async def answer_for_all(life: Life, action: Action, *, hopeful: bool) -> str:
    """Each victim's worker answers, or whoever stands in their stead; what all of it comes to."""
    verdicts = []
    for victim, worker in _asked(life):
        verdicts.append(await answer(life, action, victim, worker, hopeful=hopeful))
    return next((verdict for verdict in ("objected", "cannot-reach") if verdict in verdicts), "agreed")


def _asked(life: Life) -> list[tuple[str | None, str]]:
    return list(life.workers.items()) or [(None, life.substitute)]


async def answer(life: Life, action: Action, victim: str | None, worker: str, *, hopeful: bool) -> str:
    """One worker's answer; the steps it asks for are done at once. A lead may answer as cover."""
    weights = (8, 4, 0, 0) if hopeful else (6, 3, 2, 1)
    choices = ("agreed", "agreed-with-conditions", "objected", "cannot-reach")
    (verdict,) = life.chance.choices(choices, weights)
    conditions = life.chance.sample(CONDITIONS, life.chance.randint(1, 2)) if "conditions" in verdict else []
    by = LEAD if life.is_so(10) else worker
    path = f"/consultations/{action.id}"
    about: Row = {"version": action.version, "victim": victim}
    if life.is_so(4):
        await life.open(by, path)
    if life.is_so(12):
        late = {**about, "version": action.version + 1, "verdict": "agreed"}
        await life.ask(by, f"{path}/answers", late, "version-stale")
    said = {**about, "verdict": verdict, "conditions": conditions}
    reason = {"reason": "She has thought about it."} if life.is_so(2) else {}
    await life.ask(by, f"{path}/answers", said | reason)
    for condition in conditions:
        await life.ask(by, f"{path}/conditions", {**about, "condition": condition})
    return "agreed" if "agreed" in verdict else verdict


async def authorise(life: Life, action: Action) -> None:
    """The practice manager finds it on the list, reads it and answers for it."""
    waiting = {(item["code"], item["about"]) for item in await life.worklist(PRACTICE_MANAGER)}
    if ("authorise-action", action.id) not in waiting:
        raise OtherwiseError("an action that is cleared waits for nobody")
    await life.open(PRACTICE_MANAGER, f"{action.path}/text")
    if life.is_so(8):
        await life.ask(life.case_manager, f"{action.path}/task", None, "not-authorised")
    await life.ask(PRACTICE_MANAGER, f"{action.path}/authorise", {"version": action.version})


async def task(life: Life, action: Action) -> None:
    """The agency is asked."""
    action.task = (await life.ask(life.case_manager, f"{action.path}/task", None)).said["task"]


async def withdraw(life: Life, action: Action, reason: str) -> None:
    await life.ask(life.case_manager, f"{action.path}/withdraw", {"reason": reason})


async def answered(life: Life, action: Action) -> None:
    """What the agency says, and what becomes of it; now and then what it rested on is taken back meanwhile."""
    await life.open(action.tactic.agency, f"/agencies/{action.tactic.agency}/tasks/{action.task}")
    if life.is_so(6):
        await reply(life, action, "agency.task-declined.v1", reason="no-capacity", explanation="Nobody is free.")
    elif life.is_so(6):
        await reply(life, action, "agency.task-accepted.v1")
        if not await doubted(life, action):
            return
        await done(life, action)
    else:
        await reply(life, action, "agency.task-accepted.v1")
        await reply(life, action, "agency.task-started.v1")
        if life.is_so(8):
            await reply(life, action, "agency.task-not-possible.v1", reason="prevented")
        else:
            await done(life, action)
    if life.is_so(4):
        await reply(life, action, "agency.task-declined.v1", reason="other")
    await conclude(life, action)


async def reply(life: Life, action: Action, kind: str, **more: str | int) -> None:
    """The agency tells of the task by its reference alone."""
    await life.tell(action.tactic.agency, kind, {"task": action.task, **more})


async def done(life: Life, action: Action) -> None:
    """In the words of every agency, or in a prison's own."""
    if action.tactic.code == "cell-search" and life.is_so(2):
        found = life.chance.randint(0, 3)
        await reply(life, action, "prison.phones-recovered.v1", searched_at=life.moment(), handsets=found)
    else:
        await reply(life, action, "agency.task-done.v1", outcome=life.chance.choice(action.tactic.outcomes))


async def doubted(life: Life, action: Action) -> bool:
    """A worker takes the answer back: the task is recalled. Whether it was given again; else it is given up."""
    victim, worker = life.chance.choice(_asked(life))
    said: Row = {"version": action.version, "victim": victim}
    await life.ask(worker, f"/consultations/{action.id}/answers", {**said, "verdict": "objected"})
    if life.is_so(2):
        await withdraw(life, action, "risk-to-victim")
        await done(life, action)
        return False
    await life.ask(life.case_manager, f"{action.path}/task", None, "clearance-objected")
    await life.ask(worker, f"/consultations/{action.id}/answers", {**said, "verdict": "agreed"})
    if await _has_conditions(life, action):
        return False
    await task(life, action)
    return True


async def _has_conditions(life: Life, action: Action) -> bool:
    """Steps that others asked for were done before the doubt: they are done still."""
    shown = await life.stage.read(life.case_manager, f"/actions/{action.id}")
    return bool(shown["missing"])


async def conclude(life: Life, action: Action) -> None:
    """What came of it, and what it changed for her."""
    if life.is_so(6):
        await life.ask(
            life.case_manager, f"{action.path}/change", drafted(action.tactic) | {"version": 1}, "action-answered"
        )
        await life.ask(life.case_manager, f"{action.path}/conclude", {"code": "not-done"})
        return
    await life.ask(life.case_manager, f"{action.path}/conclude", {"code": "not-done"})
    for victim, worker in life.workers.items():
        if worker != NOBODY:
            effect = life.chance.choice(("contact-stopped", "contact-reduced", "no-change", "risk-reduced"))
            told = {"action": action.id, "effect": effect, "words": "It has been quiet since."}
            await life.ask(worker, f"/victims/{victim}/impacts", told, "201")
