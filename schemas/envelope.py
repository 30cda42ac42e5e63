"""The envelope of every journal record and message: CloudEvents 1.0 in its structured JSON form.

Encoded once; the same bytes are stored, hashed and carried. Attributes that do not apply are left out, as
CloudEvents asks. Nothing in a message's envelope counts, times or names a private record.
"""

from msgspec import UNSET, Raw, Struct, UnsetType


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A journal record. `number` and the advance of `logicaltime` belong to messages alone.

    Times are RFC 3339 in UTC with microseconds. `logicaltime` is one more than the largest in this service's
    messages and in everything it heard before. `salt` keeps a short coded record from being guessed by its digest.
    """

    id: str
    source: str
    type: str
    subject: str
    time: str
    recordedtime: str
    logicaltime: int
    salt: str
    site: str
    correlationid: str
    causationid: str
    actor: str
    specversion: str
    datacontenttype: str
    dataschema: str | UnsetType = UNSET
    person: str | UnsetType = UNSET
    number: int | UnsetType = UNSET
    agency: str | UnsetType = UNSET
    onbehalfof: str | UnsetType = UNSET
    purpose: str | UnsetType = UNSET
    basis: str | UnsetType = UNSET
    basisversion: str | UnsetType = UNSET
    classification: str | UnsetType = UNSET
    clockdoubt: bool | UnsetType = UNSET
    data: Raw
