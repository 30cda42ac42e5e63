"""A seeded workload: lives of invented men, each from the first word of him on, played side by side against any API.

What is sent follows from the seed and from answers alone, never from the timing: two runs of one seed give the same
input. `python -m pytest tests/workload` plays a small one.
"""

import os
from dataclasses import dataclass
from random import Random  # noqa: TID251 - everything is drawn from a seed that is printed
from typing import Final

from infra.entropy import SystemEntropy
from tests.installation import LISTENER, SERVICES
from tests.workload import agencies, workers
from tests.workload.actions import act
from tests.workload.client import Client
from tests.workload.life import Life
from tests.workload.people import Man, man
from tests.workload.register import Register
from tests.workload.stage import LANES, Given, Stage

LATEST_START: Final = 6
"""Lives begin in different rounds, so that everything meets everything."""
BROTHERS_ONE_IN: Final = 10
NAMES: Final = tuple(service.name for service in SERVICES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What was given and how it was answered, in the order of lives and their inputs; and how much of it there was.

    `reports` are what agencies sent, `requests` all that was sent, reads included.
    """

    given: tuple[Given, ...]
    reports: int
    requests: int
    rounds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """`people` are those whom it is about; agencies tell at least `reports` of them, taken or not."""

    seed: int
    people: int
    reports: int

    def __str__(self) -> str:
        return f"CORDON_SEED={self.seed}: {self.people} people, {self.reports} reports"

    async def play(self, client: Client, lanes: int = LANES) -> Played:
        """Give all of it. Raises OtherwiseError as soon as an answer is not what it must be."""
        stage = Stage(client, NAMES, LISTENER, lanes)
        register = Register(stage)
        lives = [self._life(place, stage, register) for place in range(self.people)]
        await stage.play([_lived(life, Random(f"{self.seed}/{life.name}/brother")) for life in lives])
        return Played(
            given=tuple(sorted(stage.given, key=lambda one: (one.life, one.number))),
            reports=sum(life.reports_told for life in lives),
            requests=stage.requests,
            rounds=stage.rounds,
        )

    def _life(self, place: int, stage: Stage, register: Register) -> Life:
        name = f"life-{place:04}"
        chance = Random(f"{self.seed}/{name}/people")
        share = self.reports // self.people + (place < self.reports % self.people)
        return Life(name, self.seed, man(place, chance, chance.randint(0, 3)), share, stage, register)


def drawn_seed() -> int:
    """`CORDON_SEED` from the environment, or a new one."""
    return int(os.environ.get("CORDON_SEED", "0")) or int.from_bytes(SystemEntropy().bytes(4), "big")


async def _lived(life: Life, chance: Random) -> None:
    for _ in range(life.chance.randint(0, LATEST_START)):
        await life.stage.wait(life.name)
    await _become_known(life)
    await _get_people(life)
    if life.is_so(BROTHERS_ONE_IN):
        await _has_a_brother(life, man(life.man.place + 500_000, chance, 0))
    await _have_orders(life)
    if life.is_so(1.5):
        await workers.report_contact(life)
    for _ in range(life.chance.choice((0, 1, 1, 2))):
        await act(life)
        await _between(life)
    while life.reports_told < life.reports:
        await life.chance.choice(agencies.AT_ANY_TIME)(life)
        await _between(life)


async def _become_known(life: Life) -> None:
    """A first referral; sometimes something was told of him before, and waits."""
    if life.is_so(5):
        await agencies.refused(life)
    if life.is_so(6):
        await agencies.wait_to_be_known(life)
    await agencies.refer(life, "PNC", "NOMS", victims=())
    life.person = await life.register.person(life.man.pnc)
    await agencies.identify(life)


async def _get_people(life: Life) -> None:
    """The case is given to somebody and somebody stands with each victim, in whichever order."""
    if life.unnamed and life.is_so(1.3):
        await agencies.refer_again(life)
    scenes = [workers.allocate, workers.name_workers]
    life.chance.shuffle(scenes)
    for scene in scenes:
        await scene(life)
    await workers.engage(life)
    await _between(life)


async def _have_orders(life: Life) -> None:
    """What courts, police and prisons tell, in whichever order it comes in."""
    scenes = [agencies.grant, agencies.serve, agencies.receive, agencies.report_breach]
    life.chance.shuffle(scenes)
    for scene in scenes[: life.chance.randint(1, 4)]:
        await scene(life)
        await _between(life)


async def _has_a_brother(life: Life, brother: Man) -> None:
    """Somebody else's number in a report of his; whom it is about, a coordinator says."""
    him = Life(f"{life.name}-brother", life.seed, brother, 0, life.stage, life.register)
    await agencies.refer(him, "PNC", "NOMS")
    await agencies.ambiguous(life, brother)
    await agencies.identify(life)


async def _between(life: Life) -> None:
    """What happens at any time."""
    if life.is_so(4):
        await workers.acknowledge(life)
    if life.is_so(10):
        await workers.look_around(life)
    if life.is_so(12):
        await agencies.refer_again(life)
        await workers.name_workers(life)
    if life.is_so(8) and life.case_manager:
        await workers.engage(life)
