"""An installation in which the story was told, through which everybody walked, which was attacked; and all it left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.journal.journal import Entry
from infra.web.live import RECONNECT
from tests.installation import AUDITOR, CASE_MANAGER, CLIENTS, COORDINATOR, LEAD, LENA, SERVICES
from tests.walls.attacks import attack
from tests.walls.canaries import Canaries, Canary
from tests.walls.story import Story
from tests.walls.walks import streamed, walk
from tests.walls.watched import Exchange, Watched, watched

NOBODY: Final = ""
"""The reader without a token."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Evidence:
    """What there is to be searched.

    `told` is what was said and answered as the story was told; `walked` what each reader got at its end, before the
    attacks; `streams` what live streams told, by reader and address; `journals` every record by service; `kept` every
    file and log, while it ran and afterwards.
    """

    canaries: Sequence[Canary]
    story: Story
    told: Sequence[Exchange]
    walked: Mapping[str, Sequence[Exchange]]
    streams: Mapping[tuple[str, str], bytes]
    journals: Mapping[str, Sequence[Entry]]
    exchanges: Sequence[Exchange]
    answered: Mapping[str, bytes]
    kept: Mapping[str, bytes]


async def gathered(directory: Path) -> Evidence:
    """Tell the story, walk, listen, attack, and keep it all."""
    async with watched(directory) as seen:
        routes, canaries = await seen.find_routes(), Canaries()
        story = Story(seen, canaries)
        await story.whole()
        told = tuple(seen.exchanges)
        walked = {who: await walk(story, who, routes) for who in (*CLIENTS, NOBODY)}
        streams = await _listened(story)
        journals = {service.name: _entries(seen, service.name) for service in SERVICES}
        await attack(story, routes)
        answered, running = seen.answered(), seen.kept()
    stopped = seen.kept()
    return Evidence(
        canaries=canaries.all,
        story=story,
        told=told,
        walked=walked,
        streams=streams,
        journals=journals,
        exchanges=seen.exchanges,
        answered=answered,
        kept={**{f"{name}, running": content for name, content in running.items()}, **stopped},
    )


async def _listened(story: Story) -> dict[tuple[str, str], bytes]:
    """Every stream to its present end, by readers who have one."""
    told = {}
    for who in (COORDINATOR, CASE_MANAGER, LENA, LEAD):
        last = (await story.seen.by(who).read("/worklist"))["last"]
        end = f"id: {last}\n".encode() if last else RECONNECT
        told[who, "/worklist/stream"] = await streamed(story, who, "/worklist/stream", end)
    last = (await story.seen.by(AUDITOR).read("/audit/messages"))["last"]
    path = "/audit/messages/stream"
    told[AUDITOR, path] = await streamed(story, AUDITOR, path, f"id: {last}\n".encode())
    return told


def _entries(seen: Watched, service: str) -> Sequence[Entry]:
    journal, entries = seen.there.host.runners[service].journal, list[Entry]()
    while page := journal.read(entries[-1].sequence if entries else 0):
        entries += page
    return entries
