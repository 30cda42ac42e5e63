"""Bad input with canaries in it: broken bodies, wrong fields and readers, and words where no words belong."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from schemas import reports
from schemas.reports.police import ReferralMade, VictimDetails
from schemas.reports.prison import OrderBreached
from schemas.reports.report import About, kind_of
from tests.installation import CASE_MANAGER, COORDINATOR, HOMES, LEAD, LENA, POLICE, PRISON
from tests.walls.story import HAPPENED, Story
from tests.walls.walks import STREAMS, references

EVENT: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
JSON: Final = "application/json"

BROKEN: Final[Mapping[str, Callable[[str], bytes]]] = {
    "cut off": lambda word: f'{{"words": "{word}'.encode(),
    "no JSON": str.encode,
    "a text": lambda word: f'"{word}"'.encode(),
    "a list": lambda word: f'["{word}"]'.encode(),
    "an unknown field": lambda word: f'{{"{word}": 1}}'.encode(),
    "an unknown field in another": lambda word: f'{{"about": {{"{word}": 1}}}}'.encode(),
    "signs in a name": lambda word: f'{{"`{word}` - at `$.x[0]/~{word}": 1}}'.encode(),
    "twice": lambda word: f'{{"words": "{word}", "words": "{word}"}}'.encode(),
    "NUL": lambda word: f'{{"words": "{word}\\u0000"}}'.encode(),
    "half a pair": lambda word: f'{{"words": "{word}\\ud800"}}'.encode(),
    "not UTF-8": lambda word: b'{"words": "' + word.encode() + b'\xff\xfe"}',
    "too deep": lambda word: b"[" * 40 + f'"{word}"'.encode() + b"]" * 40,
    "too large for an event": lambda word: f'{{"words": "{word * 20_000}"}}'.encode(),
    "too large": lambda word: f'{{"words": "{word * 80_000}"}}'.encode(),
}
"""What is wrong with a body, and the body with a word in it."""

HEADERS: Final = ("Purpose", "If-Match", "Content-Type", "Accept", "Cookie", "Last-Event-ID", "X-Request-ID")
ATTRIBUTES: Final = ("type", "specversion", "time", "datacontenttype", "dataschema", "subject", "extension", "id")


class Attacks:
    """What is sent in vain once the story is told."""

    def __init__(
        self, story: Story, routes: Mapping[str, Mapping[str, Any]], known: Mapping[str, Sequence[str]]
    ) -> None:
        self._story: Final = story
        self._word: Final = story.canaries.word
        self._routes: Final = routes
        self._known: Final = known

    def _addresses(self, method: str) -> Iterator[tuple[str, str]]:
        """Every route of this method, and its address with references that are there."""
        for route in sorted(path for path, methods in self._routes.items() if method in methods):
            if route not in STREAMS:
                yield route, re.sub(r"\{(\w+)\}", lambda name: self._known[name[1]][0], route)

    async def _send(self, who: str, method: str, path: str, body: bytes = b"", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        await self._story.seen.by(who).send(method, path, body, {"Idempotency-Key": f"{who}-{path}", **named})

    async def broken_bodies(self) -> None:
        """Every broken body to every command. The reader is known before it is read, so that one of each side does."""
        for route, path in self._addresses("post"):
            for kind, body in BROKEN.items():
                sent = body(self._word(f"{kind} to {route}"))
                for who in (LENA, CASE_MANAGER, PRISON) if len(sent) < 1_000 else (PRISON,):
                    await self._send(who, "POST", path, sent, Content_Type=JSON)

    async def words_as_values(self) -> None:
        """In each field of each body in turn, words instead of what belongs there."""
        for route, path in self._addresses("post"):
            content = self._routes[route]["post"].get("requestBody", {}).get("content", {})
            names = content.get(JSON, {}).get("schema", {}).get("properties", {})
            for name in names:
                plain = self._word(f"{name} of {route}")
                for value in (f"{plain} and more words", plain, {plain: plain}):
                    told = json.dumps({**dict.fromkeys(names, 1), name: value}).encode()
                    await self._send(LEAD, "POST", path, told, Content_Type=JSON)

    async def words_in_headers(self) -> None:
        """Where a header is read, and where none is. A person's words are no purpose, no version and no token."""
        there, address = self._story.seen.there.http, f"/cases/{self._story.person}/engagement"
        for name in HEADERS:
            plain = self._word(f"the header {name}")
            for value in (plain, f"{plain} and more", f'"{plain}"', f'W/"{plain}"', '"07700900123"'):
                for state in ("unknown", "unaware"):
                    headers = {"Content-Type": JSON, "Idempotency-Key": f"{plain}-{state}", name: value}
                    sent = json.dumps({"state": state}).encode()
                    await self._story.seen.by(CASE_MANAGER).send("POST", address, sent, headers)
                    await self._story.seen.by(CASE_MANAGER).send("GET", "/worklist", b"", {name: value})
        plain = self._word("a key of more than one word")
        await self._send(CASE_MANAGER, "POST", address, b'{"state": "unknown"}', Idempotency_Key=f"{plain} {plain}")
        plain = self._word("no token")
        for token in (f"Bearer {plain}", f"Bearer {plain}.{plain}.{plain}", f"{plain} {plain}"):
            await there.get(address, headers={"Authorization": token})

    async def words_in_addresses(self) -> None:
        """In the place of each reference, in a query, in an address there is not, by a method there is not."""
        for method in ("get", "post"):
            for route, _ in self._addresses(method):
                plain = self._word(f"{method} {route}")
                path = re.sub(r"\{\w+\}", plain, route)
                for who in (COORDINATOR, LENA, PRISON):
                    query = f"?after={plain}&person={plain}&{plain}={plain}"
                    for address in (f"{path}{query}", f"{path}/", f"{path}/{plain}"):
                        await self._send(who, method.upper(), address, b'{"worker": "wrk_nobody"}', Content_Type=JSON)
                await self._send(LEAD, "DELETE", path)
        plain = self._word("an address there is not")
        for path in (f"/{plain}", f"/static/{plain}", f"/victims/{quote(plain + ' é')}", f"/victims/{plain}%00"):
            await self._send(LEAD, "GET", path)

    async def broken_events(self) -> None:
        """What an agency sends and is refused is kept: sealed, and nothing of it beside."""
        address = f"/agencies/{PRISON}/events"
        for name in ATTRIBUTES:
            event = {**self._event(f"with-{name}"), name: f"{self._word(f'the attribute {name}')} and more"}
            await self._send(PRISON, "POST", address, json.dumps(event).encode(), Content_Type=EVENT)
            headers = {f"ce-{key}": quote(str(value)) for key, value in event.items() if key != "data"}
            await self._send(PRISON, "POST", address, json.dumps(event["data"]).encode(), **headers, Content_Type=JSON)
        for kind, body in BROKEN.items():
            sent = body(self._word(f"{kind} in an event"))
            whole = json.dumps({**self._event(f"of-{len(kind)}"), "data": "here"}).encode().replace(b'"here"', sent)
            await self._send(PRISON, "POST", address, whole, Content_Type=EVENT)
            if "too large" in kind:
                continue
            await self._send(PRISON, "POST", address, b"[" + sent + b"]", Content_Type=BATCH)
            await self._send(PRISON, "POST", address, b"[" + sent + b', {"id": 1}, ' + sent + b"]", Content_Type=BATCH)
            await self._send(PRISON, "POST", address, whole, Content_Type=f"text/{self._word('a media type')}")
            await self._send(PRISON, "POST", address, whole, Content_Type=EVENT, Content_Length=str(len(whole) + 9))

    def _event(self, id: str) -> dict[str, Any]:
        kind = OrderBreached
        happened = {"order": "NM-2026-0001", "breached_at": HAPPENED, "means": "telephone"}
        about = self._story.canaries.him(About, "broken: ")
        report = {**happened, **self._story.canaries.of(kind, "broken: "), "about": about}
        named = {"specversion": "1.0", "id": id, "source": "//hmp-fennholt.example.org/tests"}
        return {**named, "type": kind_of(kind), "data": report}

    async def events_of_others(self) -> None:
        """A report of every kind: as far as the words go, of a field too many, and of somebody whom nobody knows,
        which waits. By agencies that may tell it and that may not, in their own name and in another's, and by a worker.
        """
        stranger = {"identifiers": [{"type": "CRN", "value": "X000001"}]}
        for kind in reports.ALL:
            canaries, name = self._story.canaries, kind_of(kind)
            report = {**canaries.of(kind, "refused: "), "about": canaries.him(About, "refused: ")}
            if kind is ReferralMade:
                report["victims"] = [canaries.of(VictimDetails, "refused: ")]
            others: Sequence[dict[str, Any]] = ({}, {self._word(f"a field of {name}"): 1}, {"about": stranger})
            for place, more in enumerate(others):
                event = {**self._event(f"{name}-{place}"), "type": name, "data": {**report, **more}}
                for who, of in ((HOMES, HOMES), (POLICE, PRISON), (PRISON, PRISON), (POLICE, POLICE), (LENA, PRISON)):
                    sent = json.dumps(event).encode()
                    await self._send(who, "POST", f"/agencies/{of}/events", sent, Content_Type=EVENT)

    async def story_again(self) -> None:
        """Every request of the story once more under its key, whole and with another body."""
        for each in [each for each in self._story.seen.exchanges if each.method == "POST" and each.status < 300]:
            if each.reader:
                for sent in (each.sent, each.sent.replace(HAPPENED.encode(), b"2026-02-20T18:46:00Z") + b" "):
                    await self._send(each.reader, "POST", each.path, sent, Content_Type=JSON, Idempotency_Key=each.key)


async def attack(story: Story, routes: Mapping[str, Mapping[str, Any]]) -> None:
    """All of it, one after the other; then everybody has heard of what came of it."""
    attacks = Attacks(story, routes, await references(story))
    await attacks.story_again()
    await attacks.broken_bodies()
    await attacks.words_as_values()
    await attacks.words_in_headers()
    await attacks.words_in_addresses()
    await attacks.broken_events()
    await attacks.events_of_others()
    await story.seen.pause()
