"""The net catches: a word is found in every guise and wherever it gets out, and a field that is added is personal."""

import hashlib
import logging
from base64 import b32encode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

import msgspec
import pytest
from msgspec import Struct

from infra.journal.staging import Cause
from infra.logs import log
from schemas.ids import derive
from schemas.reports.report import Code, Report, Text
from schemas.victim_liaison import InformationReleased
from tests.domain.alone import SAYS_ANYTHING
from tests.installation import AUDITOR, OPERATOR
from tests.walls.canaries import IDENTIFIERS, Canaries, Canary, caught, net
from tests.walls.personal import personal, texts
from tests.walls.watched import Watched, watched

Guise = Callable[[str], str]

GUISES: Final[Mapping[str, Guise]] = {
    "capitals": str.upper,
    "backwards": lambda word: word[::-1],
    "hexadecimal": lambda word: word.encode().hex(),
    "hexadecimal of capitals": lambda word: word.upper().encode().hex().upper(),
    "URL encoding": lambda word: "".join(f"%{byte:02X}" for byte in word.encode()),
    "JSON escapes": lambda word: "".join(f"\\u{ord(letter):04x}" for letter in word),
    "base64": lambda word: b64encode(word.encode()).decode(),
    "base64 one further": lambda word: b64encode(b"." + word.encode()).decode(),
    "base64 two further": lambda word: urlsafe_b64encode(b"??" + word.encode()).decode(),
    "base64 of capitals": lambda word: b64encode(word.upper().encode()).decode(),
    "base64 of a name": lambda word: b64encode(word.capitalize().encode()).decode(),
    "base32": lambda word: b32encode(word.encode()).decode(),
    "a digest": lambda word: hashlib.sha256(word.encode()).hexdigest(),
    "a digest in base64": lambda word: b64encode(hashlib.sha256(word.upper().encode()).digest()).decode(),
}


class Nickname(Report, frozen=True, kw_only=True, tag="police.nickname-heard.v1"):
    """A report whose author forgot that a name is to be sealed."""

    heard_as: str
    account: Text
    grade: Code


class Remark(Struct, frozen=True, kw_only=True):
    """A request of which one field takes codes, and the others take anything."""

    code: Code
    words: tuple[str, ...]
    by_place: dict[str, str]


def canary() -> Canaries:
    canaries = Canaries()
    canaries.word("somewhere")
    return canaries


def finds(hidden: str, canaries: list[Canary]) -> bool:
    return bool(caught(net(canaries), {"heap": f'{{"name": "{hidden}"}}'.encode()}))


@pytest.mark.parametrize("guise", GUISES.values(), ids=GUISES.keys())
def test_a_word_is_found_in_every_guise(guise: Guise) -> None:
    canaries = canary()

    assert finds(guise(canaries.all[0].plain), canaries.all)
    assert not finds(guise("an ordinary word"), canaries.all)


@pytest.mark.parametrize("guise", [str, str.lower, quote, quote_plus, lambda one: quote(one, safe="")])
@pytest.mark.parametrize("number", [one for both in IDENTIFIERS.values() for one in both])
def test_a_number_is_found_as_it_is_typed_and_as_it_is_kept(number: str, guise: Guise) -> None:
    canaries = Canaries()
    canaries.him(Nickname, "")

    assert finds(guise(number), canaries.all)


@pytest.mark.parametrize("written", ["07700 900123", "07700900123", "+447700900123", "07700+900123", "07700%20900123"])
def test_a_telephone_number_is_found_however_it_is_written(written: str) -> None:
    canaries = Canaries()
    for kind in {field.kind for field in personal()}:
        canaries.of(kind)

    assert finds(written, canaries.all)


def test_a_field_that_takes_any_words_is_personal() -> None:
    """Whoever adds one has to seal it, or to say in its pattern which codes it takes."""
    assert {"heard_as", "account"} == {field.name for field in texts(Nickname) if field.takes_anything}
    assert {"words", "by_place"} == {field.name for field in texts(Remark) if field.takes_anything}


def test_a_field_of_no_shape_is_refused() -> None:
    class Anything(Struct):
        what: msgspec.Raw

    with pytest.raises(TypeError, match="no shape"):
        list(texts(Anything))


async def leak(seen: Watched, word: str) -> None:
    """Into a journal, a log of ours and of a library, a metric, a file; and from there into answers."""
    said = InformationReleased(release=derive("rel", "leak"), person=derive("per", "leak"), code=word)
    cause = Cause(id="leak", correlation="leak", actor="wrk_somebody")
    runner = seen.there.host.runners["disruption"]
    await runner.write(lambda transaction: transaction.append(SAYS_ANYTHING, "leak", [said], cause))
    log("failed", code=word)
    logging.getLogger("a.library").debug("sent %s", word)
    seen.there.host.metrics.asked.labels("disruption", word).inc()
    (seen.there.host.settings.data / "left-behind.txt").write_text(word, encoding="utf-8")
    await seen.pause()
    await seen.get(AUDITOR, "/audit/messages")
    await seen.get(OPERATOR, "/metrics")


async def test_a_word_that_gets_out_anywhere_is_found(tmp_path: Path) -> None:
    canaries = canary()
    async with watched(tmp_path) as seen:
        await seen.find_routes()
        before = caught(net(canaries.all), {**seen.kept(), **seen.answered()})
        word = canaries.all[0].plain
        await leak(seen, word)
        found = caught(net(canaries.all), {**seen.kept(), **seen.answered()})
        said = seen.kept()["what was logged"].decode()
    places = {line.partition(": ")[0].rpartition(" ")[2] for line in found}

    assert [] == before
    assert {"disruption.sqlite-wal", "audit.sqlite-wal", "left-behind.txt", "logged", AUDITOR, OPERATOR} <= places
    assert f'"code": "{word}"' in said
    assert f"sent {word}" in said
