"""The last chapter: what journals keep of themselves, and what audit keeps of everybody's messages."""

from msgspec import Raw

from infra.journal.chain import link
from infra.journal.staging import Cause
from schemas.audit import MessageWitnessed
from schemas.envelope import Record
from schemas.journal import Arrived, Asked, Heard, HearingGrew, PersonalDataOpened, SourceStopped
from schemas.rejection import Answer
from scripts.story import people
from scripts.story.people import RUTH, SEARCH, SEARCH_TASK, digest
from scripts.story.telling import Story, asked


def tell(story: Story, tasking: Record) -> None:
    """Asked and refused, heard, begun to hear, stopped, arrived, opened, witnessed."""
    _asked(story, tasking)
    _hearing(story)
    _arrived(story)
    _opened(story)
    _witnessed(story)


def _asked(story: Story, tasking: Record) -> None:
    """The tasking that was let through, and one that had been refused the day before."""
    facts = Raw(b'{"now":"2026-03-12T11:30:00Z","task":"%b","liaison_heard":true}' % SEARCH_TASK.encode())
    let_through = Asked(
        command_id=tasking.causationid,
        fingerprint=digest("task"),
        stream=f"action-{SEARCH}",
        command="TaskAction",
        facts=facts,
        rules_version=1,
        answers=(Answer(rule="victim-liaison-unreachable"), Answer(rule="clearance-missing")),
        refused=None,
        pointer="",
        events=(tasking.id,),
        version=9,
    )
    story.tell("disruption", "asked", let_through, at="04-14 09:00", why=asked(people.CHRIS, "task"))
    why = asked(people.CHRIS, "task too early")
    refused = Asked(
        command_id=why.id,
        fingerprint=digest("task too early"),
        stream=f"action-{SEARCH}",
        command="TaskAction",
        facts=facts,
        rules_version=1,
        answers=(Answer(rule="clearance-missing", refused="clearance-missing"),),
        refused="clearance-missing",
        pointer="",
        events=(),
        version=1,
    )
    story.tell("disruption", "asked", refused, at="04-14 09:01", why=why)


def _hearing(story: Story) -> None:
    why = Cause(id=digest("hearing").hex()[:32], correlation=digest("hearing").hex()[:32], actor="service:disruption")
    number, hash = story.number_of("victim_liaison"), story.hash_of("victim_liaison")
    heard = Heard(source="victim_liaison", after=number - 2, to=number, hash=hash)
    stream = "heard-victim_liaison"
    story.tell("disruption", stream, heard, at="04-14 09:02", why=why)
    grew = HearingGrew(source="victim_liaison", kinds=("victim-liaison.impact-recorded.v1",), to=number)
    story.tell("disruption", stream, grew, at="04-14 09:03", why=why)
    stopped = SourceStopped(source="victim_liaison", number=number + 1, code="unknown-type")
    story.tell("disruption", stream, stopped, at="04-14 09:04", why=why)


def _arrived(story: Story) -> None:
    """The prison's system told over its topic what it had told before; the first record there."""
    topic = f"agency.{people.PRISON}"
    arrived = Arrived(topic=topic, after=-1, offset=0, digest=digest("the first record"))
    story.tell("intake", f"arrived-{topic}", arrived, at="04-14 09:04", why=asked(people.PRISON, "refuse"))


def _opened(story: Story) -> None:
    opened = PersonalDataOpened(
        reader=people.LENA,
        on_behalf_of="",
        purpose="support-victim",
        fields=(f"victim/{RUTH}/family_name", f"victim/{RUTH}/telephone"),
    )
    why = asked(people.LENA, "look at her details", purpose="support-victim")
    story.tell("victim_liaison", "opened", opened, at="04-14 09:05", why=why)


def _witnessed(story: Story) -> None:
    """The first message that intake said."""
    first = next(
        record for record in story.records if record.source.endswith("/intake") and isinstance(record.number, int)
    )
    raw = story.codec.encode(first)
    witnessed = MessageWitnessed(service="intake", number=1, hash=link(bytes(32), raw), record=raw.decode())
    story.tell("audit", "ledger-intake", witnessed, at="04-14 09:06", why=first)
