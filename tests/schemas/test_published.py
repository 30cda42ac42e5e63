"""What is published is what the classes say today, and what is shown of it can be read by the code that reads it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from infra.clock import ManualClock
from infra.entropy import SeededEntropy
from infra.journal.codec import Codec
from infra.journal.database import Database, sqlite_url
from infra.journal.journal import Journal
from infra.journal.staging import Cause
from infra.service import Service
from schemas import vocabulary
from schemas.disruption import OrderServed
from schemas.envelope import Record
from schemas.event import Message
from schemas.reports import BY_KIND
from schemas.victim_liaison import LiaisonNamed
from scripts import publish
from scripts.story import people, told
from services.disruption.domain import order
from services.intake import cloudevents, decoding
from services.victim_liaison.domain import circle

FOLDER: Final = publish.REPOSITORY / publish.FOLDER
NOW: Final = datetime(2026, 4, 20, tzinfo=UTC)
AGAIN: Final = "what is published is not what the code says: python -m scripts.publish"


def test_what_is_published_is_what_the_code_says() -> None:
    wanted = publish.published()
    there = {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*.json")}

    assert sorted(wanted) == sorted(there), AGAIN
    assert [] == [name for name, text in wanted.items() if there[name].read_bytes() != text.encode()], AGAIN


def test_publishing_twice_changes_nothing(tmp_path: Path) -> None:
    first = publish.publish(tmp_path)
    (tmp_path / publish.FOLDER / "examples" / "gate.opened.v1.json").write_text("{}", encoding="utf-8")
    second = publish.publish(tmp_path)

    assert len(publish.published()) == len(first)
    assert [f"{publish.FOLDER.as_posix()}/examples/gate.opened.v1.json"] == second
    assert [] == publish.publish(tmp_path)


@pytest.mark.parametrize("name", vocabulary.MESSAGES)
def test_an_example_is_a_whole_record_of_its_message(name: str) -> None:
    raw = (FOLDER / "examples" / f"{name}.json").read_bytes()
    codec = Codec()
    record = codec.envelope(raw)
    event = codec.event(record)

    assert vocabulary.MESSAGES[name] is type(event)
    assert msgspec.json.decode(record.data) == msgspec.json.decode(codec.data(event))


@pytest.mark.parametrize("kind", BY_KIND)
def test_an_example_of_a_report_is_taken_as_it_is(kind: str) -> None:
    raw = (FOLDER / "examples" / f"{kind}.json").read_bytes()
    event = cloudevents.read(cloudevents.Sent(body=raw), NOW)
    report = decoding.report(decoding.known_kind(event.kind), event.data, NOW)

    assert BY_KIND[kind] is type(report)
    if isinstance(report.about, msgspec.Struct):
        assert decoding.identifiers(report.about, NOW)


def test_no_example_shows_a_plain_word_that_would_be_sealed() -> None:
    reports = [msgspec.json.decode((FOLDER / "examples" / f"{kind}.json").read_bytes()) for kind in BY_KIND]
    words = {text for report in reports for text in texts(report["data"])}
    shown = "".join((FOLDER / "examples" / f"{name}.json").read_text("utf-8") for name in vocabulary.MESSAGES)

    assert {"Exampleby", "Sampleton", "HMP Fennholt", "1 Example Row, Northmere"} <= words
    assert [] == [text for text in words if text in shown]


def texts(data: Any) -> list[str]:
    """Whatever people would read in it: names, sentences, numbers to call."""
    if isinstance(data, dict):
        return [text for value in data.values() for text in texts(value)]
    if isinstance(data, list):
        return [text for value in data for text in texts(value)]
    return [data] if isinstance(data, str) and (" " in data or data.isalpha()) and data != data.lower() else []


def test_every_message_is_in_the_channel_of_its_service_and_in_no_other() -> None:
    document = msgspec.json.decode((FOLDER / "asyncapi.json").read_bytes())
    said = [name for channel in document["channels"].values() for name in channel["messages"]]

    assert sorted([*vocabulary.MESSAGES, *BY_KIND]) == sorted(said)
    assert set(said) == set(document["components"]["messages"])
    for name in vocabulary.MESSAGES:
        service = told_by(name)

        assert f"cordon.{{site}}.{service}" == document["channels"][service]["address"]
        assert name in document["channels"][service]["messages"]


def told_by(name: str) -> str:
    """The service whose journal a message of the story stands in."""
    return next(record.source.rpartition("/")[2] for record in told().records if record.type == name)


def test_every_reference_leads_somewhere() -> None:
    for path in FOLDER.glob("*.json"):
        document = msgspec.json.decode(path.read_bytes())
        for reference in references(document):
            file, _, pointer = reference.partition("#")
            found = msgspec.json.decode((FOLDER / file).read_bytes()) if file else document
            for step in pointer.split("/")[1:]:
                found = found[step]


def references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [reference for value in node for reference in references(value)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    return [*own, *(reference for value in node.values() for reference in references(value))]


@pytest.mark.parametrize(
    ("service", "decider", "id", "event"),
    [
        (
            "disruption",
            order,
            people.ORDER,
            OrderServed(
                order=people.ORDER, person=people.PERSON, occurred_at="2026-03-05T14:20:00Z", method="in-person"
            ),
        ),
        (
            "victim_liaison",
            circle,
            people.PERSON,
            LiaisonNamed(person=people.PERSON, worker=people.LENA, standing="assigned"),
        ),
    ],
)
def test_the_story_stands_in_envelopes_as_a_journal_writes_them(
    service: str, decider: Any, id: str, event: Message, tmp_path: Path
) -> None:
    in_story = next(record for record in told().records if record.type == event.TYPE)
    cause = Cause(id="cause", correlation="correlation", actor="service:disruption")
    database = Database(sqlite_url(tmp_path / "journal.sqlite"))
    journal = Journal(Service(name=service), database, site=people.SITE, entropy=SeededEntropy(1))
    with journal.transaction(ManualClock(NOW).now()) as transaction:
        transaction.append(decider, id, [event], cause)
    written = [journal.envelope_and_event(entry)[0] for entry in journal.read()]
    database.close()

    assert looks_of(in_story) == looks_of(written[0])
    assert event.CROSSES == (written[-1].type == "journal.crossed.v1")


def looks_of(record: Record) -> dict[str, object]:
    """What does not depend on the moment, the place in the chain or the cause of a record."""
    said = msgspec.json.decode(msgspec.json.encode(record))
    return {
        **dict.fromkeys(said),
        **{name: said[name] for name in ("source", "specversion", "type", "subject", "datacontenttype", "site")},
        "names its cause": record.causationid != record.id,
        "names its actor": record.actor.removeprefix("service:") if record.causationid == record.id else "",
        "salt": len(record.salt),
        "data": said["data"],
    }
