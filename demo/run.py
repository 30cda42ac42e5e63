"""Plays the stories: starts the actors, tells what the ledger shows, and looks whether every outcome is there."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from typing import Final

from demo import ledger, stories
from demo.client import TOKEN_PATH, Api, RefusedError, ServerAwayError
from demo.clients import AUDITOR
from demo.narrative import Narrative, console
from demo.outcomes import table
from demo.processes import Processes
from demo.step import Pace
from demo.story import Seen, Story

LOOK_SECONDS: Final = 0.1
SETTLE_SECONDS_MAX: Final = 30.0
"""After the last actor has said its last, services still have to hear of it."""
STORY_STEPS: Final = 40
STORY_SECONDS_MAX: Final = 240.0
"""How long a story may take beyond its own pauses, on a busy machine and with a server that goes away now and then."""
ALL_SAID: Final = "every actor said all of its part"


def play(
    base: str, secrets: Mapping[str, str], speed: float, until: Callable[[], bool], *, token_url: str = TOKEN_PATH
) -> bool:
    """Play every story against the server at `base`; True only if every expected outcome was seen.

    `secrets` are the clients' by their id, good at `token_url`. Ends early, with False, as soon as `until` says so.
    """
    with ExitStack() as open_ones:
        apis: dict[str, Api] = {}

        def look(client: str) -> Api:
            if client not in apis:
                api = Api(base, client, secrets[client], token_url=token_url, gives_up=until)
                apis[client] = open_ones.enter_context(api)
            return apis[client]

        try:
            return asyncio.run(_Stage(base, secrets, speed, until, look, token_url).play())
        except (RefusedError, ServerAwayError) as error:
            if not until():
                console().print(f"The stories could not be played: {error}", soft_wrap=True, markup=False)
            return False


class _Stage:
    """One run of the stories, with the narrative that goes on through all of them."""

    def __init__(
        self,
        base: str,
        secrets: Mapping[str, str],
        speed: float,
        until: Callable[[], bool],
        look: Callable[[str], Api],
        token_url: str,
    ) -> None:
        self._base: Final = base
        self._secrets: Final = secrets
        self._speed: Final = speed
        self._until: Final = until
        self._look: Final = look
        self._token_url: Final = token_url
        self._console: Final = console()
        self._narrative: Final = Narrative(self._console)

    async def play(self) -> bool:
        """Every story, one after the other."""
        for line in await asyncio.to_thread(lambda: list(ledger.read(self._look(AUDITOR)))):
            self._narrative.remember(line)
        if self._narrative.last:
            self._say("What was told before is in the ledger; it goes on from there.")
        self._say("When (UTC), which service, what happened, because of what:")
        telling = asyncio.create_task(self._tell())
        try:
            return all([await self._play(story, telling) for story in stories.ALL])
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError, RefusedError, ServerAwayError):
                await telling

    def _say(self, words: str) -> None:
        self._console.print(words, style="dim", highlight=False, soft_wrap=True)

    async def _tell(self) -> None:
        """The narrative: it has an API of its own, since it is told things while outcomes are looked at."""
        secret = self._secrets[AUDITOR]
        with Api(self._base, AUDITOR, secret, token_url=self._token_url, gives_up=self._until) as api:
            async for line in ledger.follow(api, self._narrative.last):
                self._narrative.tell(line)

    async def _play(self, story: Story, telling: asyncio.Task[None]) -> bool:
        self._console.rule(f"[bold]{story.title}[/]", align="left")
        with Processes(story, self._base, self._secrets, self._speed, token_url=self._token_url) as processes:
            deadline = time.monotonic() + STORY_SECONDS_MAX + STORY_STEPS * Pace(speed=self._speed).pause_seconds
            while not (processes.are_done or processes.failed or telling.done() or time.monotonic() > deadline):
                if self._until():
                    return False
                processes.bring_on(self._narrative.lines)
                processes.look_after()
                await asyncio.sleep(LOOK_SECONDS)
            said = _said(story, processes)
        if telling.done():
            telling.result()  # raises what ended it
        outcomes = {ALL_SAID: said, **await self._settled(story, is_hopeful=said.is_seen)}
        if self._until():
            return False
        self._console.print(table(f"{story.title}: what came of it", outcomes))
        return all(outcome.is_seen for outcome in outcomes.values())

    async def _settled(self, story: Story, *, is_hopeful: bool) -> Mapping[str, Seen]:
        """The outcomes once they are all there and all told, or as they are when the time to settle is over."""
        deadline = time.monotonic() + (SETTLE_SECONDS_MAX if is_hopeful else 0)
        while True:
            outcomes = await asyncio.to_thread(story.outcomes, self._look)
            untold = await asyncio.to_thread(lambda: list(ledger.read(self._look(AUDITOR), self._narrative.last)))
            is_settled = not untold and all(outcome.is_seen for outcome in outcomes.values())
            if is_settled or self._until() or time.monotonic() > deadline:
                return outcomes
            await asyncio.sleep(LOOK_SECONDS)


def _said(story: Story, processes: Processes) -> Seen:
    if processes.are_done:
        return Seen(is_seen=True, detail=f"{len(story.actors)} processes")
    gave_up = ", ".join(processes.failed)
    return Seen(is_seen=False, detail=f"gave up: {gave_up}" if gave_up else "not in time")
