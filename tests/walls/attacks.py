"""Bad input with canaries in it: broken bodies, wrong fields and readers, and words where no words belong."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from schemas import reports
from schemas.reports.police import VictimDetails
from schemas.reports.report import About, kind_of
from tests.installation import CASE_MANAGER, CLIENTS, COORDINATOR, HOMES, LEAD, LENA, POLICE, PRACTICE_MANAGER, PRISON
from tests.walls.story import Story
from tests.walls.walks import STREAMS, references

EVENT: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
JSON: Final = "application/json"
WORKERS: Final = (COORDINATOR, CASE_MANAGER, PRACTICE_MANAGER, LEAD, LENA)


def broken(words: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Bodies that no route can take, by what is wrong with them. `words` gives each a canary of its own."""
    yield "cut off", f'{{"words": "{words["cut off"]}'.encode()
    yield "no JSON", words["no JSON"].encode()
    yield "a text", json.dumps(words["a text"]).encode()
    yield "a list", json.dumps([words["a list"]]).encode()
    yield "an unknown field", json.dumps({words["an unknown field"]: 1}).encode()
    yield "an unknown field in another", json.dumps({"about": {words["an unknown field in another"]: 1}}).encode()
    yield "a sign in a name", json.dumps({f"`{words['a sign in a name']}` - at `$.{MARKED}": 1}).encode()
    yield "twice", '{{"words": "{0}", "words": "{0}"}}'.format(words["twice"]).encode()
    yield "NUL", f'{{"words": "{words["NUL"]}\\u0000"}}'.encode()
    yield "half a pair", f'{{"words": "{words["half a pair"]}\\ud800"}}'.encode()
    yield "not UTF-8", b'{"words": "' + words["not UTF-8"].encode() + b'\xff\xfe"}'
    yield "too deep", b"[" * 40 + json.dumps(words["too deep"]).encode() + b"]" * 40
    yield "too large", json.dumps({"words": words["too large"] * 80_000}).encode()
    yield "too large for an event", json.dumps({"words": words["too large for an event"] * 20_000}).encode()


MARKED: Final = "words"
_BROKEN: Final = (
    "cut off",
    "no JSON",
    "a text",
    "a list",
    "an unknown field",
    "an unknown field in another",
    "a sign in a name",
    "twice",
    "NUL",
    "half a pair",
    "not UTF-8",
    "too deep",
    "too large",
    "too large for an event",
)


