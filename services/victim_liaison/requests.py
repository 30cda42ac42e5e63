"""What may be asked of victim_liaison over HTTP."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from schemas.disruption import Version
from schemas.ids import ActionId, ContactId, PersonId, VictimId, WorkerId
from schemas.reports.report import Code
from schemas.victim_liaison import ContactMeans, Effect, Standing, Verdict, Wish

Words = Annotated[str, Meta(max_length=4000, description="Her own words, or about her: sealed to the victim's side.")]
Codes = Annotated[tuple[Code, ...], Meta(max_length=20)]


class NewVictim(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A victim whom no referral named. Every word is sealed to the victim's side."""

    person: PersonId
    family_name: Annotated[str, Meta(min_length=1, max_length=100)]
    given_names: Annotated[str, Meta(min_length=1, max_length=100)]
    relationship: Code
    telephone: Annotated[str, Meta(max_length=40)] = ""
    address: Annotated[str, Meta(max_length=400)] = ""


class Assignment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Name who stands with a victim: her own worker, or a substitute where she has none."""

    worker: WorkerId
    standing: Standing = "assigned"


class Substitution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Name who answers while no victim of this person is known."""

    worker: WorkerId


class NewContact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """He made contact, as she tells it. `wants` is what she wants done."""

    occurred_at: Annotated[datetime, Meta(tz=True, description="RFC 3339, with an offset.")]
    means: ContactMeans
    words: Words
    wants: Annotated[tuple[Wish, ...], Meta(max_length=20)] = ()


class NewRelease(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let this much of a report be known on the other side: a code of the catalogue's releases."""

    contact: ContactId
    code: Code


class NewAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Answer about one version of an action, for one victim; for none (null) only as the person's substitute."""

    version: Version
    victim: VictimId | None
    verdict: Verdict
    conditions: Codes = ()
    reason: Words = ""


class StepDone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step that had to come first is done."""

    version: Version
    victim: VictimId | None
    condition: Code


class NewImpact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an action changed for her. The effect crosses as a code; her words do not."""

    action: ActionId
    effect: Effect
    words: Words = ""