class Attacks:
    """What is sent in vain once the story is told. Every canary is of a place of its own."""

    def __init__(self, story: Story, routes: Mapping[str, Mapping[str, Any]], known: Mapping[str, Any]) -> None:
        self._story: Final = story
        self._word: Final = story.canaries.word
        self._routes: Final = routes
        self._known: Final = known

    def _paths(self, method: str) -> Iterator[str]:
        """Every address of this method with references that are there."""
        for route in sorted(path for path, methods in self._routes.items() if method in methods):
            if route not in STREAMS:
                yield re.sub(r"\{(\w+)\}", lambda name: self._known[name[1]][0], route)

    async def _send(self, who: str, method: str, path: str, body: bytes = b"", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        await self._story.seen.by(who).send(method, path, body, {"Idempotency-Key": f"{who}-{path}", **named})

    async def all(self) -> None:
        """One after the other."""
        await self.broken_bodies()
        await self.words_as_values()
        await self.words_in_headers()
        await self.words_in_addresses()
        await self.broken_events()
        await self.events_of_others()
        await self.story_again()

    async def broken_bodies(self) -> None:
        """Every broken body to every command, by every kind of worker and an agency."""
        for path in self._paths("post"):
            words = {kind: self._word(f"{kind} to {path}") for kind in _BROKEN}
            for kind, body in broken(words):
                for who in (*WORKERS, PRISON) if len(body) < 1_000 else (LENA, PRISON):
                    await self._send(who, "POST", path, body, Content_Type=JSON, Idempotency_Key=f"{kind}-{path}")

    async def words_as_values(self) -> None:
        """In each field of each body in turn, words instead of what belongs there."""
        for path in self._paths("post"):
            route = next(one for one in self._routes if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), path))
            body = self._routes[route]["post"].get("requestBody", {}).get("content", {}).get(JSON, {})
            names = body.get("schema", {}).get("properties", {})
            for name in names:
                plain = self._word(f"{name} of {path}")
                for value in (f"{plain} and more words", [plain], {plain: plain}):
                    told = json.dumps({**dict.fromkeys(names, 1), name: value}).encode()
                    for who in (LEAD, CASE_MANAGER):
                        await self._send(who, "POST", path, told, Content_Type=JSON, Idempotency_Key=plain)

    async def words_in_headers(self) -> None:
        """Where a header is read, and where none is. A person's words are no purpose and no version."""
        for name in ("Purpose", "If-Match", "Idempotency-Key", "Content-Type", "Accept", "Cookie", "Last-Event-ID"):
            plain = self._word(f"the header {name}")
            for value in (plain, f"{plain} and more", f'"{plain}"', f'W/"{plain}"'):
                for who, path in ((CASE_MANAGER, "engagement"), (LENA, "engagement")):
                    body = json.dumps({"state": "unknown"}).encode()
                    address = f"/cases/{self._story.person}/{path}"
                    await self._send(who, "POST", address, body, **{"Content_Type": JSON, name: value})
                    await self._send(who, "GET", "/worklist", **{name: value})
        number = self._word("a telephone number as a version")
        await self._send(CASE_MANAGER, "POST", f"/cases/{self._story.person}/engagement", b"{}", If_Match='"07700900123"')
        for path in ("/cases", f"/cases/{self._story.person}/allocation"):
            await self._story.seen.there.http.post(path, headers={"Authorization": f"Bearer {number}"})
            await self._story.seen.there.http.get(path, headers={"Authorization": f"{number} {number}"})

    async def words_in_addresses(self) -> None:
        """In the place of each reference, in a query, in an address there is not, by a method there is not."""
        for method, routes in (("get", self._routes), ("post", self._routes)):
            for route in sorted(path for path, methods in routes.items() if method in methods):
                plain = self._word(f"{method} {route}")
                path = re.sub(r"\{\w+\}", plain, route)
                for who in (*WORKERS, PRISON, POLICE):
                    await self._send(who, method.upper(), path + f"?after={plain}&person={plain}&{plain}={plain}")
                    await self._send(who, method.upper(), f"{path}/")
                    await self._send(who, "DELETE", path)
                await self._send(LEAD, "POST", path, b'{"worker": "wrk_nobody"}', Content_Type=JSON)
        plain = self._word("an address there is not")
        for path in (f"/{plain}", f"/static/{plain}", f"/victims/{quote(plain + ' é')}", f"/victims/{plain}%00"):
            await self._send(LEAD, "GET", path)

    async def broken_events(self) -> None:
        """What an agency sends and is refused is kept: sealed, and with nothing of it beside."""
        address = f"/agencies/{PRISON}/events"
        for name in ("type", "specversion", "time", "datacontenttype", "dataschema", "subject", "extension", "id"):
            plain = self._word(f"the attribute {name}")
            event = {**self._event(f"attribute-{name}"), name: f"{plain} and more"}
            await self._send(PRISON, "POST", address, json.dumps(event).encode(), Content_Type=EVENT)
            headers = {f"ce-{key}": quote(str(value)) for key, value in event.items() if key != "data"}
            await self._send(PRISON, "POST", address, json.dumps(event["data"]).encode(), **headers, Content_Type=JSON)
        words = {kind: self._word(f"{kind} in a batch") for kind in _BROKEN}
        for kind, body in broken(words):
            for sent in (b"[" + body + b"]", b"[" + body + b',{"' + self._word(f"beside {kind}").encode() + b'":1}]'):
                await self._send(PRISON, "POST", address, sent, Content_Type=BATCH)
            data = {**self._event(f"data-{kind}"), "data": "here"}
            whole = json.dumps(data).encode().replace(b'"here"', body)
            await self._send(PRISON, "POST", address, whole, Content_Type=EVENT)
            await self._send(PRISON, "POST", address, whole, Content_Type=f"text/{words[kind]}")
            await self._send(PRISON, "POST", address, whole, Content_Type=EVENT, Content_Length=str(len(whole) + 9))

    def _event(self, id: str) -> dict[str, Any]:
        kind = reports.OrderBreached
        happened = {"order": "NM-2026-0001", "breached_at": "2026-02-20T18:45:00Z", "means": "telephone"}
        report = {**happened, **self._story.canaries.of(kind), "about": self._story.canaries.him(About, id)}
        named = {"specversion": "1.0", "id": id, "source": "//hmp-fennholt.example.org/tests"}
        return {**named, "type": kind_of(kind), "data": report}

    async def events_of_others(self) -> None:
        """A report of every kind by an agency that may not tell it, in another's name, and with one field too many,
        missing or wrong; and one of somebody nobody knows, which waits."""
        for kind in reports.ALL:
            name = kind_of(kind)
            report = {**self._story.canaries.of(kind, "refused: "), "about": self._story.canaries.him(About, "refused: ")}
            if kind is reports.ReferralMade:
                report["victims"] = [self._story.canaries.of(VictimDetails, "refused: ")]
            number = {"type": "CRN", "value": "X000001"}
            for place, data in enumerate(
                (report, {**report, self._word(name): 1}, {**report, "about": {**report["about"], "identifiers": [number]}})
            ):
                event = {**self._event(f"other-{name}-{place}"), "type": name, "data": data}
                for who, of in ((HOMES, HOMES), (POLICE, PRISON), (PRISON, PRISON), (POLICE, POLICE), (LENA, PRISON)):
                    sent = json.dumps(event).encode()
                    await self._send(who, "POST", f"/agencies/{of}/events", sent, Content_Type=EVENT)

    async def story_again(self) -> None:
        """Every request of the story once more, whole, and under its key with another body."""
        taken = [each for each in self._story.seen.exchanges if each.method == "POST" and each.status < 300]
        for each in taken:
            if each.reader in CLIENTS:
                sent = each.sent.replace(b"2026-02-20T18:45:00Z", b"2026-02-20T18:46:00Z")
                for body in (each.sent, sent):
                    await self._send(each.reader, "POST", each.path, body, Content_Type=JSON, Idempotency_Key="again")


async def attack(story: Story, routes: Mapping[str, Mapping[str, Any]]) -> None:
    """All of it; then everybody has heard of what came of it."""
    await Attacks(story, routes, await references(story)).all()
    await story.seen.pause()
